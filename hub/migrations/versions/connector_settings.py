"""How the hub treats each connector can be changed while it runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "connector_settings"
down_revision = "connector_watch"


def upgrade() -> None:
    op.create_table(
        "connector_settings",
        sa.Column("name", sa.String(), sa.ForeignKey("connector.name"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
    )

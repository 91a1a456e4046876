"""The secret before a change of secrets is good for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "previous_secret"
down_revision = "recorded_operations"


def upgrade() -> None:
    with op.batch_alter_table("oauth_client") as batch_op:
        batch_op.add_column(sa.Column("previous_secret_hash", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("previous_secret_ends_at", UtcDateTime(), nullable=True))

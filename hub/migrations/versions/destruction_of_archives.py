"""Lists of archives to be destroyed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "destruction_of_archives"
down_revision = "door_visits"

_WAITING = sa.text("state = 'APPROVED'")


def upgrade() -> None:
    op.create_table(
        "destruction_list",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("number", sa.String(), nullable=False, unique=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=True),
        sa.Column("archivist", sa.String(), nullable=True),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("waits_until", UtcDateTime(), nullable=True),
        sa.Column("executed_at", UtcDateTime(), nullable=True),
        sa.Column("certificate", sa.String(), nullable=True),
    )
    op.create_index(
        "ix_destruction_list_due",
        "destruction_list",
        ["waits_until"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_table(
        "destruction_entry",
        sa.Column("case_id", sa.String(), primary_key=True),
        sa.Column("list_id", sa.String(), sa.ForeignKey("destruction_list.id"), nullable=False),
        sa.Column("receipt_number", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("retained_until", UtcDateTime(), nullable=False),
        sa.Column("destroyed_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_destruction_entry_list_id", "destruction_entry", ["list_id"])
    op.create_table(
        "destruction_event",
        sa.Column("list_id", sa.String(), sa.ForeignKey("destruction_list.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
    )

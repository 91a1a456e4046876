"""Notices that an operator had sent again: who, when and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "notices_sent_again"
down_revision = "licence_key_revocations"


def upgrade() -> None:
    op.add_column("notice_delivery", sa.Column("again_at", UtcDateTime(), nullable=True))
    op.create_table(
        "notice_resend",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_notice_resend_delivery_id", "notice_resend", ["delivery_id"])

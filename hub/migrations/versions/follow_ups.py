"""Ratings of appointments, and what follows low ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "follow_ups"
down_revision = "keys_that_sign_later"

_TICKING = sa.text("clock_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "appointment_rating",
        sa.Column("appointment_id", sa.String(), sa.ForeignKey("appointment.id"), primary_key=True),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_appointment_rating_item_code", "appointment_rating", ["item_code"])
    op.create_table(
        "follow_up",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("number", sa.String(), nullable=False, unique=True),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("about_id", sa.String(), nullable=False),
        sa.Column("about_number", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("item_code", sa.String(), nullable=True),
        sa.Column("rater", sa.String(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("finding", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("malicious_why", sa.String(), nullable=True),
        sa.Column("handled_by", sa.JSON(), nullable=False),
        sa.Column("rated_at", UtcDateTime(), nullable=False),
        sa.Column("verify_by", UtcDateTime(), nullable=False),
        sa.Column("resolve_by", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("clock_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("occasion", "about_id"),
    )
    op.create_index("ix_follow_up_rater", "follow_up", ["rater"])
    op.create_index("ix_follow_up_work", "follow_up", ["department", "state", "resolve_by"])
    op.create_index(
        "ix_follow_up_clock", "follow_up", ["clock_at"], sqlite_where=_TICKING, postgresql_where=_TICKING
    )
    op.create_table(
        "follow_up_event",
        sa.Column("follow_up_id", sa.String(), sa.ForeignKey("follow_up.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
    )

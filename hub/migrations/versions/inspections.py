"""Inspections and their events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "inspections"
down_revision = "told_changes"

_TICKING = sa.text("clock_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("number", sa.String(), nullable=False, unique=True),
        sa.Column("case_id", sa.String(), sa.ForeignKey("service_case.id"), nullable=False),
        sa.Column("applicant", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("inspector", sa.String(), nullable=True),
        sa.Column("begins_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("evidence", sa.Integer(), nullable=False),
        sa.Column("findings", sa.String(), nullable=True),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("clock_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_inspection_case_id", "inspection", ["case_id"])
    op.create_index("ix_inspection_work", "inspection", ["department", "state", "ordered_at"])
    op.create_index("ix_inspection_inspector", "inspection", ["inspector", "begins_at"])
    op.create_index(
        "ix_inspection_clock", "inspection", ["clock_at"], sqlite_where=_TICKING, postgresql_where=_TICKING
    )
    op.create_table(
        "inspection_event",
        sa.Column("inspection_id", sa.String(), sa.ForeignKey("inspection.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
    )

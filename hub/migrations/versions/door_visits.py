"""Visits at the door."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "door_visits"
down_revision = "callers"


def upgrade() -> None:
    op.create_table(
        "door_visit",
        sa.Column("appointment_id", sa.String(), sa.ForeignKey("appointment.id"), primary_key=True),
        sa.Column("number", sa.String(), nullable=False, unique=True),
        sa.Column("resident", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_door_visit_officer", "door_visit", ["officer", "state", "begins_at"])
    op.create_index("ix_door_visit_department", "door_visit", ["department", "state", "begins_at"])
    op.create_table(
        "door_visit_event",
        sa.Column("appointment_id", sa.String(), sa.ForeignKey("door_visit.appointment_id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
    )

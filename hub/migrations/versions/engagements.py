"""The calendar of officers who are out, with the inspections that have a time already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "engagements"
down_revision = "notice_deliveries"


def upgrade() -> None:
    op.create_table("officer_calendar", sa.Column("officer", sa.String(), primary_key=True))
    op.create_table(
        "officer_engagement",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("officer", sa.String(), sa.ForeignKey("officer_calendar.officer"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_officer_engagement_time", "officer_engagement", ["officer", "begins_at"])
    op.execute(
        "INSERT INTO officer_calendar (officer) SELECT DISTINCT inspector FROM inspection"
        " WHERE state = 'SCHEDULED' AND inspector IS NOT NULL"
    )
    op.execute(
        "INSERT INTO officer_engagement (subject, officer, number, begins_at, ends_at)"
        " SELECT 'inspection/' || id, inspector, number, begins_at, ends_at FROM inspection"
        " WHERE state = 'SCHEDULED' AND inspector IS NOT NULL"
    )

"""Surveys and their answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.storage.database import UtcDateTime

revision = "surveys"
down_revision = "destruction_of_archives"


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("number", sa.String(), nullable=False, unique=True),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("lead_en", sa.String(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answer_en", sa.String(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
    )
    op.create_index("ix_survey_closes", "survey", ["closes_at"])
    op.create_index("ix_survey_department", "survey", ["department"])
    op.create_table(
        "survey_response",
        sa.Column("survey_id", sa.String(), sa.ForeignKey("survey.id"), primary_key=True),
        sa.Column("respondent", sa.String(), primary_key=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )

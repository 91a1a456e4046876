"""Surveys and what was answered to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class SurveyRow(SQLModel, table=True):
    """One survey. ``questions`` never change; ``answer`` is what the department makes of what it heard."""

    __tablename__ = "survey"
    __table_args__ = (Index("ix_survey_closes", "closes_at"),)

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    department: str = Field(index=True)
    title: str
    title_en: str
    lead: str = ""
    lead_en: str = ""
    questions: Any = Field(sa_column=Column(JSON, nullable=False))
    opens_at: datetime = Field(sa_type=UtcDateTime)
    closes_at: datetime = Field(sa_type=UtcDateTime)
    answer_by: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: str
    answer: str | None = None
    answer_en: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: str | None = None


class SurveyResponseRow(SQLModel, table=True):
    """One person's answers. ``respondent`` is a digest of survey and person: it is another one in each survey."""

    __tablename__ = "survey_response"

    survey_id: str = Field(primary_key=True, foreign_key="survey.id")
    respondent: str = Field(primary_key=True)
    answers: Any = Field(sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=UtcDateTime)

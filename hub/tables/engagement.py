"""When officers are out: the calendar from which inspections and visits at the door take their time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class OfficerCalendarRow(SQLModel, table=True):
    """One row for each officer who was ever dispatched: whoever gives out their time holds its lock."""

    __tablename__ = "officer_calendar"

    officer: str = Field(primary_key=True)


class EngagementRow(SQLModel, table=True):
    """An officer is out from ``begins_at`` to ``ends_at``. ``subject`` says for what: ``inspection/<id>``; what
    is moved to another time takes its row along. ``number`` is how people know it."""

    __tablename__ = "officer_engagement"
    __table_args__ = (Index("ix_officer_engagement_time", "officer", "begins_at"),)

    subject: str = Field(primary_key=True)
    officer: str = Field(foreign_key="officer_calendar.officer")
    number: str
    begins_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)

"""Follow-ups of low ratings with their events, and the ratings of appointments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime

_TICKING = text("clock_at IS NOT NULL")


class AppointmentRatingRow(SQLModel, table=True):
    """The rating of a used appointment; the key makes it one."""

    __tablename__ = "appointment_rating"

    appointment_id: str = Field(primary_key=True, foreign_key="appointment.id")
    item_code: str | None = Field(default=None, index=True)
    stars: int
    comment: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class FollowUpRow(SQLModel, table=True):
    """What the events of one follow-up amount to now. ``occasion`` and ``about_id`` say what was rated: one each.

    ``clock_at`` is the next moment at which something falls due; ``handled_by`` had a part in what was rated."""

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("occasion", "about_id"),
        Index("ix_follow_up_work", "department", "state", "resolve_by"),
        Index("ix_follow_up_clock", "clock_at", sqlite_where=_TICKING, postgresql_where=_TICKING),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    occasion: str
    about_id: str
    about_number: str
    department: str = ""
    item_code: str | None = None
    rater: str = Field(index=True)
    stars: int
    comment: str | None = None
    state: str
    version: int
    officer: str | None = None
    finding: str | None = None
    outcome: str | None = None
    reply: str | None = None
    malicious_why: str | None = None
    handled_by: Any = Field(sa_column=Column(JSON, nullable=False))
    rated_at: datetime = Field(sa_type=UtcDateTime)
    verify_by: datetime = Field(sa_type=UtcDateTime)
    resolve_by: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    clock_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FollowUpEventRow(SQLModel, table=True):
    """One event of one follow-up."""

    __tablename__ = "follow_up_event"

    follow_up_id: str = Field(primary_key=True, foreign_key="follow_up.id")
    version: int = Field(primary_key=True)
    type: str
    state: str
    at: datetime = Field(sa_type=UtcDateTime)
    data: Any = Field(sa_column=Column(JSON, nullable=False))

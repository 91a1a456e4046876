"""Visits at the door and their events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class DoorVisitRow(SQLModel, table=True):
    """What the events of the visit to one appointment amount to now."""

    __tablename__ = "door_visit"
    __table_args__ = (
        Index("ix_door_visit_officer", "officer", "state", "begins_at"),
        Index("ix_door_visit_department", "department", "state", "begins_at"),
    )

    appointment_id: str = Field(primary_key=True, foreign_key="appointment.id")
    number: str = Field(unique=True)
    resident: str
    department: str
    case_id: str | None = None
    officer: str
    state: str
    version: int
    begins_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    note: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DoorVisitEventRow(SQLModel, table=True):
    """One event of one visit; the pair is unique."""

    __tablename__ = "door_visit_event"

    appointment_id: str = Field(primary_key=True, foreign_key="door_visit.appointment_id")
    version: int = Field(primary_key=True)
    type: str
    state: str
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    officer: str
    note: str | None = None

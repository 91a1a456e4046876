"""Inspections: their events, and the projection read most."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime

_TICKING = text("clock_at IS NOT NULL")


class InspectionRow(SQLModel, table=True):
    """What the events of one inspection amount to now. ``clock_at`` is when it is overdue, until it was told."""

    __tablename__ = "inspection"
    __table_args__ = (
        Index("ix_inspection_work", "department", "state", "ordered_at"),
        Index("ix_inspection_inspector", "inspector", "begins_at"),
        Index("ix_inspection_clock", "clock_at", sqlite_where=_TICKING, postgresql_where=_TICKING),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    case_id: str = Field(foreign_key="service_case.id", index=True)
    applicant: str
    department: str
    way: str
    address: str
    latitude: float | None = None
    longitude: float | None = None
    state: str
    version: int
    inspector: str | None = None
    begins_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    evidence: int = 0
    findings: str | None = None
    ordered_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    clock_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class InspectionEventRow(SQLModel, table=True):
    """One event of one inspection; the pair is unique, so two writers cannot both be next."""

    __tablename__ = "inspection_event"

    inspection_id: str = Field(primary_key=True, foreign_key="inspection.id")
    version: int = Field(primary_key=True)
    type: str
    state: str
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str | None = None
    data: Any = Field(sa_column=Column(JSON, nullable=False))

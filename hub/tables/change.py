"""The change feed: which case changed, in one global order given by the relay alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from hub.database import UtcDateTime
from hub.tables.case import Serial

_WAITING = text("position IS NULL")


class CaseChangeRow(SQLModel, table=True):
    """One version of one case. ``position`` is empty until the relay has given it its place."""

    __tablename__ = "case_change"
    __table_args__ = (Index("ix_case_change_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),)

    id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    position: int | None = Field(default=None, sa_column=Column(Serial, unique=True))
    case_id: str
    version: int
    applicant: str
    at: datetime = Field(sa_type=UtcDateTime)


class ChangeCounterRow(SQLModel, table=True):
    """The last position given; its row is the lock under which positions are given."""

    __tablename__ = "change_counter"

    id: int = Field(primary_key=True)
    position: int = Field(sa_column=Column(Serial, nullable=False))

"""The working calendar as data: every load of a year is a version of its own, and stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class CalendarYearRow(SQLModel, table=True):
    """One year as one version has it. ``holidays`` are [day, zh, en], ``adjusted`` are days."""

    __tablename__ = "working_calendar"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    year: int = Field(index=True)
    holidays: Any = Field(sa_column=Column(JSON, nullable=False))
    adjusted: Any = Field(sa_column=Column(JSON, nullable=False))
    source: str
    is_estimated: bool
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    loaded_by: str

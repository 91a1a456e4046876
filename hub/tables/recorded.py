"""What was asked of the graph and of each connector: counts, no value. All processes add to the same rows."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class RecordedOperationRow(SQLModel, table=True):
    """One operation, its values taken out. ``coordinates`` are those of its document."""

    __tablename__ = "recorded_operation"

    hash: str = Field(primary_key=True)
    name: str
    kind: str
    document: str
    has_values: bool
    coordinates: list[str] = Field(sa_column=Column(JSON, nullable=False))
    first_seen: datetime = Field(sa_type=UtcDateTime)
    last_seen: datetime = Field(sa_type=UtcDateTime)


class RecordedUseRow(SQLModel, table=True):
    """How often one client sent an operation on one day (UTC)."""

    __tablename__ = "recorded_use"

    day: date = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    client: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    count: int
    errors: int
    last_seen: datetime = Field(sa_type=UtcDateTime)


class RecordedDurationRow(SQLModel, table=True):
    """How many answers of one day took as long as a bucket says (:mod:`hub.recording.durations`)."""

    __tablename__ = "recorded_duration"

    day: date = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    bucket: int = Field(primary_key=True)
    count: int


class RecordedValueRow(SQLModel, table=True):
    """An enum value, input field or input type that came in variables, and the last day that it did."""

    __tablename__ = "recorded_value"

    operation: str = Field(primary_key=True)
    coordinate: str = Field(primary_key=True)
    last_day: date


class ConnectorTrafficRow(SQLModel, table=True):
    """Requests to one connector in one minute; ``code`` is empty for those that were answered well."""

    __tablename__ = "connector_traffic"

    connector: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    code: str = Field(primary_key=True)
    count: int


class ConnectorDurationRow(SQLModel, table=True):
    """How many of them took as long as a bucket says."""

    __tablename__ = "connector_duration"

    connector: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    bucket: int = Field(primary_key=True)
    count: int

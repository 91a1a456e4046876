"""Messages that a transaction has decided to send; the relay sends them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime
from hub.tables.case import Serial

_OPEN = text("done_at IS NULL")


class OutboxRow(SQLModel, table=True):
    """One message. ``next_attempt_at`` is both the time of the next try and the lease of the present one.

    ``done_at`` is set once nothing is left to do: published, or for a command, its outcome is known.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open", "next_attempt_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_case", "partition_key", "sequence", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    sequence: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    id: str = Field(unique=True)
    address: str
    partition_key: str
    message: Any = Field(sa_column=Column(JSON, nullable=False))
    awaits_outcome: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_attempt_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = None
    last_error: str | None = None

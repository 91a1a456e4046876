"""Durable requests: the ticket of each, and the keys under which clients may repeat them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime
from hub.tables.case import Serial

_OPEN = text("state IN ('ACCEPTED', 'OUTCOME_UNKNOWN')")

_SENT = text("state = 'SENT'")


class TicketRow(SQLModel, table=True):
    """One request. ``result`` is the department's answer under canonical names (``hub.durable_selection``).

    ``stalled_at`` is since when its command lies with the dead letters.

    ``part`` tells the requests apart that one HTTP request made under one key.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_owner", "owner", "sequence"),
        Index("ix_ticket_open", "state", "expires_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_ticket_key", "owner", "key", "part"),
        Index("ix_ticket_department", "department", "state", "sequence"),
        Index("ix_ticket_done", "done_at"),
        Index("ix_ticket_under_way", "sent_at", sqlite_where=_SENT, postgresql_where=_SENT),
    )

    sequence: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    id: str = Field(unique=True)
    owner: str
    department: str
    subgraph: str
    field: str
    state: str
    version: int
    key: str | None = None
    part: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    result: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    error_code: str | None = None
    error_message: str | None = None
    resolved_by: str | None = None
    reason: str | None = None
    stalled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TicketKeyRow(SQLModel, table=True):
    """One idempotency key of one owner. ``fingerprint`` is of the request that it stands for since ``at``.

    The row is the lock under which requests with the same key take turns.
    """

    __tablename__ = "ticket_key"

    owner: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)

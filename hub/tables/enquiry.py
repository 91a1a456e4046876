"""Consultations, suggestions and complaints: their events, the projection read most, and published answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime

_TICKING = text("clock_at IS NOT NULL")
_LIVE = text("withdrawn_at IS NULL")


class EnquiryRow(SQLModel, table=True):
    """What the events of one enquiry amount to now.

    ``clock_at`` is the next moment at which something falls due, ``clock_seen`` until when moments were looked
    after; both are computed from the events, by ``calendar_version``. ``facts`` is what is not searched.
    ``callback`` is where a caller is called back: it is forgotten some time after the answer.
    """

    __tablename__ = "enquiry"
    __table_args__ = (
        UniqueConstraint("asker", "idempotency_key"),
        Index("ix_enquiry_asker_asked", "asker", "asked_at"),
        Index("ix_enquiry_work", "department", "state", "asked_at"),
        Index("ix_enquiry_owner", "owner", "state", "asked_at"),
        Index("ix_enquiry_kind", "kind", "state", "asked_at"),
        Index("ix_enquiry_clock", "clock_at", sqlite_where=_TICKING, postgresql_where=_TICKING),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    kind: str
    asker: str
    state: str
    version: int
    channel: str
    subject: str
    text: str
    item_code: str | None = None
    case_id: str | None = None
    department: str | None = None
    owner: str | None = None
    answer: str | None = None
    stars: int | None = None
    asked_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    clock_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    clock_seen: datetime | None = Field(default=None, sa_type=UtcDateTime)
    calendar_version: int = 0
    facts: Any = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    idempotency_key: str | None = None
    digest: str
    callback: str | None = None


class EnquiryEventRow(SQLModel, table=True):
    """One event of one enquiry; the pair is unique, so two writers cannot both be next."""

    __tablename__ = "enquiry_event"

    enquiry_id: str = Field(primary_key=True, foreign_key="enquiry.id")
    version: int = Field(primary_key=True)
    type: str
    state: str
    actor: str
    channel: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str | None = None
    data: Any = Field(sa_column=Column(JSON, nullable=False))


class KnowledgeRow(SQLModel, table=True):
    """One published answer: question and answer as an officer rewrote them, so that they name nobody."""

    __tablename__ = "knowledge_entry"
    __table_args__ = (
        Index("ix_knowledge_entry_live", "published_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: str = Field(primary_key=True)
    enquiry_id: str = Field(foreign_key="enquiry.id", index=True)
    item_code: str | None = None
    department: str | None = None
    question: str
    answer: str
    keywords: Any = Field(sa_column=Column(JSON, nullable=False))
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: str
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_reason: str | None = None

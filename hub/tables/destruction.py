"""Lists of archives to be destroyed, what stands in each, their events, and the certificate that is left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime

_WAITING = text("state = 'APPROVED'")


class DestructionListRow(SQLModel, table=True):
    """What the events of one list amount to now. ``certificate`` is a compact JWS, once it was executed."""

    __tablename__ = "destruction_list"
    __table_args__ = (
        Index("ix_destruction_list_due", "waits_until", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    state: str
    version: int
    author: str
    reviewer: str | None = None
    archivist: str | None = None
    drafted_at: datetime = Field(sa_type=UtcDateTime)
    waits_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    executed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    certificate: str | None = None


class DestructionEntryRow(SQLModel, table=True):
    """One archive of one list; it stands in no other list that is not stopped. Nothing in it names a person."""

    __tablename__ = "destruction_entry"

    case_id: str = Field(primary_key=True)
    list_id: str = Field(foreign_key="destruction_list.id", index=True)
    receipt_number: str
    item_code: str
    state: str
    sha256: str
    retained_until: datetime = Field(sa_type=UtcDateTime)
    destroyed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DestructionEventRow(SQLModel, table=True):
    """One event of one list; the pair is unique."""

    __tablename__ = "destruction_event"

    list_id: str = Field(primary_key=True, foreign_key="destruction_list.id")
    version: int = Field(primary_key=True)
    type: str
    state: str
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    text: str | None = None

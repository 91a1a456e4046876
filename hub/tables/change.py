"""The change feed: what changed for whom, in one global order given by the relay alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime
from hub.tables.case import Serial

_WAITING = text("position IS NULL")


class ChangeRow(SQLModel, table=True):
    """One version of one thing of one owner; ``kind`` is a :class:`hub.storage.change_feed.ChangeKind`.

    ``position`` is empty until the relay has given it its place.
    """

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_change_owner", "owner", "position"),
    )

    id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    position: int | None = Field(default=None, sa_column=Column(Serial, unique=True))
    kind: str
    subject: str
    version: int
    owner: str
    at: datetime = Field(sa_type=UtcDateTime)


class ChangeCounterRow(SQLModel, table=True):
    """The last position given; its row is the lock under which positions are given."""

    __tablename__ = "change_counter"

    id: int = Field(primary_key=True)
    position: int = Field(sa_column=Column(Serial, nullable=False))

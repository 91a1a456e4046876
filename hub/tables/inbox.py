"""Which messages had their effect already."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class SeenRow(SQLModel, table=True):
    """A CloudEvent is known by source and id; the row is written in the transaction of its effect."""

    __tablename__ = "inbox_seen"

    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)

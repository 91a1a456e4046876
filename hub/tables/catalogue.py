"""The catalogue as data: organisations, item versions and the commands of departments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class CatalogueEntryRow(SQLModel, table=True):
    """One version of one entry, never changed. ``kind``: ``organisation``, ``place``, ``life-event``,
    ``licence-type``, ``item``,
    ``standing`` (how an item stands from a moment on) or ``command``."""

    __tablename__ = "catalogue_entry"

    kind: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    content: Any = Field(sa_column=Column(JSON, nullable=False))
    in_force_since: datetime = Field(sa_type=UtcDateTime)

"""Proposals of service items, and every step in the life of an item."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class ItemProposalRow(SQLModel, table=True):
    """A version that somebody wants offered; its content never changes."""

    __tablename__ = "item_proposal"

    id: str = Field(primary_key=True)
    item: str = Field(index=True)
    content: Any = Field(sa_column=Column(JSON, nullable=False))
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    charges_fee: bool
    state: str = Field(index=True)
    version: int | None = None


class AdmissionEventRow(SQLModel, table=True):
    """One step; the pair is unique, so two people cannot both take the next one."""

    __tablename__ = "admission_event"

    item: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    step: str
    by: str
    office: str
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str
    proposal: str | None = Field(default=None, index=True)
    version: int | None = None
    effective_from: datetime | None = Field(default=None, sa_type=UtcDateTime)
    successor: str | None = None

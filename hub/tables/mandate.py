"""Enterprises that act here, and mandates: who acts for whom, with which powers, until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class EnterpriseRow(SQLModel, table=True):
    """An enterprise that somebody has acted for. ``id`` is opaque, the ``sub`` of tokens that act for it."""

    __tablename__ = "enterprise"

    id: str = Field(primary_key=True)
    credit_code: str = Field(unique=True)
    name: str


class MandateRow(SQLModel, table=True):
    """What a party lets an agent do. No ``items`` are all; ``represents`` is by the register, not by grant."""

    __tablename__ = "mandate"

    id: str = Field(primary_key=True)
    party: str = Field(index=True)
    party_kind: str
    party_name: str
    agent: str = Field(index=True)
    agent_name: str
    powers: Any = Field(sa_column=Column(JSON, nullable=False))
    items: Any = Field(sa_column=Column(JSON, nullable=False))
    granted_by: str
    granted_at: datetime = Field(sa_type=UtcDateTime)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str | None = None
    represents: bool = False

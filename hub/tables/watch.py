"""What is wrong with connectors now, whom it is told, and what was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime

_OPEN = text("done_at IS NULL")


class ConnectorConditionRow(SQLModel, table=True):
    """One thing that is wrong with a connector, as long as it is. ``instance`` is the process that sees it."""

    __tablename__ = "connector_condition"

    name: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    instance: str
    detail: str


class DepartmentContactRow(SQLModel, table=True):
    """Where a department wants to be told."""

    __tablename__ = "department_contact"

    department: str = Field(primary_key=True)
    webhook_url: str | None = None
    mail_address: str | None = None
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str


class AlertRow(SQLModel, table=True):
    """One thing to be told by one way. ``next_attempt_at`` is the next try, and the lease of this one."""

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_open", "next_attempt_at", sqlite_where=_OPEN, postgresql_where=_OPEN),)

    id: str = Field(primary_key=True)
    department: str = Field(index=True)
    way: str
    address: str
    event: Any = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_attempt_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_delivered: bool = False
    last_error: str | None = None

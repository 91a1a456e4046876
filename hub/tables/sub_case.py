"""Sub-cases of joint cases: what the case's events say of each department's step, to be read and searched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class SubCaseRow(SQLModel, table=True):
    """One department's step of one case. ``command_id`` is the command that its department was sent last."""

    __tablename__ = "sub_case"
    __table_args__ = (Index("ix_sub_case_department_state", "department", "state", "started_at"),)

    case_id: str = Field(primary_key=True, foreign_key="service_case.id")
    code: str = Field(primary_key=True)
    position: int
    organisation: str
    department: str | None = None
    state: str
    command: str | None = None
    command_id: str | None = Field(default=None, index=True)
    attempt: int = 0
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    """When a limit of its own is over, as long as its department has not answered."""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opinion: str | None = None
    reason: str | None = None
    remedy: str | None = None
    not_accepted: bool = False
    licence_kind: str | None = None
    licence_number: str | None = None
    licence_issuer: str | None = None
    failed: str | None = Field(default=None, index=True)

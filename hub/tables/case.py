"""Cases: the events, which are the truth, the projection read most, and refused attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.database import UtcDateTime

Serial = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts up; SQLite does so for INTEGER alone."""


class CaseRow(SQLModel, table=True):
    """What the events of one case amount to now. ``form_digest`` tells a repeated key from a reused one."""

    __tablename__ = "service_case"
    __table_args__ = (
        UniqueConstraint("applicant", "idempotency_key"),
        Index("ix_service_case_applicant_submitted", "applicant", "submitted_at"),
    )

    id: str = Field(primary_key=True)
    receipt_number: str = Field(unique=True)
    item_code: str
    item_version: int
    applicant: str
    state: str = Field(index=True)
    version: int
    channel: str
    form: Any = Field(sa_column=Column(JSON, nullable=False))
    form_digest: str
    idempotency_key: str | None = None
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    reason: str | None = None
    remedy: str | None = None
    licence_number: str | None = None
    licence_issuer: str | None = None


class CaseEventRow(SQLModel, table=True):
    """One event of one case; the pair is unique, so two writers cannot both be next."""

    __tablename__ = "case_event"

    case_id: str = Field(primary_key=True, foreign_key="service_case.id")
    version: int = Field(primary_key=True)
    type: str
    state: str
    actor: str
    channel: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str | None = None
    data: Any = Field(sa_column=Column(JSON, nullable=False))


class CaseRefusalRow(SQLModel, table=True):
    """An attempt that the rules refused: the trace it leaves."""

    __tablename__ = "case_refusal"

    id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    case_id: str = Field(index=True)
    attempted: str
    actor: str
    message_id: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    why: str

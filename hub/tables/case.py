"""Cases: the events, which are the truth, the projection read most, and refused attempts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime
from schema.domain.case import OVER

Serial = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts up; SQLite does so for INTEGER alone."""


_TICKING = text("clock_at IS NOT NULL")
IS_OVER = text("state IN ({})".format(", ".join(f"'{state}'" for state in sorted(OVER))))
"""Of a case; in the words of its index, so that the database sees that it may use that."""


class CaseRow(SQLModel, table=True):
    """What the events of one case amount to now. ``form_digest`` tells a repeated key from a reused one.

    ``department`` owns the item; ``handler`` has the case in hand, ``first_inquiry`` answers for it. ``facts`` is
    the rest of what its events amount to, of which nothing is searched.
    ``clock_at`` is the next moment at which something falls due, ``clock_seen`` until when moments were
    looked after; both, and the due dates, are computed from the events (``hub.cases.case_clock``).
    """

    __tablename__ = "service_case"
    __table_args__ = (
        UniqueConstraint("applicant", "idempotency_key"),
        Index("ix_service_case_applicant_submitted", "applicant", "submitted_at"),
        Index("ix_service_case_work", "department", "state", "submitted_at"),
        Index("ix_service_case_handler", "handler", "state", "submitted_at"),
        Index("ix_service_case_first_inquiry", "first_inquiry", "state", "submitted_at"),
        Index("ix_service_case_clock", "clock_at", sqlite_where=_TICKING, postgresql_where=_TICKING),
        Index("ix_service_case_over", "updated_at", sqlite_where=IS_OVER, postgresql_where=IS_OVER),
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
    awaits_opinions: bool = False
    department: str | None = None
    handler: str | None = None
    first_inquiry: str | None = None
    facts: Any = Field(default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}"))
    clock_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    clock_seen: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    statutory_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    calendar_version: int | None = None


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


class CaseDraftRow(SQLModel, table=True):
    """What somebody has begun to fill in; no case and no number yet. Kept 30 days after it was last saved."""

    __tablename__ = "case_draft"
    __table_args__ = (Index("ix_case_draft_owner", "owner", "saved_at"),)

    id: str = Field(primary_key=True)
    owner: str
    item_code: str
    form: Any = Field(sa_column=Column(JSON, nullable=False))
    materials: Any = Field(sa_column=Column(JSON, nullable=False))
    channel: str
    saved_at: datetime = Field(sa_type=UtcDateTime, index=True)


class DelegationRow(SQLModel, table=True):
    """What a department lets one person decide at the window (首席代表制). ``items`` empty means all of them."""

    __tablename__ = "case_delegation"

    id: str = Field(primary_key=True)
    department: str = Field(index=True)
    representative: str = Field(index=True)
    items: Any = Field(sa_column=Column(JSON, nullable=False))
    granted_by: str
    granted_at: datetime = Field(sa_type=UtcDateTime)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: str | None = None


class SubstituteRow(SQLModel, table=True):
    """Who acts in an absent officer's place, for a time."""

    __tablename__ = "case_substitute"

    id: str = Field(primary_key=True)
    department: str = Field(index=True)
    absent: str = Field(index=True)
    substitute: str = Field(index=True)
    reason: str
    arranged_by: str
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)

"""Cards of supervision, and what people are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime
from hub.tables.case import Serial

_UNTOLD = text("told_at IS NULL")
_OPEN = text("closed_at IS NULL")


class CardRow(SQLModel, table=True):
    """One card, of a case or of another thing that is supervised (``about``, ``case_id``).

    ``at`` is the moment that it belongs to, ``raised_at`` when the worker came to it; the key is
    what makes it once. ``sub_case`` is the part of a joint case that it is of, else empty. ``told_at`` is empty
    until the notices of it are written."""

    __tablename__ = "supervision_card"
    __table_args__ = (
        UniqueConstraint("case_id", "trigger", "level", "at", "sub_case", name="uq_supervision_card_moment"),
        Index("ix_supervision_card_untold", "id", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
        Index("ix_supervision_card_open", "department", "at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = Field(primary_key=True)
    case_id: str
    about: str = Field(default="CASE", sa_column_kwargs={"server_default": "CASE"})
    receipt_number: str
    item_code: str
    item_version: int
    department: str
    trigger: str
    level: str
    sub_case: str = Field(default="", sa_column_kwargs={"server_default": ""})
    at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    explanation: str | None = None
    explained_by: str | None = None
    explained_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    returned_reason: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str | None = None
    closed_why: str | None = None


class NoticeRow(SQLModel, table=True):
    """One text to one recipient: a citizen's subject, a department, an office. ``key`` makes it once."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("recipient", "key"),
        Index("ix_notice_recipient_id", "recipient", "id"),
    )

    id: int | None = Field(default=None, sa_column=Column(Serial, primary_key=True))
    recipient: str
    key: str
    kind: str
    case_id: str | None = None
    receipt_number: str | None = None
    text_zh: str
    text_en: str
    at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_by: str | None = None

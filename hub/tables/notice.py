"""How notices leave the hub: what persons prefer, their addresses, each delivery, and how the gateways are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime
from hub.tables.auth import KeyPairRow
from hub.tables.case import Serial

_OPEN = text("next_at IS NOT NULL")


class NoticePreferenceRow(SQLModel, table=True):
    """What a person chose; who chose nothing has no row. Quiet hours are ``HH:MM`` of the clock in Beijing, empty
    where there are none; ``off`` names channel and group as ``SMS/CASES``."""

    __tablename__ = "notice_preference"

    subject: str = Field(primary_key=True)
    language: str
    quiet_begins: str | None = None
    quiet_ends: str | None = None
    off: list[str] = Field(sa_column=Column(JSON, nullable=False))
    changed_at: datetime = Field(sa_type=UtcDateTime)


class NoticeAddressRow(SQLModel, table=True):
    """Where a person is told by a channel. ``content`` is sealed where the hub has a key to seal with,
    ``shown`` is what its owner sees of it. Until ``confirmed_at`` nothing but its one-time code is sent there."""

    __tablename__ = "notice_address"
    __table_args__ = (UniqueConstraint("subject", "channel", "digest"),)

    id: str = Field(primary_key=True)
    subject: str = Field(index=True)
    channel: str
    digest: str
    content: str
    shown: str
    added_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    code_hash: str | None = None
    code_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tries_left: int = 0


class NoticeDeliveryRow(SQLModel, table=True):
    """One notice by one channel to one address. ``next_at`` is its next step, and the lease of this one; empty:
    nothing is left to do. What the columns mean says :class:`schema.domain.notice_delivery.Delivery`."""

    __tablename__ = "notice_delivery"
    __table_args__ = (
        Index("ix_notice_delivery_open", "next_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_notice_delivery_state", "state", "noticed_at"),
    )

    id: str = Field(primary_key=True)
    notice_id: int = Field(sa_column=Column(Serial, nullable=False, index=True))
    subject: str
    kind: str
    case_id: str | None = Field(default=None, index=True)
    receipt_number: str | None = None
    channel: str
    address_id: str
    language: str
    state: str
    noticed_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    questions: int = 0
    round: int = 1
    gateway: str | None = None
    in_hand_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handed_over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    may_be_double: bool = False
    last_error: str | None = None
    again_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NoticeResendRow(SQLModel, table=True):
    """A delivery that an operator had sent again: who, when and why. Rows are only added."""

    __tablename__ = "notice_resend"

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(index=True)
    reason: str = Field(sa_type=Text)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class NoticeGatewayRow(SQLModel, table=True):
    """How a gateway is, for all workers: kept when it fails, and when it is well again."""

    __tablename__ = "notice_gateway"

    name: str = Field(primary_key=True)
    failures: int
    rests_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    well_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    why: str | None = None


class WebPushKeyRow(KeyPairRow, table=True):
    """The key pair that signs for push services. Browsers subscribed with it, so it is not exchanged."""

    __tablename__ = "web_push_key"


class NoticeReceiptRefusalRow(SQLModel, table=True):
    """Receipts of gateways that were not believed, by minute and fault; of the last one the body's SHA-256."""

    __tablename__ = "notice_receipt_refusal"

    minute: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    reason: str = Field(primary_key=True)
    count: int
    body_digest: str

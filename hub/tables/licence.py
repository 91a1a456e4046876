"""Licences that the hub issued: each, its events, the status list, what is shared, and the keys that sign."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime
from hub.tables.auth import KeyPairRow


class LicenceRow(SQLModel, table=True):
    """One licence. ``look_on`` is the next day (Beijing) that brings something to it; ``succeeds`` the licence
    whose place it took; ``said`` what it says beside holder and dates."""

    __tablename__ = "licence"
    __table_args__ = (
        UniqueConstraint("issuer", "number"),
        Index("ix_licence_holder_kind", "holder", "kind"),
    )

    id: str = Field(primary_key=True)
    number: str
    kind: str
    name: str
    name_en: str
    issuer: str
    department: str | None = Field(default=None, index=True)
    holder: str
    case_id: str | None = Field(default=None, index=True)
    state: str
    version: int
    valid_from: date
    valid_until: date | None = None
    said: Any = Field(sa_column=Column(JSON, nullable=False))
    issued_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    reason: str | None = None
    succeeds: str | None = None
    look_on: date | None = Field(default=None, index=True)
    status_index: int = Field(unique=True)


class LicenceEventRow(SQLModel, table=True):
    """What happened to a licence. Appended to, never changed."""

    __tablename__ = "licence_event"

    licence_id: str = Field(primary_key=True, foreign_key="licence.id")
    version: int = Field(primary_key=True)
    type: str
    state: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str | None = None


class LicenceStatusRow(SQLModel, table=True):
    """One place of the status list: of a licence, or of a share of one."""

    __tablename__ = "licence_status"

    index: int | None = Field(default=None, primary_key=True)
    value: int = Field(default=0, index=True)


class LicenceShareRow(SQLModel, table=True):
    """A licence shown to one recipient, for one purpose and a time. ``licence_id`` is set where the hub issued it;
    ``copy`` is what a department's system said of it at ``told_at``, where it did not."""

    __tablename__ = "licence_share"
    __table_args__ = (Index("ix_licence_share_recipient", "recipient_kind", "recipient"),)

    id: str = Field(primary_key=True)
    issuer: str
    number: str
    licence_id: str | None = Field(default=None, foreign_key="licence.id", index=True)
    copy_: Any = Field(default=None, sa_column=Column("copy", JSON, nullable=True))
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    source: str
    holder: str = Field(index=True)
    recipient_kind: str
    recipient: str
    recipient_name: str
    purpose: str
    shows: list[str] = Field(sa_column=Column(JSON, nullable=False))
    begins_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status_index: int = Field(unique=True)


class LicenceKeyRow(KeyPairRow, table=True):
    """A key pair that signs licences. A retired one goes on being published, as what it signed goes on."""

    __tablename__ = "licence_key"


class LicenceKeyRevocationRow(SQLModel, table=True):
    """That a key is believed no more: from ``at`` on, whatever it signed and when. ``since`` is from when somebody
    else may have had it; ``settled_at`` when all that follows was done."""

    __tablename__ = "licence_key_revocation"

    key_id: str = Field(primary_key=True, foreign_key="licence_key.key_id")
    at: datetime = Field(sa_type=UtcDateTime)
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str
    by: str
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LicenceSignatureRow(SQLModel, table=True):
    """That a document of this licence was signed with this key for its holder, first at ``at``: whom to tell where
    the key is revoked, and whether they were told."""

    __tablename__ = "licence_signature"

    key_id: str = Field(primary_key=True)
    holder: str = Field(primary_key=True)
    issuer: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    name: str
    name_en: str
    at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

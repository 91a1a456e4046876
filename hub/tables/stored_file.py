"""Files of materials, in segments; records shared with consent; archives of finished cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class StoredFileRow(SQLModel, table=True):
    """One file and how much of it is there. Its bytes are in the file store, under its segments' names."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index("ix_stored_file_owner", "owner", "created_at"),
        Index("ix_stored_file_state", "state", "changed_at"),
    )

    id: str = Field(primary_key=True)
    owner: str
    name: str
    media_type: str
    size_bytes: int
    received_bytes: int = 0
    state: str
    sha256: str | None = None
    scanned_by: str | None = None
    rejected_why: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class FileSegmentRow(SQLModel, table=True):
    """A part of a file: an object of the store. The pair is unique, so two writers cannot both go on."""

    __tablename__ = "file_segment"

    file_id: str = Field(primary_key=True, foreign_key="stored_file.id")
    begins_at: int = Field(primary_key=True)
    size_bytes: int
    object_name: str


class CaseFileRow(SQLModel, table=True):
    """A file that a case refers to; it is kept as long as the case."""

    __tablename__ = "case_file"

    case_id: str = Field(primary_key=True, foreign_key="service_case.id")
    file_id: str = Field(primary_key=True, foreign_key="stored_file.id", index=True)


class SharedRecordRow(SQLModel, table=True):
    """A licence or register entry in place of a material, with the consent by which it was fetched."""

    __tablename__ = "shared_record"
    __table_args__ = (
        UniqueConstraint("owner", "idempotency_key"),
        Index("ix_shared_record_owner", "owner", "consented_at"),
    )

    id: str = Field(primary_key=True)
    owner: str
    item_code: str
    material: str
    source: str
    """The kind of licence, or the field of the register."""
    issuer: str | None = None
    content: Any = Field(sa_column=Column(JSON, nullable=False))
    consented_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    case_id: str | None = None
    """The case that was filed with it."""
    idempotency_key: str | None = None


class CaseArchiveRow(SQLModel, table=True):
    """The sealed package of a finished case."""

    __tablename__ = "case_archive"

    case_id: str = Field(primary_key=True, foreign_key="service_case.id")
    sealed_at: datetime = Field(sa_type=UtcDateTime)
    retained_until: datetime = Field(sa_type=UtcDateTime, index=True)
    key_id: str
    sha256: str
    size_bytes: int
    object_name: str

"""What departments' connectors need beyond their versions: secrets, and hosts that operators allowed."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class ConnectorSecretRow(SQLModel, table=True):
    """One secret of one connector, as ``hub.keys.sealing`` sealed it."""

    __tablename__ = "connector_secret"

    department: str = Field(primary_key=True)
    connector: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    sealed: str
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str


class AllowedHostRow(SQLModel, table=True):
    """A host inside that a department's connectors may call, who allowed it and why."""

    __tablename__ = "allowed_host"

    department: str = Field(primary_key=True)
    host: str = Field(primary_key=True)
    reason: str
    allowed_at: datetime = Field(sa_type=UtcDateTime)
    allowed_by: str


class ConnectorAccessRevisionRow(SQLModel, table=True):
    """A single row that counts the changes of both, so that every process notices them by looking at it alone."""

    __tablename__ = "connector_access_revision"

    id: int = Field(primary_key=True)
    revision: int

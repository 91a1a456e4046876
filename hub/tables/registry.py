"""Connectors, their versions, and the supergraph versions that they make together."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, false
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class ConnectorRow(SQLModel, table=True):
    """One connector. ``live_version`` is the version in the graph, if any."""

    __tablename__ = "connector"

    name: str = Field(primary_key=True)
    department: str = Field(index=True)
    kind: str
    live_version: int | None = None
    is_suspended: bool = False
    is_retired: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class ConnectorVersionRow(SQLModel, table=True):
    """One version of a connector: what was registered, never changed afterwards but for its state."""

    __tablename__ = "connector_version"

    name: str = Field(primary_key=True, foreign_key="connector.name")
    version: int = Field(primary_key=True)
    state: str
    kind: str
    sdl: str
    url: str
    timeout_ms: int
    idempotency: str
    configuration: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str
    approved_by: str | None = None
    waits_for_operator: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ConnectorEventRow(SQLModel, table=True):
    """Who did what with a connector, when and why. Rows are only added."""

    __tablename__ = "connector_event"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    version: int | None = None
    action: str
    actor: str
    reason: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    supergraph_version: int | None = None


class SupergraphVersionRow(SQLModel, table=True):
    """One supergraph: which version of which connector. The row with the greatest number is in force."""

    __tablename__ = "supergraph_version"

    version: int = Field(primary_key=True)
    members: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    reason: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str


class RegistryLockRow(SQLModel, table=True):
    """A single row that whoever publishes holds: two green checks can conflict."""

    __tablename__ = "registry_lock"

    id: int = Field(primary_key=True)
    holder: str

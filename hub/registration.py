"""What a department hands in to be part of the graph, and what the registry answers; values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from schema.changes import SchemaChange
from schema.errors import CompositionError, CompositionHint

KINDS = ("graphql", "rest", "queue")
"""The kinds that a department can register. The hub's own subgraph is ``local`` and not registered."""

Idempotency = Literal["header", "none"]


@dataclass(frozen=True, slots=True)
class Registration:
    """One connector as handed in. ``sdl`` may be left out for ``graphql``: then it is read from ``url``."""

    name: str
    department: str
    kind: str
    sdl: str | None = None
    url: str = ""
    timeout_ms: int | None = None
    idempotency: str = "header"


class VersionState(StrEnum):
    """Where one version stands. At most one version of a connector is live."""

    CHECKED = "checked"
    LIVE = "live"
    SUPERSEDED = "superseded"


class ConnectorState(StrEnum):
    """Where a connector stands. Suspended keeps its schema and answers errors; retired leaves the graph."""

    CHECKED = "checked"
    LIVE = "live"
    SUSPENDED = "suspended"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ConnectorVersion:
    """A registered version, complete: everything needed to reach the department."""

    name: str
    version: int
    department: str
    kind: str
    sdl: str
    url: str
    timeout_ms: int
    idempotency: str
    state: VersionState
    created_at: datetime
    created_by: str
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class ConnectorView:
    """A connector as operator and department see it. ``current`` is its live or else newest version."""

    name: str
    department: str
    kind: str
    state: ConnectorState
    current: ConnectorVersion
    versions: tuple[ConnectorVersion, ...]
    waiting_for: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectorCheck:
    """What a registration would add and break. ``ok`` is true when it may be published."""

    errors: tuple[CompositionError, ...]
    hints: tuple[CompositionHint, ...]
    changes: tuple[SchemaChange, ...]

    @property
    def ok(self) -> bool:
        return not self.errors


@dataclass(frozen=True, slots=True)
class ConnectorPublication:
    """A check plus what became of it. ``supergraph_version`` is ``None`` while it waits for an approver."""

    check: ConnectorCheck
    connector: ConnectorView | None = None
    supergraph_version: int | None = None


@dataclass(frozen=True, slots=True)
class LiveGraph:
    """The graph in force: its version and the registered connectors that are part of it, sorted by name."""

    version: int
    members: tuple[ConnectorVersion, ...]

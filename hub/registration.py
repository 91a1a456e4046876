"""What a department hands in to be part of the graph, and what the registry answers; values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from hub.check_findings import ProbeLine, ShadowDifference
from schema.affected import AffectedOperation
from schema.changes import Criticality, SchemaChange
from schema.errors import CompositionError, CompositionHint
from schema.lint import LintFinding

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
    samples: tuple[str, ...] = ()
    """Queries on its own schema by which checks try the real system; they are not kept."""
    ignored_lint: tuple[str, ...] = ()


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


def trial_version(registration: Registration, default_timeout_ms: int, now: datetime) -> ConnectorVersion:
    """The registration as a version that is registered nowhere, to be tried."""
    return ConnectorVersion(
        name=registration.name,
        version=0,
        department=registration.department,
        kind=registration.kind,
        sdl=registration.sdl or "",
        url=registration.url,
        timeout_ms=registration.timeout_ms or default_timeout_ms,
        idempotency=registration.idempotency,
        state=VersionState.CHECKED,
        created_at=now,
        created_by="check",
    )


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
    """What a registration would add and break. ``ok`` is true when it may be published.

    ``affected`` are the recorded operations that it breaks; ``uses`` tells of a change's path how many recorded
    operations use it; ``compared`` is how many of them both versions answered for ``shadow``.
    """

    errors: tuple[CompositionError, ...]
    hints: tuple[CompositionHint, ...]
    changes: tuple[SchemaChange, ...]
    affected: tuple[AffectedOperation, ...] = ()
    uses: Mapping[str, int] = field(default_factory=dict)
    lint: tuple[LintFinding, ...] = ()
    probe: tuple[ProbeLine, ...] = ()
    shadow: tuple[ShadowDifference, ...] = ()
    compared: int = 0

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def needs_approval(self) -> bool:
        """Whether an operator must agree, whatever the rules let through: something that clients may use goes."""
        return any(change.criticality is Criticality.BREAKING for change in self.changes)


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

"""What a department hands in to be part of the graph, and what the registry answers; values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from connectors.connector import JSON
from hub.registry.check_findings import ProbeLine, ShadowDifference
from schema.affected import AffectedOperation
from schema.changes import Criticality, SchemaChange
from schema.errors import CompositionError, CompositionHint
from schema.lint import LintFinding

Idempotency = Literal["header", "none"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a connector is told besides its SDL, open to whoever may see the connector.

    ``headers`` go with every request of a ``graphql`` connector and name secrets as ``Bearer {$env.TOKEN}``;
    ``config`` is what mappings read as ``$config``.
    """

    headers: JSON = field(default_factory=dict)
    config: JSON = field(default_factory=dict)

    @classmethod
    def of(cls, stored: JSON) -> Configuration:
        """What :attr:`stored` gave."""
        return cls(stored.get("headers", {}), stored.get("config", {}))

    @property
    def stored(self) -> dict[str, JSON]:
        given = {"headers": self.headers, "config": self.config}
        return {name: value for name, value in given.items() if value != {}}


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
    configuration: Configuration = field(default_factory=Configuration)
    samples: tuple[str, ...] = field(default=(), compare=False)
    """Queries on its own schema by which checks try the real system; they are not kept."""
    ignored_lint: tuple[str, ...] = field(default=(), compare=False)


class VersionState(StrEnum):
    """Where one version stands. At most one version of a connector is live.

    A draft did not pass its check; approved is what may go live and has not yet, or no longer is.
    """

    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    LIVE = "live"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class ConnectorState(StrEnum):
    """Where a connector stands. Suspended keeps its schema and answers errors; retired leaves the graph.

    Before it is live, it stands where its newest version stands.
    """

    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    REJECTED = "rejected"
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
    approved_by: str | None = None
    is_suspended: bool = False
    configuration: Configuration = field(default_factory=Configuration)
    waits_for_operator: bool = False
    """Whether the rules did not let it through as it was handed in."""


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
        configuration=registration.configuration,
    )


def registration_of(version: ConnectorVersion) -> Registration:
    """The version as it was handed in."""
    return Registration(
        version.name,
        version.department,
        version.kind,
        version.sdl,
        version.url,
        version.timeout_ms,
        version.idempotency,
        version.configuration,
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


class ConnectorAction(StrEnum):
    """What happens to a connector, as its history tells it."""

    REGISTERED = "registered"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    ROLLED_BACK = "rolled-back"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RETIRED = "retired"
    WENT_WRONG = "went-wrong"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class ConnectorEvent:
    """One line of a connector's history. ``actor`` is the subject of whoever did it, ``reason`` their words."""

    action: ConnectorAction
    version: int | None
    actor: str
    reason: str | None
    at: datetime
    supergraph_version: int | None = None


@dataclass(frozen=True, slots=True)
class SupergraphMember:
    """Which version of a connector is part of a supergraph."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class SupergraphVersion:
    """One supergraph that was in force, or is."""

    version: int
    members: tuple[SupergraphMember, ...]
    reason: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class SupergraphPublication:
    """What going back to an earlier supergraph changes, and its new number where it was possible."""

    check: ConnectorCheck
    supergraph_version: int | None = None


@dataclass(frozen=True, slots=True)
class LiveGraph:
    """The graph in force: its version and the registered connectors that are part of it, sorted by name."""

    version: int
    members: tuple[ConnectorVersion, ...]

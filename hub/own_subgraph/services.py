"""What the resolvers of the hub's own subgraph stand on, and how they reach it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

import strawberry
from graphql import GraphQLError
from strawberry.federation import Schema
from strawberry.federation.schema import FederationAny
from strawberry.types import ExecutionContext

from auth.actor import Actor
from connectors.agents import AgentSighting
from connectors.broker import Broker
from connectors.clock import Clock
from connectors.resilience import ConnectorState
from hub.alerts import Alerts
from hub.allowed_hosts import AllowedHosts
from hub.cases import Cases
from hub.catalogue import CatalogueStore
from hub.change_feed import ChangeFeed
from hub.connector_secrets import ConnectorSecrets
from hub.connector_settings import SettingsOfConnector
from hub.connector_watch import Conditions
from hub.department_contacts import DepartmentContacts
from hub.enrolment import Enrolment
from hub.fees import Fees
from hub.people import People
from hub.ratings import Ratings
from hub.recorded_operations import RecordedOperations
from hub.registration import (
    ConnectorCheck,
    ConnectorEvent,
    ConnectorPublication,
    ConnectorView,
    Registration,
    SupergraphPublication,
    SupergraphVersion,
)
from hub.registry_rules import RegistryRules
from hub.staffing import Staffing
from schema.changes import SchemaChange
from schema.errors import DomainError

Info = strawberry.Info[Mapping[str, Any], Any]
"""``context["actor"]`` is the :class:`Actor` of the request or ``None``."""


@dataclass(frozen=True, slots=True)
class ConnectorHealth:
    """What this process last experienced with a connector."""

    last_error: str | None = None
    last_error_at: datetime | None = None
    state: ConnectorState | None = None


class SettingsService(Protocol):
    """How connectors are treated. ``hub.connector_settings.ConnectorSettings`` fulfils it, and checks who asks."""

    async def get(self, name: str) -> SettingsOfConnector: ...

    async def change(
        self, name: str, values: Mapping[str, Any], reason: str, actor: Actor
    ) -> SettingsOfConnector: ...


class RegistryService(Protocol):
    """The registration door. Every method checks who asks; ``hub.registry.Registry`` fulfils it."""

    rules: RegistryRules

    async def check(self, registration: Registration, actor: Actor) -> ConnectorCheck: ...

    async def register(
        self, registration: Registration, actor: Actor, reason: str | None = None
    ) -> ConnectorPublication: ...

    async def publish(
        self, registration: Registration, actor: Actor, reason: str | None = None, *, force: bool = False
    ) -> ConnectorPublication: ...

    async def release(
        self, name: str, version: int, actor: Actor, reason: str | None = None
    ) -> ConnectorPublication: ...

    async def suspend(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView: ...

    async def resume(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView: ...

    async def retire(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView: ...

    async def approve(
        self,
        name: str,
        actor: Actor,
        version: int | None = None,
        reason: str | None = None,
        *,
        hold: bool = False,
        force: bool = False,
    ) -> ConnectorPublication: ...

    async def reject(self, name: str, actor: Actor, version: int | None, reason: str) -> ConnectorView: ...

    async def rollback(
        self, name: str, actor: Actor, version: int | None = None, reason: str | None = None
    ) -> ConnectorPublication: ...

    async def history(self, name: str, actor: Actor) -> tuple[ConnectorEvent, ...]: ...

    async def get(self, name: str, actor: Actor) -> ConnectorView | None: ...

    async def list(self, actor: Actor) -> tuple[ConnectorView, ...]: ...


class SupergraphService(Protocol):
    """``hub.supergraph_versions.SupergraphVersions`` fulfils it. Every method checks who asks."""

    async def list(
        self, actor: Actor, first: int = 20, before: int | None = None
    ) -> tuple[SupergraphVersion, ...]: ...

    async def sdl(self, version: int, actor: Actor) -> str: ...

    async def changes(self, version: int, actor: Actor) -> tuple[SchemaChange, ...]: ...

    async def rollback(self, version: int, actor: Actor, reason: str | None = None) -> SupergraphPublication: ...


@dataclass(frozen=True, slots=True)
class OwnServices:
    """The hub's domain, as one value. ``connector_health`` is asked by connector name, ``own_fields`` (the
    coordinates that it resolves) and ``agents`` by department."""

    catalogue: CatalogueStore
    cases: Cases
    fees: Fees
    ratings: Ratings
    people: People
    changes: ChangeFeed
    registry: RegistryService
    supergraphs: SupergraphService
    conditions: Conditions
    contacts: DepartmentContacts
    alerts: Alerts
    connector_settings: SettingsService
    recorded: RecordedOperations
    own_fields: Callable[[str], frozenset[str]]
    enrolment: Enrolment
    staffing: Staffing
    secrets: ConnectorSecrets
    allowed_hosts: AllowedHosts
    broker: Broker
    clock: Clock
    connector_health: Callable[[str], ConnectorHealth]
    agents: Callable[[str], tuple[AgentSighting, ...]]


class OwnSchema(Schema):
    """The executable own subgraph. Without services it can only tell its SDL."""

    services: OwnServices | None = None

    def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
        """Strawberry takes representations apart; the caller, in this very process, still needs them."""
        copies = cast("list[FederationAny]", [dict(cast("dict[str, Any]", each)) for each in representations])
        return super().entities_resolver(info, copies)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """A rule that says no is an answer, not an incident: only the rest is logged."""
        unexpected = [error for error in errors if not isinstance(error.original_error, DomainError)]
        if unexpected:
            super().process_errors(unexpected, execution_context)


def services(info: Info) -> OwnServices:
    found = info.schema.services if isinstance(info.schema, OwnSchema) else None
    if found is None:
        raise LookupError("The own subgraph was built without services. Use build_own_subgraph(services).")
    return found


def actor(info: Info) -> Actor | None:
    found = info.context.get("actor")
    return found if isinstance(found, Actor) else None


__all__ = [
    "ConnectorHealth",
    "Info",
    "OwnSchema",
    "OwnServices",
    "RegistryService",
    "SupergraphService",
    "actor",
    "services",
]

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
from hub.cases import Cases
from hub.catalogue import CatalogueStore
from hub.change_feed import ChangeFeed
from hub.enrolment import Enrolment
from hub.fees import Fees
from hub.people import People
from hub.ratings import Ratings
from hub.registration import ConnectorCheck, ConnectorPublication, ConnectorView, Registration
from schema.errors import DomainError

Info = strawberry.Info[Mapping[str, Any], Any]
"""``context["actor"]`` is the :class:`Actor` of the request or ``None``."""


@dataclass(frozen=True, slots=True)
class ConnectorHealth:
    """What this process last experienced with a connector."""

    last_error: str | None = None
    last_error_at: datetime | None = None


class RegistryService(Protocol):
    """The registration door. Every method checks who asks; ``hub.registry.Registry`` fulfils it."""

    async def check(self, registration: Registration, actor: Actor) -> ConnectorCheck: ...

    async def publish(self, registration: Registration, actor: Actor) -> ConnectorPublication: ...

    async def suspend(self, name: str, actor: Actor) -> ConnectorView: ...

    async def resume(self, name: str, actor: Actor) -> ConnectorView: ...

    async def retire(self, name: str, actor: Actor) -> ConnectorView: ...

    async def approve(self, name: str, actor: Actor) -> ConnectorPublication: ...

    async def rollback(self, name: str, actor: Actor) -> ConnectorPublication: ...

    async def get(self, name: str, actor: Actor) -> ConnectorView | None: ...

    async def list(self, actor: Actor) -> tuple[ConnectorView, ...]: ...


@dataclass(frozen=True, slots=True)
class OwnServices:
    """The hub's domain, as one value. ``connector_health`` is asked by connector name, ``agents``
    by department."""

    catalogue: CatalogueStore
    cases: Cases
    fees: Fees
    ratings: Ratings
    people: People
    changes: ChangeFeed
    registry: RegistryService
    enrolment: Enrolment
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
    "actor",
    "services",
]

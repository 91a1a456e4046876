"""Serve whatever graph the registry says is in force: notice, compose, connect, swap.

Every hub process does this by itself, so that a connector published on one serves on all within a
second. Connectors whose version did not change are kept with their connections and circuit state.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from connectors.broker import Broker, BrokerUnavailable
from connectors.clock import Clock
from connectors.connector import (
    Connector,
    ConnectorFailure,
    FetchRequest,
    FetchResponse,
    failing_stream,
)
from connectors.http_client import HttpClient
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.resilience import ConnectorState, Resilient
from hub.departments.connector_access import ConnectorAccessReader
from hub.departments.connector_configuration import MissingSecret
from hub.departments.connector_reach import ConnectorReach
from hub.departments.connector_secrets import UnreadableSecret
from hub.departments.connector_settings import ConnectorSettings
from hub.departments.connector_traffic import CountedConnector, TrafficRecorder
from hub.gateway import Gateway, GraphState
from hub.registry.composing import composed
from hub.registry.registration import ConnectorVersion, LiveGraph, Registration
from hub.registry.registration_check import composed_with
from hub.registry.registration_door import OWN_NAME
from hub.registry.registry import Registry
from schema.cache_control import CacheRules
from schema.durable import durable_service
from schema.errors import RUNTIME_CODES, RuntimeCode
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph

LOOK_SECONDS = 0.25
"""Between two looks of a process that nobody tells of changes."""
LONGEST_DEADLINE, MOST_IN_FLIGHT = timedelta(seconds=60), 10_000
"""Bounds that no connector needs of its own: the one around it has those that an operator sets."""
if TYPE_CHECKING:
    from connectors.sql import SqlConnector

log = structlog.get_logger(__name__)


OwnParts = Callable[[Supergraph, Sequence[ConnectorVersion]], Mapping[str, Connector]]
"""The connectors of subgraphs that the hub answers itself, beside its own: ``hub.durable.parts``."""


def no_parts(_supergraph: Supergraph, _members: Sequence[ConnectorVersion]) -> Mapping[str, Connector]:
    """Where nothing is durable."""
    return {}


class FailingConnector:
    """A department that cannot be asked: its schema stays, every request is an error."""

    def __init__(self, code: RuntimeCode, detail: str = "") -> None:
        self._code = code
        self._detail = detail

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        raise self._failure()

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        return failing_stream(self._failure())

    async def describe(self) -> str:
        raise self._failure()

    async def close(self) -> None:
        """Nothing is held."""

    def _failure(self) -> ConnectorFailure:
        return ConnectorFailure(self._code, RUNTIME_CODES[self._code], self._detail, never_sent=True)


class ConnectorFactory:
    """Makes the connector of a registered version."""

    def __init__(
        self,
        reaching: ConnectorReach,
        access: ConnectorAccessReader,
        broker: Broker,
        replies: Replies,
        clock: Clock,
        settings: ConnectorSettings,
        traffic: TrafficRecorder,
    ) -> None:
        self._reaching = reaching
        self._access = access
        self._broker = broker
        self._replies = replies
        self._clock = clock
        self._settings = settings
        self._traffic = traffic

    async def renew(self) -> int:
        """Look whether secrets or allowed hosts changed; the number of the change that is in force."""
        return (await self._access.renew()).revision

    def key(self, version: ConnectorVersion) -> Hashable:
        """Equal where a connector that was made serves on."""
        access = self._access.newest.of(version.department, version.name)
        return (version.name, version.version, version.is_suspended, access)

    def make(self, version: ConnectorVersion) -> Connector:
        """One that cannot be made answers so, and holds up no other."""
        if version.is_suspended:
            return FailingConnector(RuntimeCode.DEPARTMENT_SUSPENDED)
        try:
            reached = self._reach(version)
        except ValueError as error:
            is_secret = isinstance(error, MissingSecret | UnreadableSecret)
            code = RuntimeCode.CONNECTOR_SECRET_MISSING if is_secret else RuntimeCode.DEPARTMENT_UNREACHABLE
            log.warning("a connector cannot be made", connector=version.name, code=code.value, reason=str(error))
            return FailingConnector(code, str(error))
        settings = self._settings.of(version)
        rules = CacheRules.of(version.sdl)
        rng = random.Random()  # noqa: S311
        return CountedConnector(version.name, self._traffic, reached, settings, self._clock, rng, rules)

    def _reach(self, version: ConnectorVersion) -> Connector:
        if version.kind == "queue":
            return MessageQueueConnector(
                version.department,
                self._broker,
                self._replies,
                sdl=version.sdl,
                clock=self._clock,
                deadline=LONGEST_DEADLINE,
                max_in_flight=MOST_IN_FLIGHT,
            )
        access = self._access.newest.of(version.department, version.name)
        return self._reaching.connector(version, access, LONGEST_DEADLINE)

    def database_of(self, registration: Registration) -> SqlConnector:
        """The database of a ``sql`` registration, to be tried and closed. Raises ``ValueError`` as ``_reach``."""
        access = self._access.newest.of(registration.department, registration.name)
        return self._reaching.database(registration, access, LONGEST_DEADLINE)

    def client_for(self, registration: Registration) -> tuple[HttpClient, bool]:
        """By which the department's systems are called, and whether it is to be closed by whoever asked."""
        return self._reaching.client(self._access.newest.of(registration.department, registration.name))

    async def describe(self, registration: Registration) -> str:
        """The SDL that a department states itself. Raises ``ConnectorFailure``."""
        access = (await self._access.renew()).of(registration.department, registration.name)
        return await self._reaching.describe(registration, access)


class LiveGraphService:
    """Keeps the gateway on the newest supergraph version. ``run`` it as long as the process serves."""

    def __init__(
        self,
        registry: Registry,
        gateway: Gateway,
        factory: ConnectorFactory,
        broker: Broker,
        own: Subgraph,
        own_connector: Connector,
        own_parts: OwnParts = no_parts,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._registry = registry
        self._gateway = gateway
        self._factory = factory
        self._broker = broker
        self._own = own
        self._own_connector = own_connector
        self._own_parts = own_parts
        self._look_seconds = look_seconds
        self._version = -1
        self._access_revision = -1
        self._made: dict[Hashable, Connector] = {}
        self._members: tuple[ConnectorVersion, ...] = ()
        self._declared: set[str] = set()
        self._undeclared: list[str] = []

    @property
    def members(self) -> tuple[ConnectorVersion, ...]:
        """The connectors in the graph that is served now."""
        return self._members

    def connector(self, name: str) -> Connector | None:
        """The live connector of this name, for commands and for the identity department."""
        return self.connectors().get(name)

    def connectors(self) -> Mapping[str, Connector]:
        state = self._gateway.state
        return state.connectors if state is not None else {}

    def state_of(self, name: str) -> ConnectorState | None:
        """Circuit, last error and latency of a connector, as this process sees it."""
        connector = self.connector(name)
        return connector.state if isinstance(connector, Resilient) else None

    async def refresh(self) -> bool:
        """Look once; True when a new version was taken up."""
        revision = await self._factory.renew()
        newest = await self._registry.newest_version()
        is_new = (newest, revision) != (self._version, self._access_revision)
        if is_new:
            await self._take_up(await self._registry.live_graph())
            self._access_revision = revision
        await self._declare()
        return is_new

    async def run(self) -> None:
        """Look again and again, at once when a process published. Survives a database that is away."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_seconds):
                    await self._registry.changed.wait()
            self._registry.changed.clear()
            try:
                await self.refresh()
            except Exception:  # the loop outlives every failure: the alternative is a graph that stands still
                log.exception("the graph could not be refreshed; the old one goes on")

    async def _take_up(self, graph: LiveGraph) -> None:
        newest = graph.version
        good = await self._good(graph)
        if good is None:
            self._version = newest
            return
        graph, supergraph = good
        made = {key: self._made.get(key) for key in map(self._factory.key, graph.members)}
        connectors: dict[str, Connector] = {OWN_NAME: self._own_connector}
        for member in graph.members:
            key = self._factory.key(member)
            made[key] = connectors[member.name] = made[key] or self._factory.make(member)
        connectors |= self._own_parts(supergraph, graph.members)
        departments = {member.name: member.department for member in graph.members}
        durable = {durable_service(name): department for name, department in departments.items()}
        departments |= {name: department for name, department in durable.items() if name in connectors}
        state = GraphState(supergraph, connectors, departments, graph.version)
        await self._gateway.publish_warmed(state)
        self._made = {key: connector for key, connector in made.items() if connector is not None}
        self._members = graph.members
        self._version = newest
        log.info("serving", supergraph=graph.version, connectors=sorted(departments))

    async def _good(self, graph: LiveGraph) -> tuple[LiveGraph, Supergraph] | None:
        """This graph where it composes. If it does not (it was made by another version of the hub): what is served
        goes on; a process that serves nothing yet takes the last one that does."""
        candidate: LiveGraph | None = graph
        while candidate is not None:
            composition = await asyncio.to_thread(composed, composed_with(self._own, candidate.members))
            if composition.supergraph is not None:
                return candidate, composition.supergraph
            codes = sorted({error.code for error in composition.errors})
            log.error("a published graph does not compose", version=candidate.version, codes=codes)
            if self._gateway.state is not None:
                return None
            candidate = await self._registry.graph_before(candidate.version)
        return LiveGraph(0, ()), await self._alone()

    async def _alone(self) -> Supergraph:
        """The hub's own part, which composes by itself."""
        composition = await asyncio.to_thread(composed, composed_with(self._own, ()))
        if composition.supergraph is None:
            raise ValueError("The hub's own subgraph does not compose.")
        return composition.supergraph

    async def _declare(self) -> None:
        """The queues of departments that are new: after the graph, which need not wait for a broker."""
        missing = sorted({member.department for member in self._members} - self._declared)
        try:
            for department in missing:
                await self._broker.declare_department(department)
                self._declared.add(department)
        except BrokerUnavailable as error:
            if missing != self._undeclared:
                log.warning("queues could not be declared yet", departments=missing, reason=str(error))
            self._undeclared = missing

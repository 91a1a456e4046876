"""Serve whatever graph the registry says is in force: notice, compose, connect, swap.

Every hub process does this by itself, so that a connector published on one serves on all within a
second. Connectors whose version did not change are kept with their connections and circuit state.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import structlog

from connectors.broker import Broker, BrokerUnavailable
from connectors.build import ConnectorRegistration, build_connector
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
from connectors.resilience import ConnectorState, ResilienceSettings, Resilient
from hub.composing import composed
from hub.connector_traffic import CountedConnector, TrafficRecorder
from hub.gateway import Gateway, GraphState
from hub.registration import ConnectorVersion, LiveGraph, Registration
from hub.registration_check import OWN_NAME, composed_with
from hub.registry import Registry
from schema.errors import RUNTIME_CODES, RuntimeCode
from schema.subgraph import Subgraph

POLL_SECONDS = 0.25
log = structlog.get_logger(__name__)


class SuspendedConnector:
    """A department that an operator suspended: its schema stays, every request is an error."""

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        raise _suspended()

    def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        return failing_stream(_suspended())

    async def describe(self) -> str:
        raise _suspended()

    async def close(self) -> None:
        """Nothing is held."""


class ConnectorFactory:
    """Makes the connector of a registered version."""

    def __init__(
        self, client: HttpClient, broker: Broker, replies: Replies, clock: Clock, traffic: TrafficRecorder
    ) -> None:
        self._client = client
        self._broker = broker
        self._replies = replies
        self._clock = clock
        self._traffic = traffic

    def make(self, version: ConnectorVersion) -> Connector:
        if version.is_suspended:
            return SuspendedConnector()
        deadline = timedelta(milliseconds=version.timeout_ms)
        settings = ResilienceSettings(deadline=deadline)
        reached, rng = self._reach(version, deadline), random.Random()  # noqa: S311
        return CountedConnector(version.name, self._traffic, reached, settings, self._clock, rng)

    def _reach(self, version: ConnectorVersion, deadline: timedelta) -> Connector:
        if version.kind == "queue":
            return MessageQueueConnector(
                version.department,
                self._broker,
                self._replies,
                sdl=version.sdl,
                clock=self._clock,
                deadline=deadline,
            )
        registration = ConnectorRegistration(
            version.name, version.kind, version.url or None, version.sdl, timeout=deadline
        )
        return build_connector(registration, self._client)

    async def describe(self, registration: Registration) -> str:
        """The SDL that a department states itself. Raises ``ConnectorFailure``."""
        asked = ConnectorRegistration(registration.name, registration.kind, registration.url or None)
        return await build_connector(asked, self._client).describe()


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
    ) -> None:
        self._registry = registry
        self._gateway = gateway
        self._factory = factory
        self._broker = broker
        self._own = own
        self._own_connector = own_connector
        self._version = -1
        self._made: dict[tuple[str, int, bool], Connector] = {}
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
        graph = await self._registry.live_graph()
        is_new = graph.version != self._version
        if is_new:
            await self._take_up(graph)
        await self._declare()
        return is_new

    async def run(self) -> None:
        """Look again and again, at once when this process published. Survives a database that is away."""
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._registry.changed.wait()
            except TimeoutError:
                self._registry.changed.clear()
            self._registry.changed.clear()
            try:
                await self.refresh()
            except Exception:  # the loop outlives every failure: the alternative is a graph that stands still
                log.exception("the graph could not be refreshed; the old one goes on")

    async def _take_up(self, graph: LiveGraph) -> None:
        composition = await asyncio.to_thread(composed, composed_with(self._own, graph.members))
        if composition.supergraph is None:
            codes = [error.code for error in composition.errors]
            log.error("the published graph does not compose", version=graph.version, codes=codes)
            self._version = graph.version
            return
        made = {self._key(member): self._made.get(self._key(member)) for member in graph.members}
        connectors: dict[str, Connector] = {OWN_NAME: self._own_connector}
        for member in graph.members:
            key = self._key(member)
            made[key] = connectors[member.name] = made[key] or self._factory.make(member)
        departments = {member.name: member.department for member in graph.members}
        self._gateway.publish(GraphState(composition.supergraph, connectors, departments, graph.version))
        self._made = {key: connector for key, connector in made.items() if connector is not None}
        self._members = graph.members
        self._version = graph.version
        log.info("serving", supergraph=graph.version, connectors=sorted(departments))

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

    @staticmethod
    def _key(member: ConnectorVersion) -> tuple[str, int, bool]:
        return (member.name, member.version, member.is_suspended)


def _suspended() -> ConnectorFailure:
    code = RuntimeCode.DEPARTMENT_SUSPENDED
    return ConnectorFailure(code, RUNTIME_CODES[code])

"""The gateway over one graph, which can be replaced while it serves.

A new one is composed aside; only one that composes is taken up, as a whole. Requests under way finish on
the graph they began with, and subgraphs that did not change keep their connections.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from connectors.build import ConnectorRegistration, build_connector
from connectors.clock import Clock
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from connectors.graphql_streams import SubscriptionDoor
from connectors.http_client import HttpClient
from connectors.resilience import ResilienceSettings, Resilient
from hub.gateway import Gateway, GraphState
from hub.standalone.graph_source import GraphSource, composition_of
from schema.mapping import is_connector
from schema.supergraph import Composition

Wrap = Callable[[str, Connector], Connector]
"""``wrap(name, connector)``: the connector of that subgraph, watched by somebody."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """``tells_internals`` adds what went wrong on the way to a subgraph to its error; for development.

    ``subscriptions`` says, by name, how and where a subgraph is asked for them; of the others it is found out.
    ``environment`` is what mappings read as ``$env``.
    """

    subgraph_timeout: timedelta = timedelta(seconds=30)
    tells_internals: bool = False
    subscriptions: Mapping[str, SubscriptionDoor] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


class Engine:
    """``client`` reaches the subgraphs, and is not closed here. ``wrap`` is put around each connector."""

    def __init__(
        self,
        gateway: Gateway,
        settings: EngineSettings,
        client: HttpClient,
        clock: Clock,
        wrap: Wrap | None = None,
    ) -> None:
        self.client = client
        self.gateway = gateway
        self._wrap = wrap
        self.source = GraphSource()
        self._settings = settings
        self._clock = clock
        self._connectors: dict[tuple[str, str, str | None], Connector] = {}

    @property
    def version(self) -> int:
        """The version of what is served; 0 before the first."""
        return self.gateway.state.version if self.gateway.state else 0

    async def check(self, source: GraphSource) -> Composition:
        """Whether this could be served. Raises ``AddressRefused`` for an address that cannot be called."""
        composition = await asyncio.to_thread(composition_of, source)
        if composition.supergraph is not None:
            for each in composition.supergraph.subgraphs.values():
                if each.name not in source.mapped:
                    self.client.addresses.check_url(each.url)
        return composition

    async def take_up(self, source: GraphSource, version: int | None = None) -> int:
        """Serve this, which composes, from now on; returns its version, the next one if it is not given."""
        composition = await asyncio.to_thread(composition_of, source)
        if composition.supergraph is None:
            raise ValueError("Only what composes can be taken up. Check it first.")
        number = self.version + 1 if version is None else version
        connectors = {
            key: self._connectors.get(key) or self._connector(*key)
            for each in composition.supergraph.subgraphs.values()
            for key in [(each.name, each.url, source.mapped.get(each.name) or source.overlays.get(each.name))]
        }
        by_name: dict[str, Connector] = {name: connector for (name, *_), connector in connectors.items()}
        state = GraphState(composition.supergraph, by_name, {}, number)
        await self.gateway.publish_warmed(state)
        self._connectors = connectors
        self.source = source
        return number

    async def close(self) -> None:
        await self.gateway.close()

    def _connector(self, name: str, url: str, sdl: str | None) -> Connector:
        """``sdl``: of a subgraph that is mapped from REST and has no address of its own, or of an overlay."""
        deadline = self._settings.subgraph_timeout
        settings = ResilienceSettings(deadline, concurrency=1_000, retries=1, failures_to_open=sys.maxsize)
        subscriptions = self._settings.subscriptions.get(name, SubscriptionDoor())
        registration = ConnectorRegistration(name, "graphql", url, sdl, deadline, subscriptions=subscriptions)
        if sdl is not None and is_connector(sdl):
            registration = ConnectorRegistration(
                name, "rest", sdl=sdl, timeout=deadline, environment=self._settings.environment
            )
        connector = build_connector(registration, self.client)
        resilient = Resilient(connector, settings, self._clock, random.Random())  # noqa: S311
        told = Telling(resilient) if self._settings.tells_internals else resilient
        return self._wrap(name, told) if self._wrap else told


class Telling:
    """A connector whose failures say what is otherwise for the log only."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        try:
            return await self._connector.fetch(request)
        except ConnectorFailure as failure:
            raise _told(failure) from failure

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        try:
            async for response in self._connector.subscribe(request):
                yield response
        except ConnectorFailure as failure:
            raise _told(failure) from failure

    async def describe(self) -> str:
        return await self._connector.describe()

    async def close(self) -> None:
        await self._connector.close()


def _told(failure: ConnectorFailure) -> ConnectorFailure:
    message = f"{failure.message} ({failure.detail})" if failure.detail else failure.message
    return ConnectorFailure(failure.code, message, failure.detail, never_sent=failure.never_sent)

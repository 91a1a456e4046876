"""Connectors by which a registration is tried before it is a version; their traffic counts as nobody's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors import topology
from connectors.broker import Broker
from connectors.clock import Clock
from connectors.connector import Connector
from connectors.http_message import HttpRequest
from hub.registry.live_graph import ConnectorFactory
from hub.registry.registration import Registration, trial_version
from schema.mapping import is_overlay

if TYPE_CHECKING:
    from connectors.sql.trial import StatementTrial


class TrialConnectors:
    """``factory`` counts its connectors' traffic where nobody looks."""

    def __init__(
        self,
        factory: ConnectorFactory,
        broker: Broker,
        clock: Clock,
        default_timeout_ms: int,
    ) -> None:
        self._factory = factory
        self._broker = broker
        self._clock = clock
        self._default_timeout_ms = default_timeout_ms

    def make(self, registration: Registration) -> Connector:
        """To be closed by whoever asked for it."""
        return self._factory.make(trial_version(registration, self._default_timeout_ms, self._clock.now()))

    async def describe(self, registration: Registration) -> str:
        """The SDL that the system states itself; an overlay's server states none. Raises ``ConnectorFailure``."""
        is_asked = registration.kind == "graphql" and not is_overlay(registration.sdl or "")
        return await self._factory.describe(replace(registration, sdl=None) if is_asked else registration)

    async def reach(self, registration: Registration) -> None:
        """Ask the address itself, whatever it answers. Raises ``ConnectorFailure``."""
        timeout = timedelta(milliseconds=registration.timeout_ms or self._default_timeout_ms)
        client, is_own = self._factory.client_for(registration)
        try:
            await client.send(HttpRequest("GET", registration.url, is_repeatable=True), timeout)
        finally:
            if is_own:
                await client.close()

    async def try_statements(self, registration: Registration) -> AsyncGenerator[StatementTrial]:
        """Each statement of a ``sql`` registration, without reading a row.

        Raises ``ValueError`` where its database cannot be opened.
        """
        timeout = timedelta(milliseconds=registration.timeout_ms or self._default_timeout_ms)
        database = self._factory.database_of(registration)
        try:
            async for trial in database.try_statements(timeout):
                yield trial
        finally:
            await database.close()

    async def is_agent_online(self, department: str) -> bool:
        """Raises ``BrokerUnavailable``."""
        return await self._broker.consumers(topology.requests_queue(department)) > 0

"""The agent's side of presence: it beats, hears what the hub tells it, and passes that on.

The queue on which it hears is made by the hub when it first sees the agent, since a department may make none.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from connectors.broker import Broker, BrokerUnavailable, Consumption, Delivery, Message, Unroutable
from connectors.clock import Clock
from connectors.presence import ALIVE_FOR, BEAT, PRESENCE, WELCOME, Presence
from connectors.topology import agent_queue, presence_address

log = logging.getLogger(__name__)

_FIRST_BEAT_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who is told what is heard: ``told`` gets type and data; ``refused`` the reason, ``None`` once it is gone."""

    told: Callable[[str, dict[str, Any]], None]
    refused: Callable[[str | None], None]


class Heart:
    """``presence`` makes the sign of life of now; ``run`` it as long as the agent serves."""

    def __init__(
        self,
        department: str,
        agent: str,
        broker: Broker,
        clock: Clock,
        presence: Callable[[int], Presence],
        hearing: Hearing,
    ) -> None:
        self.latency_ms: float | None = None
        self._department = department
        self._agent = agent
        self._broker = broker
        self._clock = clock
        self._presence = presence
        self._hearing = hearing
        self._queue = agent_queue(department, agent)
        self._consumption: Consumption | None = None
        self._beat = 0
        self._sent_at: dict[int, float] = {}
        self._hubs: dict[str, tuple[float, str | None]] = {}
        self._refusal: str | None = None

    @property
    def hears(self) -> bool:
        return self._consumption is not None

    def is_hub_there(self, instance: str) -> bool:
        """Whether that hub process has answered lately."""
        return instance in self._living(time.monotonic())

    async def run(self) -> None:
        """For ever. A broker that is away is the other parts' affair; here a beat is missed."""
        while True:
            try:
                await self._listen()
                await self._send(self._presence(self._beat + 1))
            except (BrokerUnavailable, Unroutable, PermissionError) as error:
                log.debug("No sign of life: %s", error)
            await asyncio.sleep(BEAT.total_seconds() if self.hears else _FIRST_BEAT_SECONDS)

    async def leave(self) -> None:
        """Say good-bye, so that nobody waits for the next beat."""
        if self._consumption is not None:
            await self._consumption.cancel()
            self._consumption = None
        try:
            async with asyncio.timeout(1):
                await self._send(replace(self._presence(self._beat + 1), is_leaving=True))
        except (BrokerUnavailable, Unroutable, PermissionError, TimeoutError) as error:
            log.debug("No good-bye: %s", error)

    async def _listen(self) -> None:
        if self._consumption is not None and await self._broker.consumers(self._queue) > 0:
            return
        if self._consumption is not None:
            # A day without a connection, and RabbitMQ has taken the queue away.
            await self._consumption.cancel()
            self._consumption = None
        try:
            self._consumption = await self._broker.consume(self._queue, self._take, prefetch=64)
        except Unroutable:
            log.debug("The hub has not made %s yet", self._queue)

    async def _send(self, presence: Presence) -> None:
        self._beat = presence.beat
        self._sent_at = {presence.beat - 1: self._sent_at.get(presence.beat - 1, 0.0)}
        self._sent_at[presence.beat] = time.monotonic()
        now = self._clock.now()
        message = Message(
            uuid4().hex, PRESENCE, self._department, now, presence.data(), expires_at=now + ALIVE_FOR
        )
        await self._broker.publish(presence_address(self._department), message, durable=False)

    async def _take(self, delivery: Delivery) -> None:
        """Harmless when repeated: each says how things are now."""
        message = delivery.message
        if message.source == "hub" and isinstance(message.data, dict):
            if message.type == WELCOME:
                self._welcomed(message.data)
            else:
                self._hearing.told(message.type, message.data)
        await delivery.acknowledge()

    def _welcomed(self, data: dict[str, Any]) -> None:
        now = time.monotonic()
        refusal = data.get("refusal")
        self._hubs[str(data.get("hub"))] = (now, refusal if isinstance(refusal, str) else None)
        self._hubs = self._living(now)
        if (sent := self._sent_at.get(data.get("beat", 0))) is not None:
            self.latency_ms = round((now - sent) * 1000, 1)
        # While hub processes of two versions run, it is enough that one of them takes this agent.
        refusals = [reason for _, reason in self._hubs.values()]
        reason = refusals[0] if all(refusals) else None
        if reason != self._refusal:
            self._refusal = reason
            self._hearing.refused(reason)

    def _living(self, now: float) -> dict[str, tuple[float, str | None]]:
        lately = now - ALIVE_FOR.total_seconds()
        return {hub: known for hub, known in self._hubs.items() if known[0] > lately}

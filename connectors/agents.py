"""Which agents are there, as one hub process hears it, and how they are told something.

Every hub process hears every agent. Nothing is kept: after a start the picture is whole within one beat.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from connectors.broker import Broker, BrokerUnavailable, Message, Unroutable
from connectors.clock import Clock
from connectors.presence import ALIVE_FOR, CANCEL, WELCOME, Presence, read_presence, refusal_of
from connectors.topology import agent_address

log = logging.getLogger(__name__)

_TOLD_FOR = timedelta(seconds=10)
_WELCOMED_EVERY = timedelta(milliseconds=100)
"""Whoever beats faster is not answered each time."""
MOST_AGENTS = 100
"""Of one department: whoever invents more is not heard."""


@dataclass(frozen=True, slots=True)
class AgentSighting:
    """An agent as it was last heard of. ``refusal`` says why this hub does not work with it."""

    department: str
    presence: Presence
    since: datetime
    seen_at: datetime
    refusal: str | None


class Agents:
    """``see`` what arrives; ``close`` it at the end."""

    def __init__(self, broker: Broker, instance: str, clock: Clock) -> None:
        self._broker = broker
        self._instance = instance
        self._clock = clock
        self._seen: dict[str, dict[str, AgentSighting]] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Event()

    def of(self, department: str) -> tuple[AgentSighting, ...]:
        """Those that are there now, the longest there first."""
        earliest = self._clock.now() - ALIVE_FOR
        known = self._seen.get(department, {})
        living = {name: each for name, each in known.items() if each.seen_at >= earliest}
        if len(living) < len(known):
            self._seen[department] = living
        return tuple(sorted(living.values(), key=lambda each: (each.since, each.presence.agent)))

    def is_there(self, department: str, agent: str) -> bool:
        return any(each.presence.agent == agent for each in self.of(department))

    async def wait_for(self, department: str) -> None:
        """Until an agent of the department is there."""
        while not self.of(department):
            await self._arrived.wait()

    def see(self, message: Message) -> Presence | None:
        """Note a sign of life and answer it. Harmless when repeated. ``None`` when it is none."""
        presence, department = read_presence(message), message.source
        if presence is None:
            log.warning('"%s" sent a sign of life that is none', department)
            return None
        if presence.is_leaving:
            self._seen.get(department, {}).pop(presence.agent, None)
            return presence
        refusal = refusal_of(presence)
        known = {each.presence.agent: each for each in self.of(department)}
        now, earlier = self._clock.now(), known.get(presence.agent)
        if earlier is None and len(known) >= MOST_AGENTS:
            return None
        sighting = AgentSighting(department, presence, now, now, refusal)
        if earlier is not None:
            sighting = replace(sighting, since=earlier.since)
        elif refusal is not None:
            log.warning('Agent %s of "%s" is refused: %s', presence.agent, department, refusal)
        self._seen[department] = known | {presence.agent: sighting}
        if earlier is None:
            self._arrived.set()
            self._arrived = asyncio.Event()
        if earlier is None or now - earlier.seen_at >= _WELCOMED_EVERY:
            self._start(self._welcome(department, presence, refusal))
        return presence

    def cancel(self, department: str, request: str, agent: str | None = None) -> None:
        """Nobody waits any more: told to the agent, or to all where it is not known which has the request."""
        agents = [agent] if agent is not None else [each.presence.agent for each in self.of(department)]
        self.tell(department, agents, CANCEL, {"request": request})

    def tell(self, department: str, agents: Iterable[str], type_: str, data: Mapping[str, Any]) -> None:
        """Soon, and once: what does not arrive is not sent again."""
        for agent in agents:
            self._start(self._send(department, agent, type_, data))

    async def close(self) -> None:
        for task in tuple(self._telling):
            task.cancel()
        if self._telling:
            await asyncio.wait(self._telling)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _welcome(self, department: str, presence: Presence, refusal: str | None) -> None:
        if not presence.hears:
            try:
                await self._broker.declare_agent(department, presence.agent)
            except BrokerUnavailable as error:
                log.info("The queue of agent %s could not be made: %s", presence.agent, error)
                return
        data = {"hub": self._instance, "beat": presence.beat, "refusal": refusal}
        await self._send(department, presence.agent, WELCOME, data)

    async def _send(self, department: str, agent: str, type_: str, data: Mapping[str, Any]) -> None:
        now = self._clock.now()
        message = Message(uuid4().hex, type_, "hub", now, dict(data), expires_at=now + _TOLD_FOR)
        try:
            await self._broker.publish(agent_address(department, agent), message, durable=False)
        except (BrokerUnavailable, Unroutable) as error:
            log.info("Agent %s could not be told %s: %s", agent, type_, error)

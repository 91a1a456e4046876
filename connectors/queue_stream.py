"""The hub's side of a subscription over a queue: events in their order, each once, or an error that says why not.

Events are numbered. One that comes twice is dropped, one that comes early waits. What was lost on the way, with
its agent or in a broker that was restarted, is noticed by the agent's signs of life, which say how far it is:
what one of them names and has not come by the next is gone, and so is a stream that two do not name any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from connectors.broker import Message
from connectors.connector import ConnectorFailure, FetchResponse
from connectors.going_on import StreamLost
from connectors.presence import BEAT, Presence
from connectors.queue_messages import read_response
from schema.errors import RuntimeCode

CREDIT_EVENTS = 64
"""How many events an agent may send before somebody has taken some of them."""


class QueueStream:
    """One subscription. ``take`` what arrives, ``hear`` the agent's signs of life, and read with ``next``."""

    def __init__(self, name: str, department: str) -> None:
        self.name = name
        self.department = department
        self.agent: str | None = None
        """Which agent serves it, once that has said so."""
        self.opened = asyncio.Event()
        self.is_over = False
        self._received = 0
        self._granted = CREDIT_EVENTS
        self._early: dict[int, FetchResponse | ConnectorFailure] = {}
        self._end: tuple[int, ConnectorFailure | None] | None = None
        self._ready: asyncio.Queue[FetchResponse | ConnectorFailure | None] = asyncio.Queue()
        self._claimed = 0
        self._was_named = True

    @property
    def has_ended(self) -> bool:
        """Whether the agent itself said that it is over; else it may serve it still."""
        return self._end is not None

    def take(self, message: Message) -> None:
        """What the agent sent, in whatever order and however often it arrives."""
        data = message.data
        if self.is_over or not isinstance(data, dict) or not isinstance(data.get("sequence"), int):
            return
        if self.agent is None and isinstance(data.get("agent"), str):
            self.agent = data["agent"]
        if data.get("agent") != self.agent:
            return
        self.opened.set()
        sequence = data["sequence"]
        if "response" in data and sequence > self._granted:
            self.fail(
                ConnectorFailure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, "The agent sent more than it may.")
            )
        elif "response" in data and sequence > self._received:
            self._early[sequence] = _answer_in(data["response"])
        elif "failure" in data or "complete" in data:
            self._end = (sequence, _end_in(data))
        self._pass_on()

    def hear(self, presence: Presence) -> None:
        """A sign of life of an agent of the department."""
        if self.is_over or presence.agent != self.agent:
            return
        sent = presence.streams.get(self.name)
        if presence.is_leaving:
            self.fail(StreamLost("The department's agent stops."))
        elif self._received < self._claimed:
            self.fail(StreamLost("Events were lost on the way."))
        elif sent is None and not self._was_named:
            self.fail(StreamLost("The department's agent does not serve it any more."))
        self._was_named = sent is not None
        self._claimed = sent or 0

    async def next(self, is_agent_there: Callable[[], bool]) -> FetchResponse | None:
        """The next event, ``None`` at the end. Raises :class:`ConnectorFailure`."""
        while True:
            try:
                async with asyncio.timeout(BEAT.total_seconds()):
                    item = await self._ready.get()
            except TimeoutError:
                if not is_agent_there():
                    self.fail(StreamLost("The department's agent is gone."))
                continue
            if isinstance(item, ConnectorFailure):
                raise item
            return item

    def grant(self, events: int) -> None:
        """So many more may come: somebody has taken as many."""
        self._granted += events

    def fail(self, failure: ConnectorFailure) -> None:
        """Nothing more comes; what has come is still to be read."""
        if not self.is_over:
            self.is_over = True
            self._ready.put_nowait(failure)

    def _pass_on(self) -> None:
        while (following := self._early.pop(self._received + 1, None)) is not None:
            self._received += 1
            self._ready.put_nowait(following)
        if self._end is not None and self._received >= self._end[0]:
            self.is_over = True
            self._ready.put_nowait(self._end[1])


def _answer_in(data: Any) -> FetchResponse | ConnectorFailure:
    try:
        return read_response(data)
    except ConnectorFailure as failure:
        return failure


def _end_in(data: dict[str, Any]) -> ConnectorFailure | None:
    """How the agent says that it ended; one that stops itself has not ended the department's events."""
    end = _answer_in(data) if "failure" in data else None
    if isinstance(end, ConnectorFailure) and end.code == RuntimeCode.AGENT_OFFLINE:
        return StreamLost("The department's agent stops.")
    return end if isinstance(end, ConnectorFailure) else None

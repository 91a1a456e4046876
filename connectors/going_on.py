"""A subscription that outlives who serves it, an agent or a subgraph: it is told once that events may be missing,
then goes on.

Each subscription at one of them is one stream. When an open one is lost, with its server or on the way, the
subscriber gets one event that holds the error and the mark of a gap; when somebody is there again, it is
subscribed to anew, and the first event from there has the mark too. Source: docs/transports.md, gaps.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from connectors.connector import ConnectorFailure, FetchResponse
from schema.errors import RuntimeCode

HELD_FOR = timedelta(seconds=10)
"""A stream that was open for so long is a new loss; one that breaks off sooner goes on the old one's time."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0
"""Seconds between two attempts, each taken by half at random: many subscribers lose one agent at once."""

PASSING = frozenset(
    {
        RuntimeCode.AGENT_OFFLINE,
        RuntimeCode.BROKER_UNAVAILABLE,
        RuntimeCode.DEPARTMENT_TIMEOUT,
        RuntimeCode.DEPARTMENT_UNREACHABLE,
        RuntimeCode.SERVICE_UNAVAILABLE,
    }
)
"""What an attempt may meet while a machine, its agent and its systems come back in whatever order."""


class StreamLost(ConnectorFailure):
    """A stream that was open broke off: events may have been missed, and another one may go on."""

    def __init__(self, why: str, code: RuntimeCode = RuntimeCode.AGENT_OFFLINE, detail: str = "") -> None:
        super().__init__(code, f"{why} Events may have been missed: subscribe again.", detail)
        self.why = why


async def going_on(
    subscribe: Callable[[], AsyncGenerator[FetchResponse, None]],
    is_there: Callable[[], Awaitable[None]],
    within: timedelta,
    passing: Collection[RuntimeCode] = PASSING,
) -> AsyncIterator[FetchResponse]:
    """The events of one stream after another, each loss told as an event of its own.

    ``is_there`` returns once somebody can be asked; a failure of ``passing`` is none for good. ``within`` bounds
    an outage, which is from a loss until a stream holds; zero ends with the first loss. Raises what ended the
    last stream.
    """
    outage = _Outage(within, passing)
    while True:
        began = asyncio.get_running_loop().time()
        try:
            async with aclosing(subscribe()) as events:
                async for event in events:
                    yield outage.over(event)
            return
        except ConnectorFailure as failure:
            news = outage.note(failure, began)
        if news is not None:
            yield news
        await outage.wait(is_there)


class _Outage:
    """From the loss of a stream to the first event of another."""

    def __init__(self, within: timedelta, passing: Collection[RuntimeCode]) -> None:
        self._within = within
        self._passing = passing
        self._code = RuntimeCode.AGENT_OFFLINE
        self._is_on = False
        self._ends = 0.0
        self._pause = FIRST_PAUSE

    def over(self, event: FetchResponse) -> FetchResponse:
        """An event came; the first after an outage says that there was one."""
        if not self._is_on:
            return event
        self._is_on = False
        return replace(event, has_gap=True)

    def note(self, failure: ConnectorFailure, began: float) -> FetchResponse | None:
        """What the subscriber is told now, if anything. Raises ``failure`` where it is the end."""
        now = asyncio.get_running_loop().time()
        if not isinstance(failure, StreamLost):
            if self._is_on and failure.code in self._passing and now < self._ends:
                return None
            raise failure
        # One that has held is a new loss though no event came. One that breaks off sooner goes on the old one's
        # time and pauses, though events came: who loses every stream at once is asked ever less, and not for ever.
        has_held = now - began >= HELD_FOR.total_seconds()
        if self._is_on and not has_held:
            return None
        if not self._within or (not has_held and 0 < self._ends <= now):
            raise failure
        if has_held or not self._ends:
            self._ends, self._pause = now + self._within.total_seconds(), FIRST_PAUSE
        self._code, self._is_on = failure.code, True
        return _told(failure)

    async def wait(self, is_there: Callable[[], Awaitable[None]]) -> None:
        """Until the next attempt. Raises :class:`ConnectorFailure` once it took too long."""
        try:
            async with asyncio.timeout_at(self._ends):
                await asyncio.sleep(self._pause * random.uniform(0.5, 1))  # noqa: S311
                await is_there()
        except TimeoutError as error:
            took = round(self._within.total_seconds())
            raise StreamLost(f"The department has not served it again for {took} seconds.", self._code) from error
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def _told(failure: StreamLost) -> FetchResponse:
    message = f"{failure.why} Events may have been missed: read again what you hold. It is subscribed to again."
    error = {"message": message, "extensions": {"code": str(failure.code)}}
    return FetchResponse(None, (error,), failure=failure, has_gap=True)

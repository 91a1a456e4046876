"""A bound on the requests in hand, with a short queue before it: who finds that full is told at once.

A slow department then holds a bounded part of the hub, and nobody waits for it without end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from connectors.connector import ConnectorFailure
from connectors.http_message import failure
from schema.errors import RuntimeCode


@dataclass(frozen=True, slots=True)
class BulkheadState:
    """``refused`` is how many were told DEPARTMENT_BUSY since the process began."""

    concurrency: int
    in_flight: int
    queue_length: int
    waiting: int
    refused: int


class Bulkhead:
    """The slots of one connector. Changing its bounds lets those in hand finish."""

    def __init__(self, concurrency: int, queue_length: int, queue_wait: timedelta) -> None:
        self._concurrency = concurrency
        self._queue_length = queue_length
        self._queue_wait = queue_wait.total_seconds()
        self._in_flight = 0
        self._refused = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def state(self) -> BulkheadState:
        waiting = sum(not each.done() for each in self._waiting)
        return BulkheadState(self._concurrency, self._in_flight, self._queue_length, waiting, self._refused)

    def resize(self, concurrency: int, queue_length: int, queue_wait: timedelta) -> None:
        self._concurrency, self._queue_length = concurrency, queue_length
        self._queue_wait = queue_wait.total_seconds()
        self._admit_next()

    def try_enter(self) -> bool:
        """Take a slot where one is free and nobody waits for it."""
        if self._waiting or self._in_flight >= self._concurrency:
            return False
        self._in_flight += 1
        return True

    async def wait(self, ends: float) -> None:
        """Take a slot as soon as it is one's turn, before ``ends``. Raises DEPARTMENT_BUSY."""
        if len(self._waiting) >= self._queue_length:
            raise self._busy(f"{self._in_flight} in hand and {len(self._waiting)} waiting")
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout_at(min(ends, loop.time() + self._queue_wait)):
                await turn
        except BaseException as error:
            self._leave_queue(turn)
            if isinstance(error, TimeoutError):
                raise self._busy("no slot was free in time") from error
            raise

    def leave(self) -> None:
        """Give the slot back."""
        self._in_flight -= 1
        self._admit_next()

    def _leave_queue(self, turn: asyncio.Future[None]) -> None:
        """A turn that came at the last moment goes to the next one."""
        if turn.done() and not turn.cancelled():
            self.leave()
        elif turn in self._waiting:
            self._waiting.remove(turn)

    def _admit_next(self) -> None:
        while self._waiting and self._in_flight < self._concurrency:
            turn = self._waiting.popleft()
            if not turn.done():
                self._in_flight += 1
                turn.set_result(None)

    def _busy(self, cause: str) -> ConnectorFailure:
        self._refused += 1
        return failure(RuntimeCode.DEPARTMENT_BUSY, cause, never_sent=True)

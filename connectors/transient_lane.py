"""Transient messages to one address: a lone one leaves at once, those that come while others leave go together.

Nothing waits for company: what one turn of the event loop brings is gathered, and a bounded number of sends is
under way, so that groups form only where there is a backlog.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

LARGEST_GROUP = 16
LARGEST_GROUP_BYTES = 128 * 1024
SENDS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """An encoded message, when it ends, and who waits for it to be safe."""

    body: bytes
    expires_at: datetime | None
    done: asyncio.Future[None]


class TransientLane:
    """``send`` gets one message or several, and returns once the broker has them."""

    def __init__(self, send: Callable[[Sequence[Waiting]], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: deque[Waiting] = deque()
        self._sending: set[asyncio.Task[None]] = set()
        self._is_scheduled = False

    @property
    def is_idle(self) -> bool:
        return not self._waiting and not self._sending

    async def add(self, body: bytes, expires_at: datetime | None) -> None:
        """Return once it is safe. Raises what ``send`` raised for the group that it left in."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append(Waiting(body, expires_at, done))
        if not self._is_scheduled and len(self._sending) < SENDS_AT_ONCE:
            self._is_scheduled = True
            loop.call_soon(self._leave)
        await done

    def _leave(self) -> None:
        self._is_scheduled = False
        while self._waiting and len(self._sending) < SENDS_AT_ONCE:
            group = self._next_group()
            if group:
                task = asyncio.create_task(self._send_group(group))
                self._sending.add(task)
                task.add_done_callback(self._sent)

    def _next_group(self) -> list[Waiting]:
        """Whoever does not wait any more is left behind; a message over the bound travels alone."""
        group: list[Waiting] = []
        size = 0
        while self._waiting and len(group) < LARGEST_GROUP:
            if self._waiting[0].done.done():
                self._waiting.popleft()
                continue
            size += len(self._waiting[0].body)
            if group and size > LARGEST_GROUP_BYTES:
                break
            group.append(self._waiting.popleft())
        return group

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._leave()

    async def _send_group(self, group: list[Waiting]) -> None:
        error: Exception | None = None
        try:
            await self._send(group)
        except Exception as failure:  # noqa: BLE001  it is the answer to each who waits
            error = failure
        for each in group:
            if each.done.done():
                continue
            if error is None:
                each.done.set_result(None)
            else:
                each.done.set_exception(error)

"""Messages to one address: a lone one leaves at once, those that come while others leave go together.

Nothing waits for company: what one turn of the event loop brings is gathered, and a bounded number of sends is
under way, so that groups form only where there is a backlog. What was added together leaves together, in order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from connectors.broker import Message

LARGEST_GROUP = 16
LARGEST_GROUP_BYTES = 128 * 1024
SENDS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message and its text."""

    message: Message
    body: bytes


@dataclass(frozen=True, slots=True)
class _Waiting:
    parts: tuple[Encoded, ...]
    size_bytes: int
    done: asyncio.Future[None]


class Lane:
    """``send`` gets one message or several, and returns once the broker has all of them."""

    def __init__(
        self,
        send: Callable[[Sequence[Encoded]], Awaitable[None]],
        *,
        largest_group: int = LARGEST_GROUP,
        sends_at_once: int = SENDS_AT_ONCE,
    ) -> None:
        self._send = send
        self._largest_group = largest_group
        self._sends_at_once = sends_at_once
        self._waiting: deque[_Waiting] = deque()
        self._sending: set[asyncio.Task[None]] = set()
        self._is_scheduled = False

    @property
    def is_idle(self) -> bool:
        return not self._waiting and not self._sending

    async def add(self, *parts: Encoded) -> None:
        """Return once they are safe. Raises what ``send`` raised for the group that they left in."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append(_Waiting(parts, sum(len(each.body) for each in parts), done))
        if not self._is_scheduled and len(self._sending) < self._sends_at_once:
            self._is_scheduled = True
            loop.call_soon(self._leave)
        await done

    def _leave(self) -> None:
        self._is_scheduled = False
        while self._waiting and len(self._sending) < self._sends_at_once:
            group = self._next_group()
            if group:
                task = asyncio.create_task(self._send_group(group))
                self._sending.add(task)
                task.add_done_callback(self._sent)

    def _next_group(self) -> list[_Waiting]:
        """Whoever does not wait any more is left behind; what is over the bounds by itself travels alone."""
        group: list[_Waiting] = []
        count = size = 0
        while self._waiting:
            if self._waiting[0].done.done():
                self._waiting.popleft()
                continue
            count += len(self._waiting[0].parts)
            size += self._waiting[0].size_bytes
            if group and (count > self._largest_group or size > LARGEST_GROUP_BYTES):
                break
            group.append(self._waiting.popleft())
        return group

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._leave()

    async def _send_group(self, group: list[_Waiting]) -> None:
        error: Exception | None = None
        try:
            await self._send([part for each in group for part in each.parts])
        except Exception as failure:  # noqa: BLE001  it is the answer to each who waits
            error = failure
        for each in group:
            if each.done.done():
                continue
            if error is None:
                each.done.set_result(None)
            else:
                each.done.set_exception(error)

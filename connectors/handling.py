"""Run a handler over deliveries: the part that every broker implementation has in common.

Deliveries of one partition run one after the other in the order of arrival, others side by side; so a
message in hand when the wire is cut, and its redelivery after the reconnect, never run at once.
A handler that takes many at once and keeps their order itself (:class:`InOrder`) gets the later ones of a
partition while the earlier are in its hands, so that all of them can share what each would cost alone.
A handler that raises is a retry; one that forgets to end its delivery is told so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from connectors.broker import BrokerUnavailable, Delivery, Handler

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(milliseconds=500)
LONGEST_RETRY = timedelta(minutes=1)


class HeldBack(Exception):
    """An :class:`InOrder` handler did nothing with the message, since an earlier one of its partition failed."""


@dataclass(frozen=True, slots=True)
class InOrder:
    """A handler to whom a partition's later messages may come before its earlier ones are ended.

    It gives them their effects in the order in which they came. Where one fails, it raises :class:`HeldBack` for
    those behind it; they come again once that one is ended, and it is no try of theirs.
    """

    handle: Handler

    async def __call__(self, delivery: Delivery) -> None:
        await self.handle(delivery)


class HeldDelivery(Delivery, Protocol):
    """A delivery that knows whether one of its three endings was called."""

    @property
    def is_ended(self) -> bool: ...


def backoff(attempt: int, *, first: timedelta = FIRST_RETRY, longest: timedelta = LONGEST_RETRY) -> timedelta:
    """The pause after the ``attempt``-th try: each four times the one before, bounded."""
    factor: int = 4 ** min(attempt - 1, 10)
    return min(first * factor, longest)


@dataclass(eq=False, slots=True)
class _Running:
    """One delivery with its task. ``is_handed_over``: the handler has it, and what is behind it may follow."""

    delivery: HeldDelivery
    earlier: _Running | None
    task: asyncio.Task[None] | None = None
    is_handed_over: bool = False

    @property
    def lets_follow(self) -> bool:
        # One that waits for its next try, or was ended, is not in the handler's hands.
        return self.is_handed_over and not self.delivery.is_ended

    async def ended(self) -> None:
        if self.task is not None:
            await asyncio.wait([self.task])


class Handling:
    """The running handlers of one consumer. ``follows``: the handler is one of :class:`InOrder`."""

    def __init__(self, handler: Handler, *, ordered: bool, follows: bool = False) -> None:
        self._handler = handler
        self._ordered = ordered
        self._follows = follows
        self._running: set[asyncio.Task[None]] = set()
        self._last_of_partition: dict[str, _Running] = {}

    def __len__(self) -> int:
        return len(self._running)

    def start(self, delivery: HeldDelivery, on_done: Callable[[], None]) -> None:
        """Begin at once, or after the partition's earlier messages. ``on_done`` is called in any case."""
        key = delivery.message.partition_key
        running = _Running(delivery, self._last_of_partition.get(key) if self._ordered else None)
        running.task = asyncio.create_task(self._run(running))
        self._running.add(running.task)
        if self._ordered:
            self._last_of_partition[key] = running
        running.task.add_done_callback(lambda done: self._finish(done, key, on_done))

    def _finish(self, task: asyncio.Task[None], key: str, on_done: Callable[[], None]) -> None:
        self._running.discard(task)
        if (last := self._last_of_partition.get(key)) is not None and last.task is task:
            del self._last_of_partition[key]
        on_done()

    async def _run(self, running: _Running) -> None:
        earlier, running.earlier = running.earlier, None
        if earlier is not None and not (self._follows and earlier.lets_follow):
            await earlier.ended()
        try:
            while not await self._was_taken(running):
                await (earlier.ended() if earlier is not None else asyncio.sleep(0))
        except BrokerUnavailable as error:
            log.warning(
                "Message %s could not be ended, it will come again: %s", running.delivery.message.id, error
            )

    async def _was_taken(self, running: _Running) -> bool:
        """False where it was held back, and so is what follows."""
        running.is_handed_over = True
        try:
            await try_once(self._handler, running.delivery)
        except HeldBack:
            running.is_handed_over = False
            return False
        return True

    async def cancel(self) -> None:
        """Stop all running handlers and wait for them."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


async def try_once(handler: Handler, delivery: HeldDelivery) -> None:
    """Run the handler and see to it that the delivery is ended, unless it was :class:`HeldBack`.

    Raises :class:`BrokerUnavailable`.
    """
    try:
        await handler(delivery)
    except HeldBack:
        raise
    except Exception as error:
        log.warning("Handling message %s failed", delivery.message.id, exc_info=error)
        if not delivery.is_ended:
            await delivery.retry(backoff(delivery.attempt), f"{type(error).__name__}: {error}"[:500])
        return
    if not delivery.is_ended:
        await delivery.retry(backoff(delivery.attempt), "The handler ended without ending the delivery.")

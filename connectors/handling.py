"""Run a handler over deliveries: the part that every broker implementation has in common.

Deliveries of one partition run one after the other in the order of arrival, others side by side; so a
message in hand when the wire is cut, and its redelivery after the reconnect, never run at once.
A handler that raises is a retry; one that forgets to end its delivery is told so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from connectors.broker import BrokerUnavailable, Delivery, Handler

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(milliseconds=500)
LONGEST_RETRY = timedelta(minutes=1)


class HeldDelivery(Delivery, Protocol):
    """A delivery that knows whether one of its three endings was called."""

    @property
    def is_ended(self) -> bool: ...


def backoff(attempt: int, *, first: timedelta = FIRST_RETRY, longest: timedelta = LONGEST_RETRY) -> timedelta:
    """The pause after the ``attempt``-th try: each four times the one before, bounded."""
    factor: int = 4 ** min(attempt - 1, 10)
    return min(first * factor, longest)


class Handling:
    """The running handlers of one consumer."""

    def __init__(self, handler: Handler, *, ordered: bool) -> None:
        self._handler = handler
        self._ordered = ordered
        self._running: set[asyncio.Task[None]] = set()
        self._last_of_partition: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._running)

    def start(self, delivery: HeldDelivery, on_done: Callable[[], None]) -> None:
        """Begin at once, or after the partition's earlier messages. ``on_done`` is called in any case."""
        key = delivery.message.partition_key
        earlier = self._last_of_partition.get(key) if self._ordered else None
        task = asyncio.create_task(self._run(delivery, earlier))
        self._running.add(task)
        if self._ordered:
            self._last_of_partition[key] = task
        task.add_done_callback(lambda done: self._finish(done, key, on_done))

    def _finish(self, task: asyncio.Task[None], key: str, on_done: Callable[[], None]) -> None:
        self._running.discard(task)
        if self._last_of_partition.get(key) is task:
            del self._last_of_partition[key]
        on_done()

    async def _run(self, delivery: HeldDelivery, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        try:
            await try_once(self._handler, delivery)
        except BrokerUnavailable as error:
            log.warning("Message %s could not be ended, it will come again: %s", delivery.message.id, error)

    async def cancel(self) -> None:
        """Stop all running handlers and wait for them."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


async def try_once(handler: Handler, delivery: HeldDelivery) -> None:
    """Run the handler and see to it that the delivery is ended. Raises :class:`BrokerUnavailable`."""
    try:
        await handler(delivery)
    except Exception as error:
        log.warning("Handling message %s failed", delivery.message.id, exc_info=error)
        if not delivery.is_ended:
            await delivery.retry(backoff(delivery.attempt), f"{type(error).__name__}: {error}"[:500])
        return
    if not delivery.is_ended:
        await delivery.retry(backoff(delivery.attempt), "The handler ended without ending the delivery.")

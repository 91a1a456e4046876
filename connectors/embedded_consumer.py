"""One consumer of the embedded broker: claims as much as it may hold, hands it out, gives back the rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.broker import BrokerUnavailable, DeadLetter, Handler, Message
from connectors.embedded_store import ClaimedMessage
from connectors.handling import Handling
from connectors.topology import DELIVERY_LIMIT

if TYPE_CHECKING:
    from connectors.embedded import EmbeddedBroker, TransientMessage

log = logging.getLogger(__name__)

_PAUSE_AFTER_FAILURE = 0.5


class EmbeddedConsumer:
    """Implements :class:`connectors.broker.Consumption`."""

    def __init__(
        self, broker: EmbeddedBroker, queue: str, handler: Handler, *, prefetch: int, ordered: bool
    ) -> None:
        self.queue = queue
        self.held: set[int] = set()
        self.transient_in_hand = 0
        self._broker = broker
        self._prefetch = prefetch
        self._ordered = ordered
        self._handling = Handling(handler, ordered=ordered)
        self._awake = asyncio.Event()
        self._may_claim = True
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        self._awake.set()
        self._task = asyncio.create_task(self._run())

    def wake(self, *, is_stored: bool) -> None:
        self._may_claim |= is_stored
        self._awake.set()

    async def cancel(self) -> None:
        if self._task is None:
            return
        # The loop ends by itself: a claim that is under way must not be lost between commit and hand.
        task, self._task = self._task, None
        self._stopping = True
        self._awake.set()
        await asyncio.wait([task])
        await self._handling.cancel()
        try:
            for sequence in tuple(self.held):
                await self._broker.store.release(self._broker.owner, sequence, self._broker.clock.now())
            self.held.clear()
            await self._broker.remove_consumer(self)
        except BrokerUnavailable as error:
            log.warning("Messages of %s stay leased until the lease ends: %s", self.queue, error)
        self._broker.wake(self.queue)

    async def _run(self) -> None:
        while not self._stopping:
            await self._awake.wait()
            self._awake.clear()
            try:
                await self._take_all()
            except BrokerUnavailable as error:
                log.warning("%s", error)
                await asyncio.sleep(_PAUSE_AFTER_FAILURE)
                self.wake(is_stored=True)

    async def _take_all(self) -> None:
        """Take until the hands are full or the queue is empty."""
        while not self._stopping and (free := self._prefetch - len(self._handling)) > 0:
            entries = self._broker.take_transient(self.queue, free)
            for entry in entries:
                self._start_transient(entry)
            if len(entries) == free or not self._may_claim:
                return
            claimed = await self._claim(free - len(entries))
            for message in claimed:
                self._start_claimed(message)
            if not claimed:
                return

    async def _claim(self, limit: int) -> tuple[ClaimedMessage, ...]:
        self._may_claim = False
        claimed = await self._broker.claim(self.queue, limit, ordered=self._ordered)
        self._may_claim |= len(claimed) == limit
        return tuple(message for message in claimed if message.sequence not in self.held)

    def _start_claimed(self, claimed: ClaimedMessage) -> None:
        self.held.add(claimed.sequence)
        delivery = StoredDelivery(self._broker, self, claimed)

        def on_done() -> None:
            # What could not be ended is nobody's until the lease ends, and comes again then.
            if not self._stopping:
                self.held.discard(claimed.sequence)
            self._on_done()

        self._handling.start(delivery, on_done)

    def _start_transient(self, entry: TransientMessage) -> None:
        self.transient_in_hand += 1
        delivery = TransientDelivery(self._broker, self.queue, entry)

        def on_done() -> None:
            self.transient_in_hand -= 1
            if not delivery.is_ended:
                self._broker.return_transient(self.queue, entry)
            self._on_done()

        self._handling.start(delivery, on_done)

    def _on_done(self) -> None:
        # Where order counts, the end of one message makes the next of its partition claimable.
        self._broker.wake(self.queue, is_stored=self._ordered)


class StoredDelivery:
    """A row in hand. Implements :class:`connectors.broker.Delivery`."""

    def __init__(self, broker: EmbeddedBroker, consumer: EmbeddedConsumer, claimed: ClaimedMessage) -> None:
        self.message: Message = claimed.message
        self.attempt: int = claimed.attempt
        self.is_ended = False
        self._broker = broker
        self._consumer = consumer
        self._sequence = claimed.sequence

    async def acknowledge(self) -> None:
        self.is_ended = True
        await self._broker.acknowledge(self._sequence)
        self._consumer.held.discard(self._sequence)

    async def retry(self, delay: timedelta, reason: str) -> None:
        if self.attempt >= DELIVERY_LIMIT:
            await self.dead_letter(reason)
            return
        self.is_ended = True
        await self._broker.store.release(self._broker.owner, self._sequence, self._broker.clock.now() + delay)
        self._consumer.held.discard(self._sequence)
        _wake_later(self._broker, self._consumer.queue, delay)

    async def dead_letter(self, reason: str) -> None:
        self.is_ended = True
        letter = DeadLetter(self._consumer.queue, self.message, reason, self.attempt, self._broker.clock.now())
        await self._broker.store.bury(letter, owner=self._broker.owner, sequence=self._sequence)
        self._consumer.held.discard(self._sequence)


class TransientDelivery:
    """A message of this process's memory in hand. Implements :class:`connectors.broker.Delivery`."""

    def __init__(self, broker: EmbeddedBroker, queue: str, entry: TransientMessage) -> None:
        self.message: Message = entry.message
        self.attempt: int = entry.attempt
        self.is_ended = False
        self._broker = broker
        self._queue = queue
        self._entry = entry

    async def acknowledge(self) -> None:
        self.is_ended = True

    async def retry(self, delay: timedelta, reason: str) -> None:
        if self.attempt >= DELIVERY_LIMIT:
            await self.dead_letter(reason)
            return
        self.is_ended = True
        _call_later(delay, lambda: self._broker.return_transient(self._queue, self._entry))

    async def dead_letter(self, reason: str) -> None:
        self.is_ended = True
        letter = DeadLetter(self._queue, self.message, reason, self.attempt, self._broker.clock.now())
        await self._broker.store.bury(letter, owner=self._broker.owner, sequence=None)


def _wake_later(broker: EmbeddedBroker, queue: str, delay: timedelta) -> None:
    """The poll would find it too; this is for delays shorter than the poll."""
    _call_later(delay, lambda: broker.wake(queue))


def _call_later(delay: timedelta, call: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(delay.total_seconds(), call)

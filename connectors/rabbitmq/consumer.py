"""A consumer that outlives its connections, and the message in its hand.

A retry keeps the message in hand, unacknowledged, for its delay: that holds back later messages of its
partition and nothing else, and needs no queue per delay. If the process dies meanwhile, the broker
delivers it again at once. The price: a message that waits takes one place of the prefetch.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity

from connectors.broker import BrokerUnavailable, Delivery, Handler, Message, Unroutable
from connectors.handling import Handling, InOrder, try_once
from connectors.rabbitmq.acknowledging import Acknowledging
from connectors.rabbitmq.link import Link, unavailable
from connectors.rabbitmq.messages import attempts_before, from_amqp, malformed
from connectors.routing import is_ordered
from connectors.topology import DELIVERY_LIMIT

if TYPE_CHECKING:
    from connectors.rabbitmq.broker import RabbitMQBroker

log = logging.getLogger(__name__)


class RabbitMQConsumer:
    """Implements :class:`connectors.broker.Consumption`."""

    def __init__(self, broker: RabbitMQBroker, queue: str, handler: Handler, prefetch: int) -> None:
        self.queue = queue
        self._broker = broker
        self._handler = handler
        self._prefetch = prefetch
        follows = isinstance(handler, InOrder)
        self._handling = Handling(self._try_until_ended, ordered=is_ordered(queue), follows=follows)
        self._channel: AbstractChannel | None = None
        self._link: Link | None = None
        self._acknowledging = Acknowledging()

    @property
    def in_hand(self) -> int:
        return len(self._handling)

    async def start(self, link: Link) -> None:
        """Consume over ``link``. Raises :class:`BrokerUnavailable` or :class:`Unroutable`."""
        await self._check_exists(link)
        channel = await link.channel(self._prefetch)
        try:
            with unavailable():
                queue = await channel.get_queue(self._broker.stored(self.queue), ensure=False)
                # Delivery tags are the channel's: with a new one they begin anew.
                self._acknowledging = Acknowledging()
                await queue.consume(self._take)
        except ChannelNotFoundEntity as error:
            raise Unroutable(f'Queue "{self.queue}" does not exist any more.') from error
        self._link, self._channel = link, channel

    async def _check_exists(self, link: Link) -> None:
        """Apart: to consume what does not exist would break the link under everybody's feet."""
        async with link.asking() as channel:
            try:
                with unavailable():
                    await channel.get_queue(self._broker.stored(self.queue), ensure=True)
            except ChannelNotFoundEntity as error:
                raise Unroutable(f'Queue "{self.queue}" does not exist. Declare it first.') from error

    async def cancel(self) -> None:
        self._broker.forget(self)
        await self._handling.cancel()
        channel, self._channel = self._channel, None
        if channel is not None and self._link is not None and not channel.is_closed:
            # Closing gives back what is in hand. It is meant, so it does not break the link.
            channel.close_callbacks.discard(self._link.mark_broken)
            try:
                with unavailable():
                    await channel.close()
            except BrokerUnavailable as error:
                log.debug("The consumer of %s was closed by its connection: %s", self.queue, error)

    async def _take(self, incoming: AbstractIncomingMessage) -> None:
        messages = from_amqp(incoming)
        bundle = Bundle(incoming, max(len(messages), 1), self._acknowledging)
        if not messages:
            stranger = malformed(incoming, self._broker.clock.now())
            await RabbitMQDelivery(self._broker, self.queue, bundle, stranger).dead_letter("It is no CloudEvent.")
        for message in messages:
            delivery = RabbitMQDelivery(self._broker, self.queue, bundle, message)
            if (refusal := self._broker.forgery(incoming.exchange, message)) is not None:
                await delivery.dead_letter(refusal)
            elif len(messages) > 1 and self._broker.has_expired(message):
                # Together they live as long as the longest; alone, RabbitMQ would have dropped it.
                await delivery.acknowledge()
            else:
                self._handling.start(delivery, lambda: None)

    async def _try_until_ended(self, delivery: Delivery) -> None:
        """Tries follow each other in one task, so that the partition's later messages wait behind it."""
        if not isinstance(delivery, RabbitMQDelivery):
            raise TypeError(f"{delivery!r} is not of RabbitMQ")
        while True:
            await try_once(self._handler, delivery)
            if delivery.pause is None:
                return
            await asyncio.sleep(delivery.pause.total_seconds())
            delivery.begin_again()


class Bundle:
    """What came in one message of AMQP, acknowledged once each part is ended; else all of it comes again."""

    def __init__(self, incoming: AbstractIncomingMessage, parts: int, acknowledging: Acknowledging) -> None:
        self.attempts_before = attempts_before(incoming)
        self._incoming = incoming
        self._open = parts
        self._acknowledging = acknowledging

    async def end_one(self) -> None:
        self._open -= 1
        if self._open == 0:
            await self._acknowledging.end(self._incoming)


class RabbitMQDelivery:
    """Implements :class:`connectors.broker.Delivery`. ``pause`` is set while it waits for its next try."""

    def __init__(self, broker: RabbitMQBroker, queue: str, bundle: Bundle, message: Message) -> None:
        self.message = message
        self.attempt = 1 + bundle.attempts_before
        self.is_ended = False
        self.pause: timedelta | None = None
        self._broker = broker
        self._queue = queue
        self._bundle = bundle

    async def acknowledge(self) -> None:
        if not self.is_ended:
            self.is_ended = True
            await self._bundle.end_one()

    async def retry(self, delay: timedelta, reason: str) -> None:
        if self.attempt >= DELIVERY_LIMIT:
            await self.dead_letter(reason)
            return
        self.is_ended = True
        self.pause = delay

    async def dead_letter(self, reason: str) -> None:
        """The letter is safe before the message is gone; a crash in between makes two letters of one."""
        await self._broker.bury(self._queue, self.message, reason, self.attempt)
        await self.acknowledge()

    def begin_again(self) -> None:
        self.pause, self.is_ended = None, False
        self.attempt += 1

"""The broker protocol over RabbitMQ: confirmed and mandatory publishing, quorum queues, one link at a time.

``department`` is given on a department's side: its credentials write its own exchange only and declare
nothing. Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity

from connectors.broker import (
    LARGEST_MESSAGE_BYTES,
    BrokerUnavailable,
    Consumption,
    DeadLetter,
    Handler,
    Message,
    MessageTooLarge,
    QueueStatistics,
    Unroutable,
)
from connectors.clock import Clock
from connectors.cloud_events import encode_event
from connectors.handling import backoff
from connectors.lane import Encoded, Lane
from connectors.rabbitmq.access import DEAD_KEY
from connectors.rabbitmq.consumer import RabbitMQConsumer
from connectors.rabbitmq.declaring import declare
from connectors.rabbitmq.link import Link, open_link, unavailable
from connectors.rabbitmq.messages import (
    group_to_amqp,
    letter_to_amqp,
    letters_from_amqp,
    to_amqp,
    transient_to_amqp,
)
from connectors.rabbitmq.topology import Naming, Topology, all_queues
from connectors.routing import Address, check_department, check_sender, is_of_an_agent, parse_address
from connectors.topology import DEAD_LETTER_QUEUE, HUB_EXCHANGE, agent_queue, out_exchange

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(milliseconds=100)
LONGEST_PAUSE = timedelta(seconds=2)
MOST_LETTERS = 1000
LARGEST_DURABLE_GROUP = 64


class RabbitMQBroker:
    """Implements :class:`connectors.broker.Broker`. The virtual host stands in the ``url``, which is asked for
    each connection where it may change."""

    def __init__(
        self,
        url: str | Callable[[], str],
        clock: Clock,
        *,
        department: str | None = None,
        namespace: str = "",
        tls: ssl.SSLContext | None = None,
        confirm_within: timedelta = timedelta(seconds=10),
    ) -> None:
        self.clock = clock
        self._url = url if callable(url) else lambda: url
        self._department = department
        self._namespace = namespace
        self._tls = tls
        self._confirm_within = confirm_within.total_seconds()
        self._departments: set[str] = set()
        self._instances: set[str] = set()
        self._consumers: list[RabbitMQConsumer] = []
        self._lanes: dict[tuple[Address, bool], Lane] = {}
        """By address, and whether it is for durable messages."""
        self._browsing = asyncio.Lock()
        self._link: Link | None = None
        self._keeping: asyncio.Task[None] | None = None

    # the Broker protocol

    async def connect(self) -> None:
        if self._keeping is not None:
            return
        self._link = await self._open()
        self._keeping = asyncio.create_task(self._keep())

    async def declare_department(self, department: str) -> None:
        check_department(department)
        await self._declare(self._living(), (department,), ())
        self._departments.add(department)

    async def declare_hub(self, instance: str) -> None:
        await self._declare(self._living(), (), (instance,))
        self._instances.add(instance)

    async def declare_agent(self, department: str, agent: str) -> None:
        await self._make(self._living(), Naming(self._namespace).agent(department, agent))

    async def remove_agent(self, department: str, agent: str) -> None:
        async with self._living().asking() as channel:
            with unavailable():
                await channel.queue_delete(self.stored(agent_queue(department, agent)))

    async def publish(self, address: str, message: Message, *, durable: bool = True) -> None:
        parsed = parse_address(address)
        encoded = _encoded(parsed, message)
        if not durable:
            if not self.has_expired(message):
                await self._transient_lane(parsed).add(encoded)
        elif parsed.department is None:
            # Commands go one by one: after a crash each is known by itself to have been begun or not.
            await self._send(parsed, (encoded,))
        else:
            await self._durable_lane(parsed).add(encoded)

    async def publish_all(self, address: str, messages: Sequence[Message]) -> None:
        parsed = parse_address(address)
        encoded = [_encoded(parsed, each) for each in messages]
        if parsed.department is not None and sum(len(each.body) for each in encoded) <= LARGEST_MESSAGE_BYTES:
            await self._durable_lane(parsed).add(*encoded)
            return
        for each in messages:
            await self.publish(address, each)

    async def consume(self, queue: str, handler: Handler, *, prefetch: int = 16) -> Consumption:
        consumer = RabbitMQConsumer(self, queue, handler, prefetch)
        await consumer.start(self._living())
        self._consumers.append(consumer)
        return consumer

    async def consumers(self, queue: str) -> int:
        figures = await self._look_at(queue)
        return 0 if figures is None else figures.consumers

    async def statistics(self) -> tuple[QueueStatistics, ...]:
        """Of the queues declared through this broker; in hand is counted for this process only."""
        in_hand = Counter[str]()
        for consumer in self._consumers:
            in_hand[consumer.queue] += consumer.in_hand
        names = all_queues(frozenset(self._departments), frozenset(self._instances))
        found = [await self._look_at(name, in_hand[name]) for name in names]
        return tuple(figures for figures in found if figures is not None)

    async def dead_letters(self) -> tuple[DeadLetter, ...]:
        """The oldest thousand: read and given back, so a reader at the same moment may see fewer."""
        async with self._browsing, self._living().asking() as channel:
            letters: list[DeadLetter] = []
            try:
                with unavailable():
                    queue = await channel.get_queue(self.stored(DEAD_LETTER_QUEUE))
                    while len(letters) < MOST_LETTERS and (incoming := await queue.get(fail=False)):
                        letters += self._read_letters(incoming)
            except ChannelNotFoundEntity:
                return ()
        return tuple(letters)

    async def redrive(self, message_id: str) -> bool:
        """Published again before the letter is taken away: a crash in between delivers twice, never not."""
        link = self._living()
        async with self._browsing, link.asking() as channel:
            try:
                with unavailable():
                    queue = await channel.get_queue(self.stored(DEAD_LETTER_QUEUE))
                    while incoming := await queue.get(fail=False):
                        letters = self._read_letters(incoming)
                        if letter := next((each for each in letters if each.message.id == message_id), None):
                            break
                    else:
                        return False
            except ChannelNotFoundEntity:
                return False
            amqp = to_amqp(letter.message, encode_event(letter.message))
            try:
                await link.publish(self.stored(HUB_EXCHANGE), letter.queue, amqp, self._confirm_within)
            except Unroutable:
                log.warning("Dead letter %s cannot be sent again: there is no %s", message_id, letter.queue)
                return False
            for other in letters:
                if other is not letter:
                    await self._bury(other)
            with unavailable():
                await incoming.ack()
        return True

    async def close(self) -> None:
        for consumer in tuple(self._consumers):
            await consumer.cancel()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
            self._keeping = None
        if self._link is not None:
            await _close(self._link)
            self._link = None

    def renew(self) -> None:
        """Connect anew, with the url of now; what is in hand comes again."""
        if self._link is not None:
            self._link.mark_broken()

    # for its consumers

    def stored(self, name: str) -> str:
        """The name on the broker."""
        return f"{self._namespace}{name}"

    def forget(self, consumer: RabbitMQConsumer) -> None:
        if consumer in self._consumers:
            self._consumers.remove(consumer)

    def has_expired(self, message: Message) -> bool:
        return message.expires_at is not None and message.expires_at <= self.clock.now()

    def forgery(self, exchange: str | None, message: Message) -> str | None:
        """Why the message cannot be whose it says it is: each department writes its own exchange only."""
        name = (exchange or "").removeprefix(self._namespace)
        department = name.removesuffix(".out")
        if name != out_exchange(department) or message.source == department:
            return None
        return f'"{department}" sent a message in the name of "{message.source}".'

    async def bury(self, queue: str, message: Message, reason: str, attempts: int) -> None:
        await self._bury(DeadLetter(queue, message, reason, attempts, self.clock.now()))

    # inside

    async def _bury(self, letter: DeadLetter) -> None:
        exchange, key = HUB_EXCHANGE, DEAD_LETTER_QUEUE
        if self._department is not None:
            exchange, key = out_exchange(self._department), DEAD_KEY
        try:
            amqp = letter_to_amqp(letter)
            await self._living().publish(self.stored(exchange), key, amqp, self._confirm_within)
        except Unroutable as error:
            raise BrokerUnavailable(f"There is no queue for dead letters: {error}") from error

    def _transient_lane(self, address: Address) -> Lane:
        return self._lane(address, lambda: Lane(lambda group: self._send_transient(address, group)), durable=False)

    def _durable_lane(self, address: Address) -> Lane:
        """One send at a time: what comes until it is confirmed shares the next confirm."""

        def make() -> Lane:
            send = lambda group: self._send(address, group)  # noqa: E731
            return Lane(send, largest_group=LARGEST_DURABLE_GROUP, sends_at_once=1)

        return self._lane(address, make, durable=True)

    def _lane(self, address: Address, make: Callable[[], Lane], *, durable: bool) -> Lane:
        lane = self._lanes.get((address, durable))
        if lane is None:
            self._lanes = {known: each for known, each in self._lanes.items() if not each.is_idle}
            lane = self._lanes[address, durable] = make()
        return lane

    async def _send_transient(self, address: Address, group: Sequence[Encoded]) -> None:
        await self._publish(address, transient_to_amqp(group, self.clock.now()))

    async def _send(self, address: Address, group: Sequence[Encoded]) -> None:
        await self._publish(address, group_to_amqp(group))

    async def _publish(self, address: Address, amqp: aio_pika.Message) -> None:
        exchange = self.stored(address.exchange)
        await self._living().publish(exchange, address.routing_key, amqp, self._confirm_within)

    def _living(self) -> Link:
        if self._link is None or self._link.broken.is_set():
            raise BrokerUnavailable("RabbitMQ cannot be reached just now.")
        return self._link

    async def _open(self) -> Link:
        return await open_link(self._url(), self._tls, f"jiyi {self._department or 'hub'}")

    async def _keep(self) -> None:
        """Wait for the link to break, then open the next with everything that stood on it; for ever."""
        failures = 0
        while True:
            if self._link is not None:
                await self._link.broken.wait()
                log.warning("The connection to RabbitMQ broke")
                await _close(self._link)
                self._link = None
            try:
                self._link = await self._restore()
            except (BrokerUnavailable, Unroutable) as error:
                failures += 1
                pause = backoff(failures, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
                log.warning("%s Trying again in %s.", error, pause)
                await asyncio.sleep(pause.total_seconds())
                continue
            failures = 0
            log.info("Connected to RabbitMQ again")

    async def _restore(self) -> Link:
        link = await self._open()
        try:
            await self._declare(link, tuple(self._departments), tuple(self._instances))
            for consumer in tuple(self._consumers):
                await self._start_again(consumer, link)
        except BaseException:
            await _close(link)
            raise
        return link

    async def _start_again(self, consumer: RabbitMQConsumer, link: Link) -> None:
        """An agent's own queue may be gone after a day without it; the rest must not wait for that."""
        try:
            await consumer.start(link)
        except Unroutable:
            if not is_of_an_agent(consumer.queue):
                raise
            self.forget(consumer)

    async def _declare(self, link: Link, departments: tuple[str, ...], instances: tuple[str, ...]) -> None:
        naming, wanted = Naming(self._namespace), Topology()
        for department in departments:
            wanted += naming.department(department)
        for instance in instances:
            wanted += naming.hub(instance)
        await self._make(link, wanted)

    async def _make(self, link: Link, wanted: Topology) -> None:
        async with link.asking() as channel:
            with unavailable():
                await declare(channel, wanted)

    async def _look_at(self, queue: str, in_hand: int = 0) -> QueueStatistics | None:
        async with self._living().asking() as channel:
            try:
                with unavailable():
                    found = await channel.declare_queue(self.stored(queue), passive=True)
            except ChannelNotFoundEntity:
                return None
        result = found.declaration_result
        return QueueStatistics(queue, result.message_count or 0, in_hand, result.consumer_count or 0)

    def _read_letters(self, incoming: AbstractIncomingMessage) -> tuple[DeadLetter, ...]:
        return letters_from_amqp(incoming, self._namespace, self.clock.now())


def _encoded(address: Address, message: Message) -> Encoded:
    """Raises ``ValueError`` for a sender that may not write there, and :class:`MessageTooLarge`."""
    check_sender(address, message)
    body = encode_event(message)
    if len(body) > LARGEST_MESSAGE_BYTES:
        raise MessageTooLarge(len(body))
    return Encoded(message, body)


async def _close(link: Link) -> None:
    try:
        await link.close()
    except BrokerUnavailable as error:
        log.debug("The link to RabbitMQ was gone already: %s", error)

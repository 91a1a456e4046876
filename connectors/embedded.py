"""The broker of one node: durable tables behind a store, transient messages in memory.

A durable message is a row, claimed under a lease that is renewed while its handler runs; a process that
dies stops renewing, and the row is claimed again. A transient message whose consumer lives in this very
process never touches the database. Consumers here are woken at once; what other processes sent is found
by a poll. Source: docs/architecture.md, "Queues".
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from connectors.broker import (
    BrokerUnavailable,
    Consumption,
    DeadLetter,
    Handler,
    Message,
    QueueStatistics,
    Unroutable,
)
from connectors.clock import Clock
from connectors.embedded_consumer import EmbeddedConsumer
from connectors.embedded_store import BrokerStore, ClaimedMessage, Lease, NewMessage
from connectors.group_commit import GroupCommit
from connectors.routing import check_department, check_sender, is_of_an_agent, is_ordered, parse_address
from connectors.topology import (
    DEAD_LETTER_QUEUE,
    agent_queue,
    command_queues,
    inbox_queues,
    replies_queue,
    requests_queue,
)

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
POLL = timedelta(milliseconds=200)
REST = timedelta(seconds=30)
"""Between two looks at empty queues, where somebody tells of messages."""


@dataclass(slots=True)
class TransientMessage:
    """A message that lives in this process only."""

    message: Message
    attempt: int = 0


class EmbeddedBroker:
    """Implements :class:`connectors.broker.Broker`. ``namespace`` goes before every queue's name in the store.

    ``appended`` is set whenever anybody has appended a message: where it is given, empty queues are not looked at.
    """

    def __init__(
        self,
        store: BrokerStore,
        clock: Clock,
        *,
        namespace: str = "",
        lease: timedelta = LEASE,
        poll: timedelta = POLL,
        appended: asyncio.Event | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.owner = uuid.uuid4().hex
        self._namespace = namespace
        self._lease = lease
        self._poll = poll
        self._appended = appended
        self._known: frozenset[str] = frozenset()
        self._own_replies: set[str] = set()
        self._consumers: dict[str, list[EmbeddedConsumer]] = {}
        self._transient: dict[str, deque[TransientMessage]] = {}
        self._appending = GroupCommit(self.store.append)
        self._acknowledging: GroupCommit[int] = GroupCommit(self._acknowledge)
        self._renewing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    # the Broker protocol

    async def connect(self) -> None:
        if self._tasks:
            return
        self._known = await self.store.queues()
        self._appending.open()
        self._acknowledging.open()
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._live())]

    async def declare_department(self, department: str) -> None:
        check_department(department)
        await self._declare((requests_queue(department), *command_queues(department)))

    async def declare_hub(self, instance: str) -> None:
        await self._declare((*inbox_queues(), DEAD_LETTER_QUEUE, replies_queue(instance)))
        self._own_replies.add(self._stored(replies_queue(instance)))

    async def declare_agent(self, department: str, agent: str) -> None:
        await self._declare((agent_queue(department, agent),))

    async def remove_agent(self, department: str, agent: str) -> None:
        queue = self._stored(agent_queue(department, agent))
        self._known -= {queue}
        await self.store.remove((queue,))

    async def publish(self, address: str, message: Message, *, durable: bool = True) -> None:
        for queue in await self._queues_at(address, message):
            await self._put(queue, message, durable=durable)

    async def publish_all(self, address: str, messages: Sequence[Message]) -> None:
        for each in messages:
            await self.publish(address, each)

    async def _put(self, queue: str, message: Message, *, durable: bool) -> None:
        if not durable and queue in self._consumers:
            self._transient.setdefault(queue, deque()).append(TransientMessage(message))
            self.wake(queue, is_stored=False)
            return
        self._check_open()
        drop_after = None if durable else message.expires_at
        await self._appending.add(NewMessage(queue, message, self.clock.now(), drop_after))
        self.wake(queue)

    async def consume(self, queue: str, handler: Handler, *, prefetch: int = 16) -> Consumption:
        self._check_open()
        stored = self._stored(queue)
        if stored not in self._known and stored not in await self._reload():
            raise Unroutable(f'Queue "{queue}" does not exist. Declare its department or the hub first.')
        consumer = EmbeddedConsumer(self, stored, handler, prefetch=prefetch, ordered=is_ordered(queue))
        self._consumers.setdefault(stored, []).append(consumer)
        consumer.start()
        try:
            await self._renew()
        except BaseException:
            # Whoever asked is gone and will never end it: it would hold messages that nobody handles.
            await consumer.cancel()
            raise
        return consumer

    async def consumers(self, queue: str) -> int:
        stored = self._stored(queue)
        here = len(self._consumers.get(stored, ()))
        alive_since = self.clock.now() - self._lease
        return here + await self.store.consumers(stored, alive_since=alive_since, apart_from=self.owner)

    async def statistics(self) -> tuple[QueueStatistics, ...]:
        now = self.clock.now()
        stored = await self.store.statistics(now=now, alive_since=now - self._lease)
        dead = len(await self.dead_letters())
        return tuple(
            self._with_transient(figures, dead)
            for figures in stored
            if figures.name.startswith(self._namespace) and not is_of_an_agent(figures.name)
        )

    async def dead_letters(self) -> tuple[DeadLetter, ...]:
        return tuple(
            DeadLetter(self._bare(letter.queue), letter.message, letter.reason, letter.attempts, letter.since)
            for letter in await self.store.dead_letters()
            if letter.queue.startswith(self._namespace)
        )

    async def redrive(self, message_id: str) -> bool:
        found = await self.store.redrive(message_id, self._namespace, self.clock.now())
        for queue in self._consumers:
            self.wake(queue)
        return found

    async def close(self) -> None:
        if not self._tasks:
            return
        for consumer in [consumer for some in self._consumers.values() for consumer in some]:
            await consumer.cancel()
        await self._appending.close()
        await self._acknowledging.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        self._tasks = []
        try:
            await self.store.leave(self.owner)
            if self._own_replies:
                await self.store.remove(tuple(self._own_replies))
        except BrokerUnavailable as error:
            log.warning("The broker was closed without its database; its leases run out by themselves: %s", error)

    # for its consumers

    def wake(self, queue: str, *, is_stored: bool = True) -> None:
        """``is_stored``: there may be something to claim, else only transient messages are looked for."""
        for consumer in self._consumers.get(queue, ()):
            consumer.wake(is_stored=is_stored)

    def take_transient(self, queue: str, limit: int) -> list[TransientMessage]:
        """Up to ``limit`` messages that live in memory and have not expired."""
        waiting = self._transient.get(queue)
        taken: list[TransientMessage] = []
        now = self.clock.now()
        while waiting and len(taken) < limit:
            entry = waiting.popleft()
            if entry.message.expires_at is None or entry.message.expires_at > now:
                entry.attempt += 1
                taken.append(entry)
        return taken

    def return_transient(self, queue: str, entry: TransientMessage) -> None:
        self._transient.setdefault(queue, deque()).appendleft(entry)
        self.wake(queue, is_stored=False)

    async def claim(self, queue: str, limit: int, *, ordered: bool) -> tuple[ClaimedMessage, ...]:
        return await self.store.claim(queue, limit=limit, ordered=ordered, lease=self._new_lease())

    async def acknowledge(self, sequence: int) -> None:
        self._check_open()
        await self._acknowledging.add(sequence)

    async def remove_consumer(self, consumer: EmbeddedConsumer) -> None:
        here = self._consumers.get(consumer.queue, [])
        if consumer not in here:
            return
        here.remove(consumer)
        if not here:
            del self._consumers[consumer.queue]
        await self._renew()

    # inside

    async def _declare(self, queues: Sequence[str]) -> None:
        stored = tuple(self._stored(queue) for queue in queues)
        await self.store.declare(stored, self.clock.now())
        self._known |= frozenset(stored)

    async def _queues_at(self, address: str, message: Message) -> tuple[str, ...]:
        parsed = parse_address(address)
        check_sender(parsed, message)
        if parsed.is_presence:
            return await self._living_replies()
        needed = {self._stored(parsed.queue or "")}
        if parsed.department is not None:
            needed.add(self._stored(requests_queue(parsed.department)))
        if parsed.queue is None or not (needed <= self._known or needed <= await self._reload()):
            raise Unroutable(f'No queue is bound at "{address}". Declare its department or the hub first.')
        return (self._stored(parsed.queue),)

    async def _living_replies(self) -> tuple[str, ...]:
        """The queues of hub processes that live. One that was killed left a row behind, and hears nothing more."""
        every, since = self._stored(replies_queue("")), self.clock.now() - self._lease
        found = []
        for queue in sorted(queue for queue in await self._reload() if queue.startswith(every)):
            is_here = queue in self._consumers
            if is_here or await self.store.consumers(queue, alive_since=since, apart_from=self.owner):
                found.append(queue)
        return tuple(found)

    async def _reload(self) -> frozenset[str]:
        self._known = await self.store.queues()
        return self._known

    async def _acknowledge(self, sequences: Sequence[int]) -> None:
        await self.store.acknowledge(self.owner, sequences)

    async def _watch(self) -> None:
        """Wake the consumers whose queues other processes, or the passing of time, have filled."""
        rest = self._poll
        while True:
            await self._rest(rest)
            rest = self._poll
            if not self._consumers:
                continue
            try:
                waiting = await self.store.waiting(tuple(self._consumers), self.clock.now())
            except BrokerUnavailable as error:
                log.warning("%s", error)
                continue
            for queue in sorted(queue for queue, is_ready in waiting.items() if is_ready):
                self.wake(queue)
            if not waiting and self._appended is not None:
                # What others send is told; only what is there already waits for the passing of time.
                rest = REST

    async def _rest(self, longest: timedelta) -> None:
        if self._appended is None or longest == self._poll:
            await asyncio.sleep(longest.total_seconds())
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(longest.total_seconds()):
                    await self._appended.wait()
        if self._appended is not None:
            self._appended.clear()

    async def _live(self) -> None:
        """Say three times per lease that we live and what we hold."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                await self._renew()
            except BrokerUnavailable as error:
                log.warning("%s", error)

    async def _renew(self) -> None:
        async with self._renewing:
            await self._renew_alone()

    async def _renew_alone(self) -> None:
        held = [n for some in self._consumers.values() for consumer in some for n in consumer.held]
        counts = {queue: len(some) for queue, some in self._consumers.items()}
        await self.store.renew(self._new_lease(), held, counts)

    def _new_lease(self) -> Lease:
        now = self.clock.now()
        return Lease(self.owner, now, now + self._lease)

    def _with_transient(self, figures: QueueStatistics, dead: int) -> QueueStatistics:
        waiting = len(self._transient.get(figures.name, ()))
        in_hand = sum(consumer.transient_in_hand for consumer in self._consumers.get(figures.name, ()))
        name = self._bare(figures.name)
        ready = dead if name == DEAD_LETTER_QUEUE else figures.ready + waiting
        return QueueStatistics(name, ready, figures.unacknowledged + in_hand, figures.consumers)

    def _check_open(self) -> None:
        if not self._tasks:
            raise BrokerUnavailable("The embedded broker is not connected. Call connect first.")

    def _stored(self, queue: str) -> str:
        return f"{self._namespace}{queue}"

    def _bare(self, stored: str) -> str:
        return stored.removeprefix(self._namespace)

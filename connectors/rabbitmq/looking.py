"""Look at a RabbitMQ without its management API: what is wanted, one by one, as far as AMQP tells.

Bindings, what was left behind, and users cannot be seen so. Source: AMQP 0-9-1, ``passive`` declarations.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, ChannelNotFoundEntity, ChannelPreconditionFailed
from yarl import URL

from connectors.broker import BrokerUnavailable
from connectors.rabbitmq.declaring import declare
from connectors.rabbitmq.drift import Standing, StandingQueue
from connectors.rabbitmq.link import CONNECT_SECONDS
from connectors.rabbitmq.topology import Exchange, Queue, Topology

Answer = TypeVar("Answer")


@asynccontextmanager
async def open_look(url: str) -> AsyncIterator[Look]:
    """Raises :class:`BrokerUnavailable`, whose text holds no password."""
    try:
        connection = await aio_pika.connect(url, timeout=CONNECT_SECONDS)
    except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
        where = URL(url).with_user(None).with_query(None)
        raise BrokerUnavailable(f"RabbitMQ at {where} cannot be used: {type(error).__name__}.") from error
    async with connection:
        yield Look(connection)


class Look:
    """One connection; each question has a channel of its own, since a no closes it."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection

    async def standing(self, wanted: Topology) -> Standing:
        """What there is of what is wanted; what stands otherwise comes without arguments."""
        exchanges = [found for each in wanted.exchanges if (found := await self._exchange(each))]
        queues = [stands for each in wanted.queues if (stands := await self._queue(each))]
        return Standing(tuple(exchanges), tuple(queues), wanted.bindings, None)

    async def messages_in(self, queue: str) -> int:
        """How many are ready there at this moment, 0 where it does not exist."""
        found = await self._asked(lambda channel: channel.declare_queue(queue, passive=True))
        return 0 if found is None else found.declaration_result.message_count or 0

    async def make(self, wanted: Topology) -> None:
        async with self._connection.channel() as channel:
            await declare(channel, wanted)

    async def _exchange(self, wanted: Exchange) -> Exchange | None:
        if await self._asked(lambda channel: channel.get_exchange(wanted.name, ensure=True)) is None:
            return None
        is_so = await self._stands(Topology((wanted,)))
        return wanted if is_so else replace(wanted, kind="direct" if wanted.kind == "topic" else "topic")

    async def _queue(self, wanted: Queue) -> StandingQueue | None:
        found = await self._asked(lambda channel: channel.declare_queue(wanted.name, passive=True))
        if found is None:
            return None
        is_so = await self._stands(Topology((), (wanted,)))
        messages = found.declaration_result.message_count or 0
        return StandingQueue(wanted if is_so else Queue(wanted.name, {}), messages=messages)

    async def _stands(self, wanted: Topology) -> bool:
        """Whether what exists is as it is wanted: then declaring it again changes nothing."""

        async def again(channel: AbstractChannel) -> bool:
            await declare(channel, wanted)
            return True

        return bool(await self._asked(again))

    async def _asked(self, ask: Callable[[AbstractChannel], Awaitable[Answer]]) -> Answer | None:
        channel = await self._connection.channel()
        try:
            answer = await ask(channel)
        except (ChannelNotFoundEntity, ChannelPreconditionFailed):
            return None
        await channel.close()
        return answer

"""One connection to RabbitMQ, from its opening until the first thing about it breaks.

A link is never repaired: a lost connection, a closed channel or a cancelled consumer breaks it as a
whole, and the broker opens the next. So there is one state to reason about. (``connect_robust`` repairs
part by part and lets publishing wait in between, where our promise is to say at once that it failed.)
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import (
    CONNECTION_EXCEPTIONS,
    ChannelNotFoundEntity,
    DeliveryError,
    PublishError,
)
from yarl import URL

from connectors.broker import BrokerUnavailable, Unroutable

CONNECT_SECONDS = 10
HEARTBEAT_SECONDS = 10


class Link:
    """Open it with :func:`open_link`. ``broken`` is set once and for all."""

    def __init__(self, connection: AbstractConnection, publishing: AbstractChannel) -> None:
        self.broken = asyncio.Event()
        self.known_exchanges: set[str] = set()
        self._connection = connection
        self._publishing = publishing
        connection.close_callbacks.add(self.mark_broken)
        publishing.close_callbacks.add(self.mark_broken)

    def mark_broken(self, *_: Any) -> None:
        self.broken.set()

    async def channel(self, prefetch: int) -> AbstractChannel:
        """A channel for one consumer; when it closes, the link is broken."""
        with unavailable():
            channel = await self._connection.channel()
            await channel.set_qos(prefetch_count=prefetch)
            underlay = await channel.get_underlay_channel()
        channel.close_callbacks.add(self.mark_broken)
        underlay.on_consumer_cancel_callbacks.add(self.mark_broken)
        return channel

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[AbstractChannel]:
        """A channel of its own for what may close it: a look at something that need not exist."""
        with unavailable():
            channel = await self._connection.channel()
        try:
            yield channel
        finally:
            if not channel.is_closed:
                with unavailable():
                    await channel.close()

    async def publish(self, exchange: str, routing_key: str, message: aio_pika.Message, seconds: float) -> None:
        """Return once the broker has confirmed. Raises :class:`BrokerUnavailable` or :class:`Unroutable`."""
        await self._check_exchange(exchange)
        try:
            with unavailable():
                target = await self._publishing.get_exchange(exchange, ensure=False)
                await target.publish(message, routing_key, mandatory=True, timeout=seconds)
        except ChannelNotFoundEntity as error:
            raise Unroutable(f'There is no exchange "{exchange}" any more.') from error

    async def close(self) -> None:
        self.broken.set()
        with unavailable():
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._connection.close()

    async def _check_exchange(self, exchange: str) -> None:
        """Publishing to an exchange that does not exist would close the channel under everybody's feet."""
        if exchange in self.known_exchanges:
            return
        async with self.asking() as channel:
            try:
                with unavailable():
                    await channel.get_exchange(exchange, ensure=True)
            except ChannelNotFoundEntity as error:
                raise Unroutable(f'There is no exchange "{exchange}". Declare its department first.') from error
        self.known_exchanges.add(exchange)


async def open_link(url: str, tls: ssl.SSLContext | None, name: str) -> Link:
    """Raises :class:`BrokerUnavailable`; its text never holds the password."""
    target = URL(url)
    if "heartbeat" not in target.query:
        target = target.update_query(heartbeat=HEARTBEAT_SECONDS)
    try:
        connection = await aio_pika.connect(
            target, ssl_context=tls, timeout=CONNECT_SECONDS, client_properties={"connection_name": name}
        )
        publishing = await connection.channel(publisher_confirms=True, on_return_raises=True)
    except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
        where = target.with_user(None).with_query(None)
        raise BrokerUnavailable(f"RabbitMQ at {where} cannot be used: {_reason(error)}.") from error
    return Link(connection, publishing)


@contextmanager
def unavailable() -> Iterator[None]:
    """aio-pika's errors as ours; what does not exist stays :class:`ChannelNotFoundEntity`."""
    try:
        yield
    except PublishError as error:
        raise Unroutable("No queue is bound there. Declare the department or the hub first.") from error
    except ChannelNotFoundEntity:
        raise
    except DeliveryError as error:
        raise BrokerUnavailable("RabbitMQ refused the message: its queue is full.") from error
    except (*CONNECTION_EXCEPTIONS, TimeoutError) as error:
        raise BrokerUnavailable(f"RabbitMQ cannot be reached: {_reason(error)}.") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # aiormq cancels its own futures when a connection ends; nobody cancelled us.
        raise BrokerUnavailable("The connection to RabbitMQ broke.") from error


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__

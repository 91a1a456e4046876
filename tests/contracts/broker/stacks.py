"""Every implementation of the Broker protocol, as a hub's side and a department's side of one stack.

``hub_broker`` and ``department_broker`` open a new broker each time, as a new process would.
"""

from __future__ import annotations

import asyncio
import json
import socket
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import aio_pika
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from yarl import URL

from auth.actor import Actor
from auth.tokens import InvalidToken
from connectors.broker import Broker, Message
from connectors.clock import SystemClock
from connectors.embedded import EmbeddedBroker
from connectors.rabbitmq import IN_EXCHANGE, RabbitMQBroker
from connectors.rabbitmq.topology import all_queues
from connectors.remote_broker import RemoteBroker
from connectors.topology import HUB_EXCHANGE, PARTITIONS, out_exchange, partition_of
from hub.messages.broker_door import BrokerDoor
from hub.messages.broker_store import DatabaseBrokerStore
from hub.storage.database import Database
from tests.contracts.broker.wire import Wire

LEASE = timedelta(seconds=1)


class Stack(Protocol):
    """One implementation under test. ``wire`` is there where a network is between the sides."""

    department: str
    wire: Wire | None

    async def hub_broker(self) -> Broker: ...

    async def department_broker(self) -> Broker: ...

    def department_process(self) -> dict[str, Any]:
        """What ``consuming_process`` needs to open the department's side in a process of its own."""
        ...


class EmbeddedStack:
    """Two brokers over one database, as two processes of one installation are."""

    wire: Wire | None = None

    def __init__(self, database: Database, closing: AsyncExitStack) -> None:
        self.department = new_department()
        self._database = database
        self._closing = closing

    async def hub_broker(self) -> Broker:
        broker = EmbeddedBroker(DatabaseBrokerStore(self._database), SystemClock(), namespace="t-", lease=LEASE)
        await broker.connect()
        self._closing.push_async_callback(broker.close)
        return broker

    async def department_broker(self) -> Broker:
        return await self.hub_broker()

    def department_process(self) -> dict[str, Any]:
        return {"kind": "embedded", "url": self._database.url, "namespace": "t-"}


class RemoteStack:
    """The hub's side is embedded; the department reaches it through the hub's WebSocket door and a wire."""

    def __init__(self, embedded: EmbeddedStack, wire: Wire, closing: AsyncExitStack) -> None:
        self.department = embedded.department
        self.wire: Wire | None = wire
        self._embedded = embedded
        self._closing = closing
        self._url = f"http://127.0.0.1:{wire.port}"

    async def hub_broker(self) -> Broker:
        return await self._embedded.hub_broker()

    async def department_broker(self) -> Broker:
        broker = RemoteBroker(self._url, fixed_token(self.department))
        await broker.connect()
        self._closing.push_async_callback(broker.close)
        return broker

    def department_process(self) -> dict[str, Any]:
        return {"kind": "remote", "url": self._url, "token": self.department}


class RabbitMQStack:
    """Both sides on one RabbitMQ under names of their own; the department reaches it through a wire."""

    def __init__(self, url: str, wire: Wire, closing: AsyncExitStack) -> None:
        self.department = new_department()
        self.wire: Wire | None = wire
        self.namespace = f"t{uuid.uuid4().hex[:8]}-"
        self._url = url
        self._wire_url = str(URL(url).with_host("127.0.0.1").with_port(wire.port))
        self._closing = closing

    async def hub_broker(self) -> Broker:
        return await self._connected(RabbitMQBroker(self._url, SystemClock(), namespace=self.namespace))

    async def department_broker(self) -> Broker:
        broker = RabbitMQBroker(
            self._wire_url, SystemClock(), department=self.department, namespace=self.namespace
        )
        return await self._connected(broker)

    def department_process(self) -> dict[str, Any]:
        return {
            "kind": "rabbitmq",
            "url": self._wire_url,
            "namespace": self.namespace,
            "department": self.department,
        }

    async def delete_everything(self) -> None:
        """RabbitMQ outlives the tests."""
        connection = await aio_pika.connect(self._url)
        async with connection, connection.channel() as channel:
            for queue in all_queues(frozenset({self.department}), frozenset({"one"})):
                await channel.queue_delete(f"{self.namespace}{queue}")
            for exchange in (HUB_EXCHANGE, IN_EXCHANGE, out_exchange(self.department)):
                await channel.exchange_delete(f"{self.namespace}{exchange}")

    async def _connected(self, broker: RabbitMQBroker) -> Broker:
        await broker.connect()
        self._closing.push_async_callback(broker.close)
        return broker


async def serve_door(broker: Broker, closing: AsyncExitStack) -> int:
    """The hub's door on a free port. For these tests, a department's token is its name."""

    async def verify(token: str) -> Actor:
        if not token.startswith("dept-"):
            raise InvalidToken("No department.")
        later = datetime.now(UTC) + timedelta(hours=1)
        return Actor(token, token, frozenset(), frozenset({"department"}), later, token)

    return await serve_asgi(BrokerDoor(broker, verify, SystemClock()).route, closing)


async def serve_asgi(route: BaseRoute, closing: AsyncExitStack) -> int:
    """Serve one route as the hub does, on a free port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = Starlette(routes=[route])
    config = uvicorn.Config(
        app, ws="websockets-sansio", ws_per_message_deflate=False, lifespan="off", log_level="warning"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))

    async def stop() -> None:
        server.should_exit = True
        await task

    closing.push_async_callback(stop)
    await until(lambda: server.started)
    return int(listener.getsockname()[1])


def fixed_token(token: str) -> Callable[[], Awaitable[str]]:
    async def give() -> str:
        return token

    return give


def new_department() -> str:
    return f"dept-{uuid.uuid4().hex[:10]}"


def message(
    name: str, *, key: str = "", source: str = "hub", expires_in: timedelta | None = None, **more: Any
) -> Message:
    now = datetime.now(UTC)
    return Message(
        id=name,
        type="jiyi.test",
        source=source,
        time=now,
        data={"name": name},
        partition_key=key,
        expires_at=None if expires_in is None else now + expires_in,
        **more,
    )


def keys_of_one_partition(number: int) -> list[str]:
    """Different keys that share a queue, so that a test can watch them beside each other."""
    keys = [f"case-{n}" for n in range(PARTITIONS * number * 8)]
    return [key for key in keys if partition_of(key) == partition_of(keys[0])][:number]


def as_argument(description: dict[str, Any]) -> str:
    return json.dumps(description)


async def until(condition: Callable[[], bool] | Callable[[], Awaitable[bool]], within: float = 10) -> None:
    """Look again and again: what is awaited happens in another process or on a broker."""
    async with asyncio.timeout(within):
        while True:
            met = condition()
            if met if isinstance(met, bool) else await met:
                return
            await asyncio.sleep(0.01)

"""The ``stack`` fixture: one run of the suite per implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from yarl import URL

from hub.storage.database import Database
from tests.contracts.broker.stacks import EmbeddedStack, RabbitMQStack, RemoteStack, Stack, serve_door
from tests.contracts.broker.wire import Wire

WIRED_STACKS = ["remote", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)]
STACKS = [
    "embedded-sqlite",
    pytest.param("embedded-postgresql", marks=pytest.mark.postgresql),
    *WIRED_STACKS,
]


@pytest.fixture(params=STACKS)
async def stack(request: pytest.FixtureRequest) -> AsyncIterator[Stack]:
    async with AsyncExitStack() as closing:
        if request.param == "rabbitmq":
            yield await rabbitmq_stack(request.getfixturevalue("amqp_url"), closing)
            return
        on_postgresql = request.param == "embedded-postgresql"
        database = Database(request.getfixturevalue("postgresql_tables" if on_postgresql else "sqlite_tables"))
        closing.push_async_callback(database.close)
        embedded = EmbeddedStack(database, closing)
        if request.param != "remote":
            yield embedded
            return
        wire = Wire("127.0.0.1", await serve_door(await embedded.hub_broker(), closing))
        await wire.start()
        closing.push_async_callback(wire.close)
        yield RemoteStack(embedded, wire, closing)


async def rabbitmq_stack(url: str, closing: AsyncExitStack) -> RabbitMQStack:
    target = URL(url)
    wire = Wire(target.host or "127.0.0.1", target.port or 5672)
    await wire.start()
    opened = RabbitMQStack(url, wire, closing)
    closing.push_async_callback(opened.delete_everything)
    closing.push_async_callback(wire.close)
    return opened

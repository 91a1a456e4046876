"""Every implementation of the Broker protocol, as a hub's side and a department's side of one stack.

``hub_broker`` and ``department_broker`` open a new broker each time, as a new process would.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from connectors.broker import Broker, Message
from connectors.clock import SystemClock
from connectors.embedded import EmbeddedBroker
from connectors.topology import PARTITIONS, partition_of
from hub.broker_store import DatabaseBrokerStore
from hub.database import Database
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


async def close_quietly(close: Callable[[], Awaitable[None]]) -> None:
    with suppress(Exception):
        await close()

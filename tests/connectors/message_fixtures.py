"""What the tests of the queue connector and of the agent share: a broker on SQLite and a department."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from connectors.clock import SystemClock
from connectors.connector import FetchRequest, FetchResponse
from connectors.embedded import EmbeddedBroker
from hub.messages.broker_store import DatabaseBrokerStore
from hub.storage.database import Database
from tests.databases import sqlite_tables

DEPARTMENT = "civil-affairs"
SDL = "type Query { ok: Boolean }"
Answer = Callable[[FetchRequest], Awaitable[FetchResponse]]


class FakeConnector:
    """A department's system: answers as told, and remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[FetchRequest] = []
        self._answer = answer

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.asked.append(request)
        return await self._answer(request)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        yield await self._answer(request)

    async def describe(self) -> str:
        return SDL

    async def close(self) -> None:
        return None


@asynccontextmanager
async def embedded_broker(path: Path) -> AsyncIterator[EmbeddedBroker]:
    """A connected broker with the department and a hub declared."""
    database = Database(sqlite_tables(path))
    broker = EmbeddedBroker(DatabaseBrokerStore(database), SystemClock())
    await broker.connect()
    await broker.declare_department(DEPARTMENT)
    await broker.declare_hub("one")
    try:
        yield broker
    finally:
        await broker.close()
        await database.close()

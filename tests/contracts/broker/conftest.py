"""The ``stack`` fixture: one run of the suite per implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

import hub.tables.broker  # noqa: F401  fills the metadata
from hub.database import Database
from tests.contracts.broker.stacks import EmbeddedStack, RemoteStack, Stack, serve_door
from tests.contracts.broker.wire import Wire

STACKS = [
    "embedded-sqlite",
    pytest.param("embedded-postgresql", marks=pytest.mark.postgresql),
    "remote",
]


@pytest.fixture(params=STACKS)
async def stack(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stack]:
    async with AsyncExitStack() as closing:
        url = f"sqlite:///{tmp_path / 'broker.db'}"
        if request.param == "embedded-postgresql":
            url = request.getfixturevalue("postgresql_url")
        database = Database(url)
        closing.push_async_callback(database.close)
        await database.create_tables_for_tests()
        embedded = EmbeddedStack(database, closing)
        if request.param != "remote":
            yield embedded
            return
        wire = Wire("127.0.0.1", await serve_door(await embedded.hub_broker(), closing))
        await wire.start()
        closing.push_async_callback(wire.cut)
        yield RemoteStack(embedded, wire, closing)

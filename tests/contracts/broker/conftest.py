"""The ``stack`` fixture: one run of the suite per implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

import hub.tables.broker  # noqa: F401  fills the metadata
from hub.database import Database
from tests.contracts.broker.stacks import EmbeddedStack, Stack

STACKS = [
    "embedded-sqlite",
    pytest.param("embedded-postgresql", marks=pytest.mark.postgresql),
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
        yield EmbeddedStack(database, closing)

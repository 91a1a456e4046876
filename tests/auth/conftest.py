"""The world of the sign-in tests, on SQLite; the store itself is tested on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

import hub.tables  # noqa: F401  fills the metadata
from hub.database import Database
from tests.auth.world import World, build_world


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    database = Database(sqlite_url)
    await database.create_tables_for_tests()
    built = await build_world(database)
    async with built.browser:
        yield built
    await database.close()

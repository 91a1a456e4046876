"""The world of the sign-in tests, on SQLite; the store itself is tested on both databases."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import hub.tables  # noqa: F401  fills the metadata
from hub.storage.database import Database
from tests.auth.world import World, build_world


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables, clients and a key: made once, copied for each test."""
    file = tmp_path_factory.mktemp("auth") / "furnished.db"

    async def furnish() -> None:
        database = Database(f"sqlite:///{file}")
        await database.create_tables_for_tests()
        async with (await build_world(database)).browser:
            await database.close()

    asyncio.run(furnish())
    return file


@pytest.fixture
async def world(furnished: Path, tmp_path: Path) -> AsyncIterator[World]:
    database = Database(f"sqlite:///{shutil.copy(furnished, tmp_path)}")
    built = await build_world(database)
    async with built.browser:
        yield built
    await database.close()

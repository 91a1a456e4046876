"""A unit of work that is broken off leaves nothing behind, the write lock least of all."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from hub.storage.database import Database


async def _write(database: Database) -> int:
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("INSERT INTO note DEFAULT VALUES")
        return int((await connection.exec_driver_sql("SELECT count(*) FROM note")).scalar_one())


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_cancelled_transaction_gives_the_write_lock_back(seed: int, tmp_path: Path) -> None:
    """Whoever was cancelled at whatever moment, while somebody still looks at how it ended."""
    random = Random(seed)
    database = Database(f"sqlite:///{tmp_path}/hub.sqlite")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE note (number INTEGER PRIMARY KEY)")
    ended: list[int | BaseException] = []
    try:
        for _ in range(40):
            tasks = [asyncio.create_task(_write(database)) for _ in range(3)]
            await asyncio.sleep(random.random() * 0.006)
            for task in tasks:
                task.cancel()
            ended += await asyncio.gather(*tasks, return_exceptions=True)
            await _write(database)
    finally:
        await database.close()
    assert any(isinstance(one, asyncio.CancelledError) for one in ended)

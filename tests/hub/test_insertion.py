"""Insert once, and know who was first; on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.command_note import CommandNoteRow


async def test_only_the_first_of_several_inserts_is_told_that_the_row_is_new(database: Database) -> None:
    """De-duplication and "once only" stand on this answer."""
    values = {"id": "c-1", "is_begun": True, "outcome": None, "noted_at": datetime.now(UTC)}

    async def insert() -> bool:
        async with database.transaction() as session:
            return await insert_if_absent(session, CommandNoteRow, values)

    assert await insert() is True
    assert await insert() is False
    values["id"] = "c-2"
    assert sorted(await asyncio.gather(*(insert() for _ in range(5)))) == [False, False, False, False, True]

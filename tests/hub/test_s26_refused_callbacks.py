"""S26: what a flood of forged calls costs the hub: anybody can post to the doors of cashiers and gateways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlmodel import select

from hub.doors.signed_callback import CallbackFault
from hub.storage.database import Database
from hub.tables.notice import NoticeReceiptRefusalRow
from tests.hub.notice_world import NoticeWorld
from tests.hub.world import World

FLOOD = 500


@pytest.mark.parametrize("made_url", ["sqlite"], indirect=True)
async def test_s26_a_flood_of_forged_receipts_is_written_in_a_few_transactions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is counted, none of them holds a connection of its own: others need those."""
    transactions = 0
    begin = Database.transaction

    @asynccontextmanager
    async def counted(self: Database) -> AsyncIterator[Any]:
        nonlocal transactions
        transactions += 1
        async with begin(self) as session:
            yield session

    monkeypatch.setattr(Database, "transaction", counted)
    receipts = NoticeWorld(world).receipts
    faults = (CallbackFault.FORGED, CallbackFault.UNSIGNED)
    await asyncio.gather(*(receipts.refuse(faults[number % 2], b"%d" % number) for number in range(FLOOD)))
    async with world.database.reading() as session:
        rows = (await session.exec(select(NoticeReceiptRefusalRow))).all()
    assert {row.reason: row.count for row in rows} == {"FORGED": FLOOD / 2, "UNSIGNED": FLOOD / 2}
    assert transactions < 10

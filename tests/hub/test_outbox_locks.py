"""A relay notes what it sent while the inbox notes what came of it: neither may wait for the other for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.broker import Message
from hub.messages import outbox
from hub.messages.outbox import Claimed
from hub.storage.database import Database
from hub.storage.insertion import insert_rows
from hub.tables.outbox import OutboxRow
from tests.contracts.broker.stacks import until

pytestmark = pytest.mark.postgresql
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADDRESS = f"{outbox.commands_of('civil-affairs')}0"
SEQUENCES = (5, 4, 3, 2, 1)
"""The last comes first, in the table and by its id."""

Note = Callable[[AsyncSession], Awaitable[object]]


@pytest.fixture
async def database(postgresql_tables: str) -> AsyncIterator[Database]:
    made = Database(postgresql_tables)
    async with made.transaction() as session:
        await insert_rows(session, {OutboxRow: [_row(sequence) for sequence in SEQUENCES]})
    yield made
    await made.close()


def _id(sequence: int) -> str:
    return f"c{9 - sequence}"


def _row(sequence: int) -> dict[str, object]:
    moments = {"created_at": NOW, "next_attempt_at": NOW}
    names = {"id": _id(sequence), "address": ADDRESS, "partition_key": f"k{sequence}"}
    return {**names, **moments, "sequence": sequence, "message": {}, "awaits_outcome": True, "attempts": 1}


def _claimed() -> Sequence[Claimed]:
    message = Message("m", "t", "hub", NOW, None)
    return [Claimed(sequence, ADDRESS, message, True, 1) for sequence in SEQUENCES]


async def _note_sent(session: AsyncSession) -> None:
    await outbox.lock_sent(session, _claimed())
    await outbox.mark_published(session, _claimed(), NOW)


async def _note_outcomes(session: AsyncSession) -> None:
    commands = [_id(sequence) for sequence in SEQUENCES]
    await outbox.lock_commands(session, commands)
    await outbox.close_commands(session, "civil-affairs", commands, "done", NOW)


@pytest.mark.parametrize("note", [_note_sent, _note_outcomes])
async def test_whoever_waits_for_the_first_row_holds_no_later_one(database: Database, note: Note) -> None:
    """Rows are taken in the order of their sequence by both, so a wait is never a circle."""

    async def write() -> None:
        async with database.transaction() as session:
            await note(session)

    async with database.transaction() as first:
        await first.exec(text("SELECT FROM outbox WHERE sequence = 1 FOR UPDATE"))  # type: ignore[call-overload]
        writing = asyncio.create_task(write())
        await until(lambda: _is_somebody_waiting(database))
        async with database.transaction() as other:
            free = text("SELECT sequence FROM outbox ORDER BY sequence FOR UPDATE SKIP LOCKED")
            found = (await (await other.connection()).execute(free)).scalars().all()
        assert found == [2, 3, 4, 5]
    await writing


async def _is_somebody_waiting(database: Database) -> bool:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with database.reading() as session:
        return bool((await (await session.connection()).execute(waits)).scalar_one())

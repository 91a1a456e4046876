"""What is written to the database, told to the loops of every process: so nobody asks again and again.

PostgreSQL tells each commit that wrote to a table in :data:`TOLD` by ``NOTIFY`` (triggers, made by a migration),
on one connection beside the pool. SQLite has nothing like it: its write-ahead log is looked at from outside,
without a statement, and where it grew one statement finds out which of the tables have moved. What is told is a
hint: whoever waits looks at long intervals too.
Source: PostgreSQL, "LISTEN", "Trigger Functions"; SQLite, "Write-Ahead Logging".
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from connectors.handling import backoff
from hub.storage.database import Database

log = structlog.get_logger(__name__)

TOLD = {
    "alert": "max(rowid)",
    "broker_message": "max(sequence)",
    "change": "max(id)",
    "change_counter": "max(position)",
    "connector_access_revision": "max(revision)",
    "connector_settings": "max(rowid)",
    "hold_command": "max(rowid)",
    "notice_delivery": "max(rowid)",
    "outbox": "max(sequence)",
    "payment": "max(rowid)",
    "refund": "max(rowid)",
    "supergraph_version": "max(version)",
}
"""Tables whose growth somebody waits for; what of them says on SQLite that they have grown."""
CHANNEL = "jiyi_"
"""What goes before a table's name."""
LOOK_EVERY = timedelta(milliseconds=200)
"""At the size of a file, on SQLite."""
LONGEST_PAUSE = timedelta(seconds=5)
_MOVED = "SELECT " + ", ".join(f"(SELECT {what} FROM {table})" for table, what in TOLD.items())  # noqa: S608  our own names


class DatabaseChanges:
    """``async with changes:`` listens as long as the process serves; ``wake`` says who is to hear."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, list[asyncio.Event]] = {table: [] for table in TOLD}
        self._listening: asyncio.Task[None] | None = None

    def wake(self, event: asyncio.Event, *tables: str) -> asyncio.Event:
        """Set the event whenever one of the tables has grown, whoever wrote it. Say so before it listens."""
        for table in tables:
            self._waiting[table].append(event)
        return event

    async def __aenter__(self) -> Self:
        listen = self._look_at_file if self._database.is_sqlite else self._listen
        self._listening = asyncio.create_task(listen(), name="database-changes")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    def _wanted(self) -> tuple[str, ...]:
        """Only of what somebody waits for is this process told: being told of each commit would cost something."""
        return tuple(table for table, events in self._waiting.items() if events)

    def _tell(self, tables: Iterable[str]) -> None:
        for table in tables:
            for event in self._waiting[table]:
                event.set()

    async def _listen(self) -> None:
        """Over one connection after the other; what was missed between two is told of all tables."""
        import psycopg  # a hub on SQLite starts without it

        url = make_url(self._database.url).set(drivername="postgresql").render_as_string(hide_password=False)
        failures = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                    for table in self._wanted():
                        await connection.execute(f"LISTEN {CHANNEL}{table}".encode())
                    self._tell(TOLD)
                    failures = 0
                    async for told in connection.notifies():
                        self._tell(TOLD.keys() & {told.channel.removeprefix(CHANNEL)})
            except Exception as error:  # noqa: BLE001  whatever it was, somebody waits to be told
                log.warning("the database does not tell of changes just now", why=type(error).__name__)
            failures += 1
            pause = backoff(failures, first=timedelta(milliseconds=250), longest=LONGEST_PAUSE)
            await asyncio.sleep(pause.total_seconds())

    async def _look_at_file(self) -> None:
        file, seen, moved = f"{make_url(self._database.url).database}-wal", (0, 0), _nothing()
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            if (now := _written(file)) == seen:
                continue
            try:
                found = await self._moved()
            except SQLAlchemyError as error:
                log.warning("the database cannot be looked at, trying again", why=type(error).__name__)
                continue
            self._tell(table for table in TOLD if found[table] != moved[table])
            seen, moved = now, found

    async def _moved(self) -> dict[str, Any]:
        async with self._database.reading() as session:
            row = (await (await session.connection()).execute(text(_MOVED))).one()
        return dict(zip(TOLD, row, strict=True))


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(TOLD)


def _written(file: str) -> tuple[int, int]:
    """When the file was written last, and its size; zeros where there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size

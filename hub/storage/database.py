"""The hub's database: one engine, two kinds of unit of work.

SQLite (WAL) by default, PostgreSQL in production, the same tables on both. A command is one
``transaction``; on SQLite it takes the write lock at once, so that it cannot fail half-way by upgrading.
Times are aware UTC datetimes (``UtcDateTime``). Source: SQLAlchemy, "Serializable isolation / SQLite".
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic
from types import MappingProxyType
from typing import Any

from sqlalchemy import DateTime, Dialect, TypeDecorator, event, exc
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.storage.pending_rows import insert_pending

RESTS_AFTER_SECONDS = 1.0
CONNECTIONS = 12
"""That a process opens at most, and keeps: to open one costs as much as the work it is for, just when there is
most of it."""
CONNECTIONS_APART = 2
SILENT_NETWORK: Mapping[str, str] = MappingProxyType(
    {
        "connect_timeout": "10",
        "keepalives_idle": "15",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    }
)
"""When a connection is given up on which nothing comes any more, not even an end: a firewall forgot it, a host has
lost its power. Without these whoever asked would wait for hours. The URL may say otherwise.
Source: PostgreSQL, "Parameter Key Words" of libpq; RFC 5482 (the user time-out, in milliseconds)."""
LONGEST_WAIT_SECONDS = 10
"""For a connection, where all are in use: whoever asked is told, and comes again."""
_AWAY = frozenset({"08", "53", "57", "58"})
_CROSSED = frozenset({"40", "55"})
_PASSING_SQLITE = frozenset({"BUSY", "LOCKED", "FULL", "IOERR", "CANTOPEN", "PROTOCOL", "NOMEM"})

_ASYNC_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC. Refuses naive values; SQLite gives them back aware too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored. Use the clock that was passed in.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Database:
    """Open it once per process; ``url`` is ``sqlite:///path`` or ``postgresql://…``."""

    def __init__(self, url: str, connections: int = CONNECTIONS) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        options: dict[str, Any] = (
            {"connect_args": {"factory": _RollingBack}}
            if self.is_sqlite
            else {
                "pool_size": connections,
                "max_overflow": 0,
                "pool_use_lifo": True,
                "pool_timeout": LONGEST_WAIT_SECONDS,
            }
        )
        # An error's text goes to the log: what persons filed does not.
        self.engine: AsyncEngine = create_async_engine(self.url, hide_parameters=True, **options)
        self._writing, self._reading = self.engine, self.engine
        # SQLite has one writer, and lets whoever waits try again by chance: here they take turns.
        self._turn: AbstractAsyncContextManager[None] = asyncio.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            self._writing = self.engine.execution_options(immediate=True)
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            # One statement sees one moment there, in a transaction or out of it: two round trips less.
            self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            for moment in ("connect", "checkin"):
                event.listen(self.engine.sync_engine, moment, _note_use)
            event.listen(self.engine.sync_engine, "checkout", self._ask_whether_it_lives)

    @cached_property
    def apart(self) -> Database:
        """The same by a few connections of its own, for what many wait for at once: what subscribers are told, the
        access log, the catalogue. It does not queue behind each request; SQLite has no such queue."""
        return self if self.is_sqlite else Database(self.url, CONNECTIONS_APART)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A unit of work that writes: committed on leaving, rolled back on any exception."""
        async with (
            self._turn,
            AsyncSession(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
            await insert_pending(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A unit of work that only reads; it takes no write lock."""
        async with AsyncSession(self._reading, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[AsyncSession]:
        """For one statement that writes: by itself it is a transaction, two round trips less."""
        if self.is_sqlite:
            async with self.transaction() as session:
                yield session
            return
        async with AsyncSession(self._reading, expire_on_commit=False) as session:
            yield session

    def _ask_whether_it_lives(self, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        """Of a connection that rested; one that was just in use costs no round trip for that."""
        if monotonic() - record.info["used_at"] < RESTS_AFTER_SECONDS:
            return
        try:
            self.engine.dialect.do_ping(connection)
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise exc.DisconnectionError("The database closed a connection that rested.") from error

    async def create_tables_for_tests(self) -> None:
        """All tables without migrations. A running hub migrates instead (``hub.migrations``)."""
        async with self.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)

    async def close(self) -> None:
        await self.engine.dispose()
        if not self.is_sqlite and "apart" in self.__dict__:
            await self.apart.close()


def is_away(error: BaseException) -> bool:
    """Whether the database cannot be reached, is full, or has no connection left.

    A connection that is lost at the commit leaves open whether it happened; what must not happen twice has a key.
    Source: PostgreSQL, "Error Codes", classes 08, 53, 57 and 58; SQLite, "Result Codes".
    """
    if isinstance(error, exc.TimeoutError | exc.DisconnectionError | exc.InterfaceError):
        return True
    if not isinstance(error, exc.OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        name = getattr(error.orig, "sqlite_errorname", "")
        return name.removeprefix("SQLITE_").partition("_")[0] in _PASSING_SQLITE
    state = _state(error)
    # Without a state the server was not even reached.
    return state is None or state[:2] in _AWAY


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed when it is tried again: the database is away, or two transactions crossed.

    Source: PostgreSQL, "Error Codes", classes 40 and 55.
    """
    crossed = isinstance(error, exc.OperationalError) and (_state(error) or "")[:2] in _CROSSED
    return crossed or is_away(error)


def _state(error: exc.OperationalError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def async_url(url: str) -> str:
    """The URL with the driver we ship. Raises ``ValueError`` with the mend for any other database."""
    parsed = make_url(url)
    driver = _ASYNC_DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise ValueError(
            f'Database "{parsed.get_backend_name()}" is not supported. Use sqlite:/// or postgresql://.'
        )
    if driver == _ASYNC_DRIVERS["postgresql"]:
        parsed = parsed.set(query={**SILENT_NETWORK, **parsed.query})
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


class _RollingBack(sqlite3.Connection):
    """A connection that gives up its transaction when it is closed.

    A task that is cancelled closes its connection while a statement may still be held by the traceback; SQLite
    then keeps the connection, and with it the write lock, until that is collected. Source: SQLite,
    "sqlite3_close_v2", "zombie" connections.
    """

    def close(self) -> None:
        try:
            if self.in_transaction:
                self.rollback()
        finally:
            super().close()


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = monotonic()


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

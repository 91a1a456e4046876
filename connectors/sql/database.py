"""Read from a database of another's, with an account and in transactions that can only read.

SQLAlchemy's pool and dialects; queries run in threads of their own, so that a slow one holds up nobody else. Each
ends at the time-out that the database itself is told; where the wire is silent, its socket is shut from here, so
that no thread is lost. Source: https://docs.sqlalchemy.org.
"""

from __future__ import annotations

import asyncio
import base64
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from math import isfinite
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from graphql import GraphQLError
from sqlalchemy import Connection, CursorResult, Engine, bindparam, create_engine, event, exc, text
from sqlalchemy.engine import URL, MappingResult
from sqlalchemy.pool import QueuePool

from connectors.addresses import AddressRule
from connectors.connector import JSON
from connectors.http_message import failure
from connectors.sql.address import check_database, database_url, pin
from connectors.sql.wire import Wire, Wires
from schema.errors import RuntimeCode

Row = dict[str, JSON]
Taken = TypeVar("Taken")

_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
}
_MYSQL_TIME = 11
"""The number of the type TIME in MySQL's protocol."""
_CONNECT_SECONDS = 2
_MYSQL = dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), _CONNECT_SECONDS)
_PATIENCE: Mapping[str, dict[str, int]] = {"sqlite": {}, "mysql": _MYSQL, "mariadb": _MYSQL}
"""How long a driver waits while it connects. PyMySQL's greeting is a read like any other."""
_GRACE_SECONDS = 0.05
"""The database is told first when time is over: it then keeps the connection."""
_ROWS_AT_ONCE = 200
_SMALL = 8
"""What a value counts that is neither text nor bytes."""
_INTERRUPTED = frozenset({"57014", "1969", "3024", "interrupted"})
"""SQLSTATE of PostgreSQL, error numbers of MariaDB and MySQL, SQLite's word for a query that took too long."""

_NO_CONNECTION = frozenset(
    {"1040", "1042", "1043", "1044", "1045", "1049", "1053", "1129", "1130", "1203", "1226", "1698"}
)
"""What MariaDB and MySQL say to somebody whom they do not let in. Source: "Server Error Message Reference"."""


@dataclass(frozen=True, slots=True)
class SqlLimits:
    """``rows`` of one query, and ``answer_bytes`` of their values; ``page_rows`` of one page of a connection."""

    connections: int = 8
    rows: int = 10_000
    answer_bytes: int = 16 * 1024 * 1024
    page_rows: int = 100


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with ``:name`` parameters; ``lists`` are those behind IN."""

    text: str
    values: Mapping[str, JSON] = field(default_factory=dict)
    lists: tuple[str, ...] = ()


class ReadOnlyDatabase:
    """Raises ``ValueError`` for an address of a kind that is not known. Connects at the first query.

    With ``addresses`` only to what they allow, and by network alone.
    """

    def __init__(self, url: str | URL, limits: SqlLimits, addresses: AddressRule | None = None) -> None:
        self._limits = limits
        self._wires = Wires()
        self._engine = _engine(url, limits, addresses)
        self._wires.watch(self._engine)
        self._threads = ThreadPoolExecutor(limits.connections, thread_name_prefix="sql")

    async def read(self, query: Query, remaining: timedelta) -> list[Row]:
        """All rows, values as JSON. Raises ``ConnectorFailure``, and ``GraphQLError`` for what was refused."""
        return await self._run(query, remaining, lambda result: self._rows(result.mappings()))

    async def columns(self, query: Query, remaining: timedelta) -> tuple[str, ...]:
        """What the rows of a query have, without one of them. Raises as ``read`` does."""
        none = Query(f"SELECT * FROM ({query.text}\n) AS trial LIMIT 0", query.values, query.lists)  # noqa: S608
        return await self._run(none, remaining, lambda result: tuple(result.keys()))

    async def _run(self, query: Query, remaining: timedelta, take: Callable[[CursorResult[Any]], Taken]) -> Taken:
        seconds = remaining.total_seconds()
        wire = Wire()
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, self._wires.use, wire, self._read, query, time.monotonic() + seconds, take
        )
        try:
            async with asyncio.timeout(seconds + _GRACE_SECONDS):
                return await work
        except TimeoutError as error:
            raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, "the database is silent") from error
        finally:
            wire.cut()

    async def close(self) -> None:
        """A query that is under way ends at its own time, and its connection with it."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._engine.dispose)

    def _read(self, query: Query, ends: float, take: Callable[[CursorResult[Any]], Taken]) -> Taken:
        left = ends - time.monotonic()
        if left <= 0:
            raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, "no connection was free in time", never_sent=True)
        statement = text(query.text).bindparams(*(bindparam(name, expanding=True) for name in query.lists))
        with _failures(), self._engine.connect() as connection:
            _limit(connection, left, self._limits.rows + 1)
            result = connection.execution_options(stream_results=True).execute(statement, dict(query.values))
            try:
                return take(result)
            finally:
                result.close()

    def _rows(self, result: MappingResult) -> list[Row]:
        """Cut off while they are read."""
        limits, rows, size = self._limits, list[Row](), 0
        while some := result.fetchmany(_ROWS_AT_ONCE):
            for row in some:
                rows.append({name: _json(value) for name, value in row.items()})
                size += sum(len(v) if isinstance(v, str | bytes) else _SMALL for v in row.values())
            if len(rows) > limits.rows:
                raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, f"more than {limits.rows} rows")
            if size > limits.answer_bytes:
                raise failure(RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, f"more than {limits.answer_bytes} bytes")
        return rows


def _engine(url: str | URL, limits: SqlLimits, addresses: AddressRule | None) -> Engine:
    """Every connection is set up once, when it is made."""
    parsed = database_url(url) if isinstance(url, str) else url
    if addresses is not None:
        check_database(parsed, addresses)
    kind = parsed.get_backend_name()
    if kind not in _DRIVERS:
        raise ValueError(f'a database of the kind "{kind}" is not known; there are {", ".join(sorted(_DRIVERS))}')
    parsed = parsed.set(drivername=_DRIVERS[kind])
    driver = {"creator": _read_only_file(parsed)} if kind == "sqlite" else {}
    engine = create_engine(
        parsed,
        poolclass=QueuePool,
        pool_size=limits.connections,
        max_overflow=0,
        pool_timeout=_CONNECT_SECONDS,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args=_PATIENCE.get(kind, {"connect_timeout": _CONNECT_SECONDS}),
        **driver,
    )
    if addresses is not None:
        pin(engine, addresses)
    event.listen(engine, "connect", _set_up)
    return engine


def _read_only_file(url: URL) -> Callable[[], sqlite3.Connection]:
    """SQLite's own read-only mode; a file that is not there is not made."""
    address = f"file:{quote(url.database or '')}?mode=ro"
    return lambda: sqlite3.connect(address, uri=True, check_same_thread=False)


def _set_up(connection: object, _record: object) -> None:
    """To read only. ``connection`` is the driver's."""
    module = type(connection).__module__
    cursor = connection.cursor()  # type: ignore[attr-defined]  # every DB-API connection has one
    if module.startswith("psycopg"):
        connection.read_only = True  # type: ignore[attr-defined]  # psycopg's own
    elif module.startswith("pymysql"):
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        connection._read_timeout = None  # type: ignore[attr-defined]  # a query has its own end, see wire.py
        # A time of day is text as with other databases, not what has passed since midnight.
        connection.decoders.pop(_MYSQL_TIME, None)  # type: ignore[attr-defined]  # PyMySQL's own
    else:
        cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _limit(connection: Connection, seconds: float, rows: int) -> None:
    """PyMySQL reads what is left of a result before it lets go of it: there the server stops."""
    milliseconds = max(1, int(seconds * 1000))
    dialect = connection.dialect
    if dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
    elif dialect.name in ("mysql", "mariadb"):
        is_mariadb = getattr(dialect, "is_mariadb", False)
        limit = f"max_statement_time = {seconds:.3f}" if is_mariadb else f"max_execution_time = {milliseconds}"
        connection.exec_driver_sql(f"SET SESSION {limit}, sql_select_limit = {rows}")
    else:
        ends = time.monotonic() + seconds
        driver = connection.connection.driver_connection
        driver.set_progress_handler(lambda: time.monotonic() > ends, 1000)  # type: ignore[union-attr]  # sqlite3's


@contextmanager
def _failures() -> Iterator[None]:
    """The library's errors as ours; what they say stays in the log, since it quotes values and names."""
    try:
        yield
    except exc.TimeoutError as error:
        raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, "no connection was free in time", never_sent=True) from error
    except exc.DBAPIError as error:
        codes = _codes(error.orig)
        if codes & _INTERRUPTED:
            raise failure(RuntimeCode.DEPARTMENT_TIMEOUT, type(error.orig).__name__) from error
        if isinstance(error, exc.DataError):
            message = "A value does not fit the column that it is compared with."
            raise GraphQLError(message, extensions={"code": RuntimeCode.BAD_USER_INPUT.value}) from error
        is_unreachable = isinstance(error, exc.OperationalError | exc.InterfaceError) and not _is_of_server(codes)
        if is_unreachable or error.connection_invalidated:
            raise failure(RuntimeCode.DEPARTMENT_UNREACHABLE, type(error.orig).__name__) from error
        raise failure(
            RuntimeCode.DEPARTMENT_ERROR, f"{type(error.orig).__name__} {' '.join(sorted(codes))}"
        ) from error


def _is_of_server(codes: set[str]) -> bool:
    """Whether MariaDB or MySQL refused a query, and not a connection; PyMySQL calls both operational."""
    return any(code.isdigit() and len(code) == 4 and code.startswith("1") for code in codes - _NO_CONNECTION)


def _codes(error: BaseException | None) -> set[str]:
    """What the database calls its error: an SQLSTATE, a number, or one word."""
    named = (getattr(error, "sqlstate", None), *(error.args[:1] if error is not None else ()))
    return {str(each) for each in named if each is not None and len(str(each).split()) == 1}


def _json(value: object) -> JSON:
    """A column's value as JSON has it: what is exact stays exact, as text."""
    match value:
        case float():
            return value if isfinite(value) else str(value)
        case None | bool() | int() | str():
            return value
        case datetime() | date() | time_of_day():
            return value.isoformat()
        case Decimal():
            return str(value)
        case UUID():
            return str(value)
        case timedelta():
            return value.total_seconds()
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case list() | tuple():
            return [_json(each) for each in value]
        case dict():
            return {str(name): _json(each) for name, each in value.items()}
        case _:
            return str(value)

"""Insert many rows by one statement, and rows that may be there already: the base of "once, and only once".

PostgreSQL gets many rows as one JSON value, whose fields it makes the table's columns: that is one value to bind
however many rows there are, and one text to prepare. Source: PostgreSQL, ``json_populate_recordset``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def insert_if_absent(session: AsyncSession, table: type[SQLModel], values: dict[str, Any]) -> bool:
    """Whether the row is new. It waits for another transaction that inserts the same key."""
    target = SQLModel.metadata.tables[str(table.__tablename__)]
    bind = session.get_bind()
    key = tuple(target.primary_key.columns)
    statement = _insert(bind.dialect.name, target).values(**values).on_conflict_do_nothing().returning(*key)
    # Asked for the row, not for a count: PostgreSQL's driver counts no inserted rows.
    return (await session.exec(statement)).first() is not None


async def insert_rows(session: AsyncSession, tables: Mapping[type[SQLModel], Sequence[dict[str, Any]]]) -> None:
    """Insert each table's rows, which name the same columns, in their order. What a JSON column holds is never
    ``None``.

    On PostgreSQL that is one statement for all tables, and one round trip; references are checked at its end.
    Source: PostgreSQL, "Data-Modifying Statements in WITH". On SQLite what others refer to has to come first.
    """
    connection = await session.connection()
    targets = [(SQLModel.metadata.tables[str(table.__tablename__)], rows) for table, rows in tables.items()]
    if connection.dialect.name == "sqlite":
        for target, rows in targets:
            await connection.execute(target.insert(), rows)
    elif targets:
        text = _inserts_of_json(tuple((target, tuple(rows[0])) for target, rows in targets))
        given = {_numbered("rows", place): _json_of(rows) for place, (_, rows) in enumerate(targets)}
        await connection.exec_driver_sql(text, given)


async def insert_absent(
    session: AsyncSession,
    table: type[SQLModel],
    rows: Sequence[dict[str, Any]],
    *,
    key: Sequence[str] = (),
    also: Sequence[str] = (),
) -> set[tuple[Any, ...]]:
    """Insert those that are absent, in one statement: the keys of those that are new. Of two alike the first is.

    ``key`` names the columns that make a row once, if that is not the primary key; what is ``also`` told of a new
    row stands behind them. Give the rows in one order always: so two processes that insert the same ones wait for
    each other and never both.
    """
    connection = await session.connection()
    target = SQLModel.metadata.tables[str(table.__tablename__)]
    key = key or [column.name for column in target.primary_key.columns]
    if connection.dialect.name == "sqlite":
        returned = (target.c[name] for name in (*key, *also))
        statement = sqlite.insert(target).on_conflict_do_nothing().returning(*returned)
        found = await connection.execute(statement, rows)
    else:
        returning = f"ON CONFLICT DO NOTHING RETURNING {_names(target, (*key, *also))}"
        text = f"{_insert_of_json(target, tuple(rows[0]))} {returning}"
        found = await connection.exec_driver_sql(text, {"rows": _json_of(rows)})
    return {tuple(row) for row in found}


async def add_up(
    session: AsyncSession,
    table: type[SQLModel],
    rows: Sequence[dict[str, Any]],
    *,
    added: Iterable[str] = (),
    replaced: Iterable[str] = (),
) -> None:
    """Insert the rows; where one is there, its columns ``added`` grow by the new value, ``replaced`` take it.

    In the order of the key, so that two processes that add to the same rows wait for each other and never both.
    """
    if not rows:
        return
    target = SQLModel.metadata.tables[str(table.__tablename__)]
    connection = await session.connection()
    statement = _insert(connection.dialect.name, target)
    new = statement.excluded
    changes = {name: target.c[name] + new[name] for name in added} | {name: new[name] for name in replaced}
    key = [column.name for column in target.primary_key.columns]
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in key))
    await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes), ordered)


def _numbered(what: str, place: int) -> str:
    """A name of its own for each table in a statement of several."""
    return f"{what}{place}" if place else what


@lru_cache(maxsize=256)
def _inserts_of_json(targets: tuple[tuple[Table, tuple[str, ...]], ...]) -> str:
    *others, last = [
        _insert_of_json(target, columns, _numbered("rows", place))
        for place, (target, columns) in enumerate(targets)
    ]
    before = ", ".join(f"{_numbered('done', place)} AS ({text})" for place, text in enumerate(others))
    return f"WITH {before} {last}" if before else last


@lru_cache(maxsize=256)
def _insert_of_json(target: Table, columns: tuple[str, ...], given: str = "rows") -> str:
    names = _names(target, columns)
    rows = f"json_populate_recordset(NULL::{_quoted(target.name)}, %({given})s::json)"
    return f"INSERT INTO {_quoted(target.name)} ({names}) SELECT {names} FROM {rows}"  # noqa: S608  our own names


def _names(target: Table, columns: Iterable[str]) -> str:
    return ", ".join(_quoted(target.c[name].name) for name in columns)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _json_of(rows: Sequence[dict[str, Any]]) -> str:
    """Times with their zone, numbers as they are."""
    return msgspec.json.encode(rows).decode()


def _insert(dialect: str, target: Table) -> Any:
    if dialect == "sqlite":
        return sqlite.insert(target)
    from sqlalchemy.dialects import postgresql  # a hub on SQLite starts without it

    return postgresql.insert(target)

"""Rows that a transaction has changed, written back by one statement where the session would send one for each.

For rows that the transaction has locked and that refer to no other table. PostgreSQL takes the changed columns of
all rows as one JSON value; SQLite, where a statement costs no round trip, is left to the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import JSON, Table, inspect
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.base import NO_VALUE
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

TOGETHER = ("service_case",)
"""Tables of which one transaction changes many rows."""


async def update_changed(session: AsyncSession) -> None:
    """Write what has changed in the rows of :data:`TOGETHER`, where it is more than one row. Raises
    ``StaleDataError`` where one of them is not there any more."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for name in TOGETHER:
        table = SQLModel.metadata.tables[name]
        rows = [row for row in session.dirty if getattr(row, "__tablename__", None) == name]
        changed = sorted({column for row in rows for column in _changed(row)})
        if len(rows) > 1 and changed and not _holds_null(table, changed, rows):
            await _update(session, table, changed, rows)


def _changed(row: Any) -> list[str]:
    """What was set to something else. Only what was set is looked at: a row has many columns more."""
    state = inspect(row)
    return [
        name for name, before in state.committed_state.items() if before is NO_VALUE or before != state.dict[name]
    ]


def _holds_null(table: Table, changed: Sequence[str], rows: Sequence[Any]) -> bool:
    """A JSON column whose value is JSON's null cannot be told from one without a value."""
    columns = [column for column in changed if isinstance(table.c[column].type, JSON)]
    return any(getattr(row, column) is None for row in rows for column in columns)


async def _update(session: AsyncSession, table: Table, changed: Sequence[str], rows: Sequence[Any]) -> None:
    key = [column.name for column in table.primary_key.columns]
    values = [{column: getattr(row, column) for column in (*key, *changed)} for row in rows]
    values.sort(key=lambda each: [each[column] for column in key])
    connection = await session.connection()
    text = _text(table, tuple(key), tuple(changed))
    done = await connection.exec_driver_sql(text, {"rows": msgspec.json.encode(values).decode()})
    if done.rowcount != len(rows):
        raise StaleDataError(f"{len(rows) - done.rowcount} rows of {table.name} are not there any more.")
    for row in rows:
        for column in changed:
            set_committed_value(row, column, getattr(row, column))


@lru_cache(maxsize=64)
def _text(table: Table, key: tuple[str, ...], changed: tuple[str, ...]) -> str:
    values = ", ".join(f'"{column}" = new."{column}"' for column in changed)
    same = " AND ".join(f'old."{column}" = new."{column}"' for column in key)
    rows = f'json_populate_recordset(NULL::"{table.name}", %(rows)s::json)'
    return f'UPDATE "{table.name}" AS old SET {values} FROM {rows} AS new WHERE {same}'  # noqa: S608  our own names

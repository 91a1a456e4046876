"""Insert what may be there already, on both databases: the base of "once, and only once", and of counting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

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


def _insert(dialect: str, target: Table) -> Any:
    if dialect == "sqlite":
        return sqlite.insert(target)
    from sqlalchemy.dialects import postgresql  # a hub on SQLite starts without it

    return postgresql.insert(target)

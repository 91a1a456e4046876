"""Insert what may be there already, on both databases: the base of every "once, and only once"."""

from __future__ import annotations

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


def _insert(dialect: str, target: Table) -> Any:
    if dialect == "sqlite":
        return sqlite.insert(target)
    from sqlalchemy.dialects import postgresql  # a hub on SQLite starts without it

    return postgresql.insert(target)

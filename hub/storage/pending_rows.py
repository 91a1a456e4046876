"""Rows that a transaction inserts at its end: one statement for each table, however many decisions it holds.

For rows that the same transaction does not read again: events, changes, messages, ids that were seen. They are
written by :meth:`hub.storage.database.Database.transaction` before it commits, after everything that the session
itself holds, and so stand or fall with it. A row that is written so may refer to any other; only rows that are
written so too may refer to it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.storage.changed_rows import update_changed
from hub.storage.insertion import insert_rows

_PENDING = "pending rows"


def insert_later(session: AsyncSession, table: type[SQLModel], values: dict[str, Any]) -> None:
    """Add a row of ``table`` to the transaction. Rows of one table name the same columns, and keep their order."""
    session.info.setdefault(_PENDING, {}).setdefault(table, []).append(values)


async def insert_pending(session: AsyncSession) -> None:
    """Write what was added so far. A transaction's end does this by itself."""
    pending: dict[type[SQLModel], list[dict[str, Any]]] = session.info.pop(_PENDING, {})
    if not pending:
        return
    await update_changed(session)
    await session.flush()
    for table in sorted(pending, key=_place):
        await insert_rows(session, table, pending[table])


def _place(table: type[SQLModel]) -> int:
    """What others refer to comes before them."""
    return _places(len(SQLModel.metadata.tables))[str(table.__tablename__)]


@cache
def _places(_known: int) -> dict[str, int]:
    return {table.name: place for place, table in enumerate(SQLModel.metadata.sorted_tables)}

"""Rows that a transaction inserts at its end, all of them together, however many decisions it holds.

For rows that the same transaction does not read again: events, changes, messages, ids that were seen. They are
written by :meth:`hub.storage.database.Database.transaction` before it commits, after everything that the session
itself holds, and so stand or fall with it. A row that is written so may refer to any other; only rows that are
written so too may refer to it.

What needs more than an insert is gathered in the same way (:func:`settle_later`) and settled just before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.storage.changed_rows import update_changed
from hub.storage.insertion import insert_rows

_PENDING, _GATHERED = "pending rows", "gathered"

Item = TypeVar("Item")


def insert_later(session: AsyncSession, table: type[SQLModel], values: dict[str, Any]) -> None:
    """Add a row of ``table`` to the transaction. Rows of one table name the same columns, and keep their order."""
    session.info.setdefault(_PENDING, {}).setdefault(table, []).append(values)


def settle_later(
    session: AsyncSession, settle: Callable[[AsyncSession, Sequence[Item]], Awaitable[None]], item: Item
) -> None:
    """Add an item to the transaction that ``settle`` gets with all its others at once, in their order. It may add
    rows by :func:`insert_later`."""
    session.info.setdefault(_GATHERED, {}).setdefault(settle, []).append(item)


async def insert_pending(session: AsyncSession) -> None:
    """Write what was added so far. A transaction's end does this by itself."""
    if _PENDING not in session.info and _GATHERED not in session.info:
        return
    await update_changed(session)
    await session.flush()
    for settle, items in session.info.pop(_GATHERED, {}).items():
        await settle(session, items)
    pending: dict[type[SQLModel], list[dict[str, Any]]] = session.info.pop(_PENDING, {})
    await insert_rows(session, {table: pending[table] for table in sorted(pending, key=_place)})


def _place(table: type[SQLModel]) -> int:
    """What others refer to comes before them."""
    return _places(len(SQLModel.metadata.tables))[str(table.__tablename__)]


@cache
def _places(_known: int) -> dict[str, int]:
    return {table.name: place for place, table in enumerate(SQLModel.metadata.sorted_tables)}

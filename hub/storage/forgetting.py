"""Delete what was only kept for a time, few rows in one transaction: nobody waits long for any of them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, tuple_
from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel, select

from hub.storage.database import Database

FORGOTTEN_AT_ONCE = 2000


async def forget_old(
    database: Database,
    table: type[SQLModel],
    is_old: ColumnElement[bool],
    order: Mapped[int | None] | None = None,
) -> None:
    """Delete the rows that are old, in as many transactions as it takes; those first in ``order`` go first.

    It may be broken off after any of them, and two may do it at once.
    """
    while await forget_some(database, table, is_old, order) == FORGOTTEN_AT_ONCE:
        pass


async def forget_some(
    database: Database,
    table: type[SQLModel],
    is_old: ColumnElement[bool],
    order: Mapped[int | None] | None = None,
) -> int:
    """How many rows were deleted, at most :data:`FORGOTTEN_AT_ONCE`."""
    key = SQLModel.metadata.tables[str(table.__tablename__)].primary_key.columns
    old = select(*key).where(is_old).order_by(order).limit(FORGOTTEN_AT_ONCE)
    async with database.transaction() as session:
        # Asked again of each row: one that was made new meanwhile stays.
        found = await session.exec(delete(table).where(tuple_(*key).in_(old), is_old))
    return int(found.rowcount)

"""Who read a person's data: the access log, as that person sees it.

Source: docs/licences.md, "Sharing"; domain.md, 9.12.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from auth.actor import Actor
from hub.storage.database import Database
from hub.tables.auth import AccessRecordRow
from schema.domain.page import check_first


class AccessRecords:
    """One's own alone; nobody learns of another's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, actor: Actor, first: int, *, by_others: bool) -> Sequence[AccessRecordRow]:
        """The newest first. ``by_others`` leaves out what the person read of themselves."""
        check_first(first)
        statement = select(AccessRecordRow).where(col(AccessRecordRow.subject) == actor.subject)
        if by_others:
            statement = statement.where(col(AccessRecordRow.reader) != actor.subject)
        newest = statement.order_by(col(AccessRecordRow.number).desc()).limit(first)
        async with self._database.reading() as session:
            return (await session.exec(newest)).all()

"""The worker's notes of commands that must not be executed twice, in the hub's database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.command_notes import Note
from hub.storage.database import Database
from hub.tables.command_note import CommandNoteRow


class DatabaseCommandNotes:
    """Implements :class:`connectors.command_notes.CommandNotes` for every worker over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, command: str) -> Note | None:
        async with self._database.reading() as session:
            row = await session.get(CommandNoteRow, command)
        return Note(row.is_begun, row.outcome) if row else None

    async def begin(self, command: str, now: datetime) -> None:
        await self._write(CommandNoteRow(id=command, is_begun=True, noted_at=now))

    async def postpone(self, command: str, now: datetime) -> None:
        await self._write(CommandNoteRow(id=command, is_begun=False, noted_at=now))

    async def finish(self, command: str, outcome: dict[str, Any], now: datetime) -> None:
        await self._write(CommandNoteRow(id=command, is_begun=True, outcome=outcome, noted_at=now))

    async def _write(self, row: CommandNoteRow) -> None:
        async with self._database.transaction() as session:
            await session.merge(row)

"""What was begun at a department that cannot tell a repeated command from a new one.

Only for ``idempotency = "none"``: before such a command is executed a note is written that survives a
crash, so that a redelivered one is not executed again. Source: docs/architecture.md, "Commands".
"""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Note:
    """``is_begun``: it may have been executed. ``outcome``: how it ended, once that is known."""

    is_begun: bool
    outcome: dict[str, Any] | None = None


class CommandNotes(Protocol):
    """The agent keeps them in a file, the hub's worker in its database."""

    async def find(self, command: str) -> Note | None: ...

    async def begin(self, command: str, now: datetime) -> None:
        """Return once the note is safe: from now on the command may have been executed."""
        ...

    async def postpone(self, command: str, now: datetime) -> None:
        """The department was certainly not reached: the command may be begun again."""
        ...

    async def finish(self, command: str, outcome: dict[str, Any], now: datetime) -> None: ...


class FileCommandNotes:
    """Notes in one SQLite file that only this user can read. A write takes a disk flush, some milliseconds."""

    def __init__(self, path: Path, now: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS command"
            " (id TEXT PRIMARY KEY, is_begun INTEGER NOT NULL, outcome TEXT, noted_at TEXT NOT NULL)"
        )
        self._connection.execute("DELETE FROM command WHERE noted_at < ?", ((now - KEPT).isoformat(),))

    async def find(self, command: str) -> Note | None:
        row = self._connection.execute("SELECT is_begun, outcome FROM command WHERE id = ?", (command,)).fetchone()
        return None if row is None else Note(bool(row[0]), json.loads(row[1]) if row[1] else None)

    async def begin(self, command: str, now: datetime) -> None:
        self._write(command, True, None, now)

    async def postpone(self, command: str, now: datetime) -> None:
        self._write(command, False, None, now)

    async def finish(self, command: str, outcome: dict[str, Any], now: datetime) -> None:
        self._write(command, True, json.dumps(outcome), now)

    def close(self) -> None:
        self._connection.close()

    def _write(self, command: str, is_begun: bool, outcome: str | None, now: datetime) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO command VALUES (?, ?, ?, ?)", (command, is_begun, outcome, now.isoformat())
        )

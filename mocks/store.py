"""A department's own store: one SQLite file, or memory when no directory is given.

What a store holds at its birth comes from a seed, which it remembers: another seed would contradict it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class WrongSeed(Exception):
    """A store was made from one seed and opened with another."""


class Store:
    """Rows by plain SQL. ``is_new`` says that the founding data is still to be written."""

    def __init__(self, path: Path | None, seed: int, tables: str) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(tables + "CREATE TABLE IF NOT EXISTS founding (seed INTEGER NOT NULL);")
        founding = self.row("SELECT seed FROM founding")
        self.is_new = founding is None
        if founding and founding["seed"] != seed:
            raise WrongSeed(
                f"{path} was made from seed {founding['seed']}, not {seed}. "
                f"Start with --seed {founding['seed']} or with another --state directory."
            )
        self._seed = seed

    @contextmanager
    def founding(self) -> Iterator[None]:
        """Write the founding data, all of it or nothing."""
        with self.transaction():
            yield
            self.execute("INSERT INTO founding (seed) VALUES (?)", self._seed)
        self.is_new = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens or nothing. Must not be held across an ``await``."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, sql: str, *values: Any) -> int:
        """Run one statement, answer how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        found = self._connection.execute(sql, values).fetchone()
        return dict(found) if found else None

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(sql, values)]

    def close(self) -> None:
        self._connection.close()

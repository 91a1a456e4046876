"""One-time codes sent to a phone: six digits, good once, for a few attempts and minutes.

A new code replaces the one before it.
"""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any

from mocks.store import Store

ONE_TIME_CODE_TABLE = """
CREATE TABLE IF NOT EXISTS one_time_code (
    id_number TEXT PRIMARY KEY, code TEXT NOT NULL, sent_at REAL NOT NULL, attempts_left INTEGER NOT NULL);
"""
ATTEMPTS = 5


class OneTimeCodes:
    """The codes under way."""

    def __init__(self, store: Store, lifetime_seconds: float) -> None:
        self._store = store
        self._lifetime_seconds = lifetime_seconds

    def send(self, id_number: str) -> None:
        """Make a new code. The phone shows it (:meth:`latest`)."""
        code = f"{secrets.randbelow(1_000_000):06d}"
        self._store.execute(
            "INSERT OR REPLACE INTO one_time_code VALUES (?, ?, ?, ?)", id_number, code, time.time(), ATTEMPTS
        )

    def redeem(self, id_number: str, code: str) -> bool:
        """Whether the code is right; a right code and a used-up one are good no more."""
        with self._store.transaction():
            sent = self.latest(id_number)
            if sent is None or sent["attempts_left"] < 1 or time.time() - sent["sent_at"] > self._lifetime_seconds:
                return False
            right = hmac.compare_digest(sent["code"].encode(), code.encode())
            self._store.execute(
                "UPDATE one_time_code SET attempts_left = ? WHERE id_number = ?",
                0 if right else sent["attempts_left"] - 1, id_number,
            )  # fmt: skip
            return right

    def latest(self, id_number: str) -> dict[str, Any] | None:
        return self._store.row("SELECT * FROM one_time_code WHERE id_number = ?", id_number)

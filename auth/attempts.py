"""Counting attempts, so that codes, numbers and secrets cannot be tried one after the other.

Windows are fixed and counts are kept in the store, so they hold over all processes and restarts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from auth.store import AttemptStore


@dataclass(frozen=True, slots=True)
class Limit:
    """``count`` attempts in each ``window`` are let through."""

    name: str
    count: int
    window: timedelta


class TooManyAttempts(Exception):
    """The limit is reached. ``retry_after`` tells when to try again; pages and doors answer 429."""

    def __init__(self, retry_after: timedelta) -> None:
        seconds = max(1, int(retry_after.total_seconds()))
        super().__init__(f"Too many attempts. Try again in {seconds} seconds.")
        self.retry_after = timedelta(seconds=seconds)


class Attempts:
    """What is counted is kept as a hash: the store shows neither numbers nor addresses."""

    def __init__(self, store: AttemptStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def count(self, limit: Limit, what: str) -> None:
        """Count one more. Raises :class:`TooManyAttempts` once it is one too many."""
        began_at, ends_at = self._window(limit)
        if await self._store.count_attempt(_key(limit, what), began_at, ends_at) > limit.count:
            raise TooManyAttempts(ends_at - self._now())

    async def check(self, limit: Limit, what: str) -> None:
        """Count nothing. Raises :class:`TooManyAttempts` where the limit is reached already."""
        began_at, ends_at = self._window(limit)
        if await self._store.attempts(_key(limit, what), began_at) >= limit.count:
            raise TooManyAttempts(ends_at - self._now())

    def _window(self, limit: Limit) -> tuple[datetime, datetime]:
        seconds = int(limit.window.total_seconds())
        began = int(self._now().timestamp()) // seconds * seconds
        began_at = datetime.fromtimestamp(began, UTC)
        return began_at, began_at + limit.window


def _key(limit: Limit, what: str) -> str:
    return hashlib.sha256(f"{limit.name}\n{what}".encode()).hexdigest()

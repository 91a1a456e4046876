"""A value that is read again once it is old: at once for whoever finds it fresh, by one look for all others.

Nobody queues for it. With a lock instead, each who waits needs a turn of the event loop of their own, also where
the value is there already; under load that queue grows faster than it is worked off.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from connectors.clock import Clock
from hub.storage.shared_reads import look_at_failure

Kept = TypeVar("Kept")
Look = Callable[[Kept | None], Coroutine[Any, Any, Kept]]
"""Given the last value, it may tell that nothing has changed and give it back."""


class KeptValue(Generic[Kept]):
    """``look`` reads it; it is fresh for ``kept_for`` after the look began."""

    def __init__(self, look: Look[Kept], kept_for: timedelta, clock: Clock) -> None:
        self._look = look
        self._kept_for = kept_for
        self._clock = clock
        self._value: Kept | None = None
        self._looked_at: datetime | None = None
        self._looking: asyncio.Task[Kept] | None = None

    async def get(self) -> Kept:
        """Raises what ``look`` raises; the next one who asks looks again."""
        now = self._clock.now()
        if self._value is not None and self._looked_at is not None and abs(now - self._looked_at) < self._kept_for:
            return self._value
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look_now(now))
            self._looking.add_done_callback(look_at_failure)
        return await asyncio.shield(self._looking)

    def forget(self) -> None:
        """Look at the next question; a look that has begun already does not count."""
        self._looked_at = None
        self._looking = None

    async def _look_now(self, now: datetime) -> Kept:
        found = await self._look(self._value)
        if self._looking is asyncio.current_task():
            self._value, self._looked_at = found, now
        return found

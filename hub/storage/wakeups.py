"""Hints between the loops of one process: there is work now. Losing one costs a polling interval, no more."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Wakeups:
    """``outbox``: messages or changes were written; ``changes``: changes have got their position; ``payments``,
    ``refunds``, ``holds``, ``alerts``, ``notices``: there is one more."""

    outbox: asyncio.Event = field(default_factory=asyncio.Event)
    changes: asyncio.Event = field(default_factory=asyncio.Event)
    payments: asyncio.Event = field(default_factory=asyncio.Event)
    refunds: asyncio.Event = field(default_factory=asyncio.Event)
    holds: asyncio.Event = field(default_factory=asyncio.Event)
    alerts: asyncio.Event = field(default_factory=asyncio.Event)
    notices: asyncio.Event = field(default_factory=asyncio.Event)


async def wait_at_most(event: asyncio.Event, interval: timedelta) -> None:
    """Return when the event is set or the interval is over. Clear it before looking for work."""
    with suppress(TimeoutError):
        async with asyncio.timeout(interval.total_seconds()):
            await event.wait()

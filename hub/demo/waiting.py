"""Wait until something that other processes do has happened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hub.demo.road import StepFailed

Found = TypeVar("Found")


async def wait_for(
    what: str,
    look: Callable[[], Awaitable[Found | None]],
    timeout_seconds: float = 10.0,
    pause_seconds: float = 0.1,
) -> Found:
    """Look again and again until something is found. Raises :class:`StepFailed` when time is up."""
    end = time.monotonic() + timeout_seconds
    while True:
        found = await look()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise StepFailed(f"{what} did not happen within {timeout_seconds:g} s")
        await asyncio.sleep(pause_seconds)

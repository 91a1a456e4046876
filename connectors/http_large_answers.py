"""Large answers of one origin come in a few at a time: the others wait on the wire, not in memory.

Without that a department that answers every request with all it has would be held as often as there are
connections to it.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Protocol

LARGE_BYTES = 256 * 1024
AT_ONCE = 2
BREATH_SECONDS = 0.001
"""Between two pieces of a large answer."""
LONG_BREATH_SECONDS = 0.016
"""Of an origin that sent too much not long ago: what it sends next will most likely be thrown away too. Sixteen
megabytes come in within a second all the same: it is found out before the deadline, and the question rests."""
_REMEMBERED_SECONDS = 60.0
_TRIM_SECONDS = 1.0
"""How long after the last large answer memory is given back."""


class Reading(Protocol):
    """Somebody who reads an answer, and can be kept from reading on."""

    def pause(self) -> None: ...

    def go_on(self) -> None: ...


class LargeAnswers:
    """Of those with more than :data:`LARGE_BYTES`, :data:`AT_ONCE` read on, in the order in which they came."""

    def __init__(self) -> None:
        self._reading: set[Reading] = set()
        self._waiting: deque[Reading] = deque()
        self._last = 0.0
        self._is_trimming = False
        self._too_large_until = 0.0

    def note_too_large(self, now: float) -> None:
        """One of them had more than an answer may have; ``now`` is the loop's time."""
        self._too_large_until = now + _REMEMBERED_SECONDS

    def breath_seconds(self, now: float) -> float:
        """How long the others have their turn between two pieces of one."""
        return LONG_BREATH_SECONDS if now < self._too_large_until else BREATH_SECONDS

    def enter(self, reading: Reading) -> None:
        """``reading`` is paused until it is its turn."""
        if len(self._reading) < AT_ONCE:
            self._reading.add(reading)
        else:
            self._waiting.append(reading)
            reading.pause()

    def may_read(self, reading: Reading) -> bool:
        """Whether it is its turn."""
        return reading in self._reading

    def leave(self, reading: Reading) -> None:
        """It has its answer, or none. Harmless when it never entered."""
        if reading in self._reading:
            self._reading.discard(reading)
            self._trim_soon()
            if self._waiting:
                following = self._waiting.popleft()
                self._reading.add(following)
                following.go_on()
        elif reading in self._waiting:
            self._waiting.remove(reading)

    def _trim_soon(self) -> None:
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        if not self._is_trimming:
            self._is_trimming = True
            loop.call_later(_TRIM_SECONDS, self._trim, loop)

    def _trim(self, loop: asyncio.AbstractEventLoop) -> None:
        """It takes some milliseconds, so not while more of them come."""
        if self._reading or loop.time() - self._last < _TRIM_SECONDS:
            loop.call_later(_TRIM_SECONDS, self._trim, loop)
            return
        self._is_trimming = False
        give_memory_back()


def give_memory_back() -> None:
    """What large answers left free inside the process goes to the system. Only glibc keeps it and can be told."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):
        return None
    return found

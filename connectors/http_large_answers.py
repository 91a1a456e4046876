"""Large answers of one origin come in a few at a time: the others wait on the wire, not in memory.

Without that a department that answers every request with all it has would be held as often as there are
connections to it.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

LARGE_BYTES = 256 * 1024
AT_ONCE = 2


class Reading(Protocol):
    """Somebody who reads an answer, and can be kept from reading on."""

    def pause(self) -> None: ...

    def go_on(self) -> None: ...


class LargeAnswers:
    """Of those with more than :data:`LARGE_BYTES`, :data:`AT_ONCE` read on, in the order in which they came."""

    def __init__(self) -> None:
        self._reading: set[Reading] = set()
        self._waiting: deque[Reading] = deque()

    def enter(self, reading: Reading) -> None:
        """``reading`` is paused until it is its turn."""
        if len(self._reading) < AT_ONCE:
            self._reading.add(reading)
        else:
            self._waiting.append(reading)
            reading.pause()

    def leave(self, reading: Reading) -> None:
        """It has its answer, or none. Harmless when it never entered."""
        if reading in self._reading:
            self._reading.discard(reading)
            if self._waiting:
                following = self._waiting.popleft()
                self._reading.add(following)
                following.go_on()
        elif reading in self._waiting:
            self._waiting.remove(reading)

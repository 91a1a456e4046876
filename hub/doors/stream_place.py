"""How far one reader of a subscription is: the cursor it came with, and that of the event under way.

The door puts in the cursor that the client sent (``Last-Event-ID``, or ``extensions.cursor``), the resolver says
at which event it is, and the gateway tells the client with each answer, in ``extensions``. What a cursor means is
known to the resolver alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CURSOR = "cursor"
"""The entry in ``extensions``, of a request as of each event."""
LOCAL_NAME = "place"
"""The entry in a request's local values, for resolvers in this process."""
LONGEST_CURSOR = 100


@dataclass(slots=True)
class StreamPlace:
    """``after`` is what the reader has seen; ``cursor`` is set with each event."""

    after: str | None = None
    cursor: str | None = None
    has_gap: bool = False

    @classmethod
    def of(cls, extensions: Mapping[str, Any]) -> StreamPlace:
        """Where a request wants to go on. What cannot be a cursor of ours begins with a gap, never silently."""
        given = extensions.get(CURSOR)
        return cls(None if given is None else str(given)[:LONGEST_CURSOR])

    def tell(self) -> dict[str, Any]:
        """The ``extensions`` of the event under way. A gap is told once, with the first event after it."""
        told: dict[str, Any] = {} if self.cursor is None else {CURSOR: self.cursor}
        if self.has_gap:
            told["gap"], self.has_gap = True, False
        return told

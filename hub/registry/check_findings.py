"""What a check finds beyond the schema: what the real system said, what the new version answers; values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schema.affected import RecordedOperation


class Outcome(StrEnum):
    """FAIL: the system is not what was declared. WARN: it may not be. Neither refuses a publication by itself."""

    PASS = "pass"  # noqa: S105  no password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class ProbeLine:
    """One question to the real system, and what came. No value of its data is in ``message``."""

    what: str
    outcome: Outcome
    message: str
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class ShadowDifference:
    """One place where the new version answers a recorded operation otherwise than the live one.

    ``path`` is a path of the answer, empty for the answer as a whole; ``message`` tells kinds, never values.
    """

    operation: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Observations:
    """What was looked at before the registry's lock was taken. ``recorded`` is ``None`` where nobody records.

    ``compared`` is how many recorded operations were answered by both versions.
    """

    recorded: tuple[RecordedOperation, ...] | None = None
    probe: tuple[ProbeLine, ...] = ()
    shadow: tuple[ShadowDifference, ...] = ()
    compared: int = 0


NOTHING_SEEN = Observations()
"""For going back to an earlier version: that is a remedy, and waits for nothing."""

"""Which of a channel's gateways gets a message: the first one that is well.

A gateway that failed rests, longer each time; meanwhile the other one has everything. Once its rest is over it is
tried again, and one success makes it well: so the traffic comes back to the first by itself.
Source: domain.md, 9.10, "two gateways per channel with a switch-over".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FIRST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class GatewayHealth:
    """``failures`` in a row; ``rests_until`` is empty for one that is well."""

    failures: int = 0
    rests_until: datetime | None = None
    failed_at: datetime | None = None
    why: str | None = None

    def is_resting(self, now: datetime) -> bool:
        return self.rests_until is not None and now < self.rests_until


WELL = GatewayHealth()


def failed(health: GatewayHealth, why: str, now: datetime) -> GatewayHealth:
    """It did not take a message, or lost one."""
    rest = min(FIRST_REST * 2 ** min(health.failures, 10), LONGEST_REST)
    return replace(health, failures=health.failures + 1, rests_until=now + rest, failed_at=now, why=why)


def choose(
    order: Sequence[str],
    known: Mapping[str, GatewayHealth],
    now: datetime,
    *,
    held_by: str | None = None,
    avoid: str | None = None,
) -> str | datetime:
    """The gateway to try now, or the moment at which one is to be tried.

    ``held_by`` may have the message already and is asked alone; ``avoid`` has just failed with this very message,
    so another that is well goes before it.
    """
    if held_by is not None and held_by in order:
        return held_by
    well = [name for name in order if not known.get(name, WELL).is_resting(now)]
    if well:
        return next((name for name in well if name != avoid), well[0])
    ends = [health.rests_until for name in order if (health := known.get(name)) is not None]
    return min(moment for moment in ends if moment is not None)

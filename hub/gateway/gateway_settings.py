"""What can be set of a gateway, whichever process it serves in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from hub.gateway.limits import Limits


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """``inline_bytes``: a longer document is checked in a thread. ``tells_suggestions`` of names that exist, in
    refusals: a help for developers, and for guessers.

    ``warmed_operations``: how many of the most used are planned before a new graph serves.
    ``labels`` of progressive ``@override`` are on, besides those that say a percentage. ``shares_runs``: equal
    queries under way are one run. ``operation_time`` is what all fetches of one operation share.
    ``subscriptions_each`` may be open at once for one subject, over all doors of this process.
    """

    limits: Limits = field(default_factory=Limits)
    tells_suggestions: bool = False
    cached_operations: int = 1_000
    warmed_operations: int = 100
    inline_bytes: int = 2_000
    labels: frozenset[str] = frozenset()
    shares_runs: bool = True
    operation_time: timedelta = timedelta(seconds=60)
    subscriptions_each: int = 100

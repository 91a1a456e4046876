"""Durations in buckets that can be added up over processes and days, and read as p50, p95 and p99.

Each bucket is 15 % wider than the one before, so a quantile is told within 8 %. The first ends at 0.1 ms.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from math import ceil

_FIRST_MILLISECONDS = 0.1
_GROWTH = 1.15
_LAST = 120
"""It begins at half an hour."""
_ENDS = tuple(_FIRST_MILLISECONDS / 1000 * _GROWTH**number for number in range(_LAST))
"""Where each bucket but the last ends, in seconds. Every request looks here."""


def bucket_of(seconds: float) -> int:
    """The number of the bucket, from 0 to 120."""
    return bisect_left(_ENDS, seconds)


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """Milliseconds within which ``share`` of what was counted was done; ``None`` where nothing was."""
    wanted = ceil(sum(buckets.values()) * share)
    reached = 0
    for bucket in sorted(buckets):
        reached += buckets[bucket]
        if 0 < wanted <= reached:
            return _middle(bucket)
    return None


def _middle(bucket: int) -> float:
    """The geometric middle, in milliseconds, to three figures."""
    return float(f"{_FIRST_MILLISECONDS * _GROWTH ** (bucket - 0.5):.3g}")

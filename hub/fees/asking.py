"""How long to wait before the provider is asked again for what it has not done yet: longer each time."""

from __future__ import annotations

from datetime import timedelta

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)


def pause_after(asked: int) -> timedelta:
    """``asked`` is how often it was asked before."""
    doublings: int = 2 ** min(asked, 12)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)

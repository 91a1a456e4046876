"""How many retries a connector may make: a share of its requests, so that an outage is not asked twice as much.

A bucket of tokens: a request puts in its share of one, a retry takes one. It is full at the beginning, so that a
connector that is seldom asked can retry too, and holds no more than that.
"""

from __future__ import annotations

RESERVE = 10.0


class RetryBudget:
    """``percent`` of the requests may be retries, and :data:`RESERVE` at once."""

    def __init__(self, percent: int) -> None:
        self.percent = percent
        self._tokens = RESERVE

    def note_request(self) -> None:
        if self._tokens < RESERVE:
            self._tokens = min(RESERVE, self._tokens + self.percent / 100)

    def take(self) -> bool:
        """Whether there is one more retry to be had; it is taken then."""
        if self.percent == 0 or self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    @property
    def left(self) -> int:
        return int(self._tokens) if self.percent else 0

"""How many subscriptions each subject has open, whichever doors they came through.

A door bounds one connection; connections cost their owner nothing, so that the sum is bounded here.
Precedent: CVE-2026-35526 (unbounded subscriptions).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from auth.actor import Actor
from hub.gateway.request import refused
from schema.errors import RuntimeCode


class OpenSubscriptions:
    """``most`` for each subject. Who shows no token is nobody in particular and is not counted."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, actor: Actor | None) -> Iterator[None]:
        """While it is open. Raises ``RequestRefused`` (TOO_MANY_SUBSCRIPTIONS)."""
        if actor is None:
            yield
            return
        subject = actor.key
        if self._open[subject] >= self._most:
            message = f"You have {self._most} subscriptions open here. End one first."
            raise refused(RuntimeCode.TOO_MANY_SUBSCRIPTIONS, message)
        self._open[subject] += 1
        try:
            yield
        finally:
            self._open[subject] -= 1
            if not self._open[subject]:
                del self._open[subject]

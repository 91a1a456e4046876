"""Remember what a search found, though searches lead through each other in circles.

A search that comes upon one under way takes what that has found so far, which may be too little. What it
finds then is not to be remembered, unless the circle closes at the search itself or within it: that one goes
on until nothing is added, so its answer is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Answer = TypeVar("Answer")
MAX_SEARCHES = 50_000
"""How many searches one question may take. An ordinary one takes a few, a strange one hundreds."""
_NOWHERE = 1 << 30


class TooManySearches(Exception):
    """A question led through more than :data:`MAX_SEARCHES` searches."""


class Circles:
    """The searches under way, each with its depth, and the answers that are whole."""

    def __init__(self) -> None:
        self._whole: dict[Hashable, Any] = {}
        self._depths: dict[Hashable, int] = {}
        self._outermost = _NOWHERE
        self._begun = 0

    def is_open(self, name: Hashable) -> bool:
        """Whether the search of this name is under way; whoever asks depends on it then."""
        depth = self._depths.get(name)
        if depth is None:
            return False
        self._outermost = min(self._outermost, depth)
        return True

    def answer(self, question: Hashable, name: Hashable, search: Callable[[], Answer]) -> Answer:
        """What ``search`` finds, or has found: it goes by ``name`` while it is under way.

        Raises :class:`TooManySearches`.
        """
        if question in self._whole:
            known: Answer = self._whole[question]
            return known
        self._begun = self._begun + 1 if self._depths else 0
        if self._begun > MAX_SEARCHES:
            raise TooManySearches
        before, self._outermost = self._outermost, _NOWHERE
        depth = self._depths[name] = len(self._depths)
        try:
            found = search()
        finally:
            del self._depths[name]
            closes_here = self._outermost >= depth
            self._outermost = before if closes_here else min(before, self._outermost)
        if closes_here:
            self._whole[question] = found
        return found

"""Which of several connectors to ask, so that all that is wanted is given with few requests."""

from __future__ import annotations

from collections.abc import Sequence

from schema.mapping.connect import Connect


def covering(connects: Sequence[Connect], wanted: frozenset[str]) -> list[Connect]:
    """Whoever gives the most of what is still wanted, the first of equals, until no other gives more."""
    left, chosen = wanted, list[Connect]()
    while True:
        others = [each for each in connects if each not in chosen]
        best = max(others, key=lambda each: len(_gives(each, left)), default=None)
        if best is None or not _gives(best, left):
            return chosen
        chosen.append(best)
        left -= _gives(best, left)


def _gives(connect: Connect, wanted: frozenset[str]) -> frozenset[str]:
    return wanted if connect.given is None else wanted & connect.given

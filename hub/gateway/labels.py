"""Which labels of progressive ``@override`` are on for one request.

A label "percent(x)" is on for x of a hundred requests, each decided for itself; any other is on where the
settings name it. Source: Federation 2.7, "Progressive @override".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from random import random

NO_LABELS: frozenset[str] = frozenset()
_PERCENTAGE = re.compile(r"percent\((\d+(?:\.\d+)?)\)")


def labels_on(
    labels: Collection[str], named: Collection[str], chance: Callable[[], float] = random
) -> frozenset[str]:
    """``chance`` gives a number from 0 up to 1."""
    if not labels:
        return NO_LABELS
    return frozenset(label for label in labels if _is_on(label, named, chance))


def _is_on(label: str, named: Collection[str], chance: Callable[[], float]) -> bool:
    percentage = _PERCENTAGE.fullmatch(label)
    if percentage is None:
        return label in named
    return chance() * 100 < float(percentage[1])

"""What citizens file: which items, with which forms, how often, and what they do with them after that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of case that citizens file, and how often among others.

    ``is_refused``: the citizen has fire and rescue refuse it, unless that has decided already;
    ``once_paid``: not before its fees are paid, or held, so that a part of them goes back, or is let go;
    ``by_transfer``: they are paid in a way that cannot be held.
    """

    item: str
    form: Mapping[str, Any]
    weight: int
    is_withdrawn: bool = False
    is_refused: bool = False
    once_paid: bool = False
    by_transfer: bool = False
    materials: tuple[str, ...] = ()


_FLAT = {"address": "集贤街道集贤里1号", "priceFen": 320_000_000, "isOnlyHome": True}
_FLAT_PAPERS = ("ID", "CONTRACT", "MARRIAGE")
_RESTAURANT = {"tradeName": "集贤面馆", "premises": "集贤街道集贤里1号", "areaSquareMetres": 80}
_RESTAURANT_PAPERS = ("ID", "PREMISES", "HEALTH", "LAYOUT", "PLEDGE")
KINDS: Mapping[str, Kind] = {
    "with fee": Kind("CA-MARRIAGE-RECORD", {"purpose": "loan", "copies": 1}, 10),
    "free": Kind("CA-SENIOR-CARD", {"delivery": "post"}, 5),
    "withdrawn": Kind("CA-SUBSISTENCE", {"householdSize": 2, "monthlyIncomeFen": 90000}, 2, is_withdrawn=True),
    "joint with fee": Kind("JT-USED-FLAT", _FLAT, 2, materials=_FLAT_PAPERS),
    "joint": Kind("JT-RESTAURANT", _RESTAURANT, 1, materials=_RESTAURANT_PAPERS),
    "joint refused": Kind("JT-RESTAURANT", _RESTAURANT, 1, is_refused=True, materials=_RESTAURANT_PAPERS),
    "joint refused once held": Kind(
        "JT-RESTAURANT", _RESTAURANT, 1, is_refused=True, once_paid=True, materials=_RESTAURANT_PAPERS
    ),
    "joint refused once paid": Kind(
        "JT-RESTAURANT",
        _RESTAURANT,
        1,
        is_refused=True,
        once_paid=True,
        by_transfer=True,
        materials=_RESTAURANT_PAPERS,
    ),
    "joint withdrawn": Kind("JT-USED-FLAT", _FLAT, 1, is_withdrawn=True, materials=_FLAT_PAPERS),
}
"""Joint cases are about every fourth: one after the other with fee and licence, side by side with the fees of two
departments, and both undone, before and after the fees were paid or held."""


def drawn_kinds(random: Random, cases: int) -> Iterator[str]:
    """The kind of each case, as the weights say; each kind comes once before chance has its way."""
    names = list(KINDS)
    first = random.sample(names, len(names))[:cases]
    yield from first
    yield from random.choices(names, [KINDS[name].weight for name in names], k=cases - len(first))

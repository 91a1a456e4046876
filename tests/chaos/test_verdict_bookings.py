"""The verdict finds an appointment that is lost, made twice, or one too many for its time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.verdict.bookings import compare
from tests.chaos.verdict.findings import Verdict

OPENED: dict[str, Any] = {"place": "HALL", "days": [], "capacity": 1, "slots": ["s1", "s2"]}
TOLD = [
    {"key": "a", "id": "1", "slot": "s1", "told": "BOOKED"},
    {"key": "b", "id": "2", "slot": "s2", "told": "BOOKED"},
    {"key": "b", "id": "2", "slot": "s2", "told": "CANCELLED"},
    {"key": "c", "slot": "s1", "told": "FULL"},
]
FREE = {"s2": 1}


def there(name: str, slot: str, state: str = "BOOKED") -> dict[str, Any]:
    return {"id": name, "state": state, "slot": {"id": slot}}


@pytest.mark.parametrize(
    ("expected", "free", "lost", "doubled", "wrong"),
    [
        ([there("1", "s1"), there("2", "s2", "CANCELLED")], FREE, 0, 0, 0),
        ([there("2", "s2", "CANCELLED")], {"s1": 1, **FREE}, 1, 0, 0),
        ([there("1", "s1"), there("2", "s2")], {}, 1, 0, 0),
        ([there("1", "s1"), there("3", "s1"), there("2", "s2", "CANCELLED")], FREE, 0, 2, 0),
        ([there("1", "s1"), there("2", "s2", "CANCELLED")], {}, 0, 0, 1),
    ],
)
def test_each_time_is_given_once_and_as_it_was_told(
    expected: list[dict[str, Any]], free: dict[str, int], lost: int, doubled: int, wrong: int
) -> None:
    """What was given back is free again."""
    found = Verdict()
    compare(found, TOLD, expected, free, OPENED)
    assert tuple(Verdict.number(kept) for kept in (found.lost, found.doubled, found.wrong)) == (
        lost,
        doubled,
        wrong,
    )


def test_one_key_makes_one_appointment() -> None:
    """However often it is sent, to whichever hub."""
    found = Verdict()
    told = [TOLD[0], {**TOLD[0], "id": "4"}]
    compare(found, told, [there("1", "s1"), there("4", "s2")], {}, OPENED)
    assert [each for kept in found.doubled.values() for each in kept] == ["a has ['1', '4']"]

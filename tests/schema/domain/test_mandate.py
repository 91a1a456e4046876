"""Mandates: what they cover, when they hold, and which cannot be granted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schema.domain.mandate import LONGEST, MOST_ITEMS, Mandate, Power, Scope, problems
from schema.domain.party import ApplicantKind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CASES, FEES, RECORDS = Power.HANDLE_CASES, Power.PAY_FEES, Power.USE_RECORDS


@pytest.mark.parametrize(
    ("powers", "items", "power", "item", "covered"),
    [
        ({CASES}, (), CASES, "ANY", True),
        ({CASES}, (), FEES, "ANY", False),
        ({CASES, FEES}, ("A", "B"), FEES, "B", True),
        ({CASES, FEES}, ("A", "B"), FEES, "C", False),
        (set(), (), CASES, "ANY", False),
    ],
)
def test_a_scope_covers_its_powers_for_its_items(
    powers: set[Power], items: tuple[str, ...], power: Power, item: str, covered: bool
) -> None:
    """No items are all of them; no powers are nothing."""
    assert Scope(frozenset(powers), frozenset(items)).covers(power, item) is covered


@pytest.mark.parametrize(
    ("at", "ended_at", "holds"),
    [
        (NOW - timedelta(seconds=1), None, False),
        (NOW, None, True),
        (NOW + DAY - timedelta(seconds=1), None, True),
        (NOW + DAY, None, False),
        (NOW + DAY / 2, NOW + DAY / 2, False),
        (NOW + DAY / 3, NOW + DAY / 2, True),
    ],
)
def test_a_mandate_holds_from_its_beginning_to_its_end(
    at: datetime, ended_at: datetime | None, holds: bool
) -> None:
    """The end is not in it any more, nor the moment at which somebody ended it."""
    scope = Scope(frozenset({CASES}))
    kind = ApplicantKind.CITIZEN
    mandate = Mandate("m", "anna", kind, "安娜", "bo", "博", scope, "anna", NOW, NOW, NOW + DAY, ended_at)
    assert mandate.is_in_force(at) is holds


@pytest.mark.parametrize(
    ("powers", "items", "since", "until", "named"),
    [
        ({CASES}, 0, NOW, NOW + LONGEST, None),
        (set(), 0, NOW, NOW + DAY, "`powers`"),
        ({CASES}, MOST_ITEMS + 1, NOW, NOW + DAY, "`items`"),
        ({CASES}, 0, NOW, NOW, "`until`"),
        ({CASES}, 0, NOW - 2 * DAY, NOW - DAY, "`until`"),
        ({CASES}, 0, NOW, NOW + LONGEST + DAY, "three years"),
    ],
)
def test_what_is_wrong_with_a_mandate_is_named(
    powers: set[Power], items: int, since: datetime, until: datetime, named: str | None
) -> None:
    """Each with its mend."""
    wrong = problems(powers, [str(each) for each in range(items)], since, until, NOW)
    assert [named in each for each in wrong if named] == ([True] if named else [])
    assert bool(wrong) is (named is not None)

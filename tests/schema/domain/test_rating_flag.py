"""What makes five stars doubtful (domain.md, 9.9: farmed or forced ratings), each rule at its edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schema.domain.follow_up import Occasion
from schema.domain.rating_flag import (
    Around,
    Doubt,
    FlagGround,
    GivenRating,
    Share,
    at_least,
    doubt_text,
    doubts,
)

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
AT_HOME = GivenRating(Occasion.CASE, "c0", "anna", "hanna", 5, NOON, NOON - timedelta(hours=3))
AT_COUNTER = replace(AT_HOME, at_counter=True)
AT_ONCE = replace(AT_COUNTER, ended_at=NOON - timedelta(seconds=30))
G = FlagGround


def some(given: GivenRating, count: int, seconds_apart: int = 60, **changed: object) -> tuple[GivenRating, ...]:
    """The rating and those before it, each of somebody else."""
    others = (
        replace(given, id=f"c{n}", rater=f"p{n}", at=given.at - timedelta(seconds=n * seconds_apart), **changed)  # type: ignore[arg-type]
        for n in range(1, count)
    )
    return (given, *others)


@pytest.mark.parametrize(
    ("given", "around", "grounds"),
    [
        pytest.param(AT_HOME, Around(), set(), id="at home, hours later"),
        pytest.param(AT_ONCE, Around(), {G.ON_THE_SPOT}, id="half a minute after the end, at the counter"),
        pytest.param(
            replace(AT_ONCE, ended_at=NOON - timedelta(seconds=31)), Around(), set(), id="a second later"
        ),
        pytest.param(replace(AT_ONCE, at_counter=False), Around(), set(), id="at once, but at home"),
        pytest.param(replace(AT_ONCE, officer=None), Around(), set(), id="a department's system decided"),
        pytest.param(replace(AT_ONCE, stars=4), Around(), set(), id="four stars farm nothing"),
        pytest.param(replace(AT_HOME, is_asked_early=True), Around(), {G.ASKED_EARLY}, id="asked before the end"),
        pytest.param(AT_COUNTER, Around(some(AT_COUNTER, 5)), {G.BURST}, id="five in four minutes"),
        pytest.param(AT_COUNTER, Around(some(AT_COUNTER, 4)), set(), id="four"),
        pytest.param(AT_COUNTER, Around(some(AT_COUNTER, 5, 151)), set(), id="five in more than ten minutes"),
        pytest.param(AT_COUNTER, Around(some(AT_COUNTER, 5, stars=4)), set(), id="not all of five stars"),
        pytest.param(AT_COUNTER, Around(some(AT_COUNTER, 5, officer="hugo")), set(), id="another's counter"),
        pytest.param(AT_HOME, Around(some(AT_HOME, 5)), set(), id="five, each at home"),
        pytest.param(AT_HOME, Around((), some(AT_HOME, 5, 90_000)), {G.ONE_OFFICER}, id="a loyal rater"),
        pytest.param(AT_HOME, Around((), some(AT_HOME, 4, 90_000)), set(), id="four times is little"),
        pytest.param(
            AT_HOME, Around((), some(AT_HOME, 5, officer="hugo")), set(), id="loyal to nobody in particular"
        ),
        pytest.param(AT_HOME, Around((), some(AT_HOME, 5, stars=3)), set(), id="who gives three stars too"),
        pytest.param(
            AT_HOME,
            Around((), (), Share(20, 20), Share(40, 20)),
            {G.UNLIKELY_SHARE},
            id="others half",
        ),
        pytest.param(AT_HOME, Around((), (), Share(19, 19), Share(40, 20)), set(), id="too few of the officer's"),
        pytest.param(AT_HOME, Around((), (), Share(20, 20), Share(19, 9)), set(), id="too few of the others'"),
        pytest.param(AT_HOME, Around((), (), Share(20, 20), Share(40, 36)), set(), id="others are liked as well"),
    ],
)
def test_each_ground_at_its_edge(given: GivenRating, around: Around, grounds: set[FlagGround]) -> None:
    found = doubts(given, around).get(given.key, ())
    assert {each.ground for each in found} == grounds


def test_a_burst_flags_all_that_came_with_it() -> None:
    """The first four were not doubtful when they came."""
    found = doubts(AT_COUNTER, Around(some(AT_COUNTER, 6)))
    assert sorted(about for _, about in found) == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert found["CASE", "c5"] == (Doubt(FlagGround.BURST, 6, 6),)


def test_grounds_add_up_and_are_told_in_both_languages() -> None:
    found = doubts(AT_ONCE, Around(some(AT_ONCE, 5)))[AT_ONCE.key]
    assert [doubt_text(each)[1] for each in found] == [
        "Five stars 30 seconds after the end, at the counter",
        "One of 5 five-star ratings within 10 minutes for one officer's counter",
    ]
    assert doubt_text(found[0])[0] == "窗口办结后 30 秒内即评五星"


@pytest.mark.parametrize(("successes", "trials", "chance", "likely"), [(0, 7, 0.3, 1.0), (2, 2, 0.5, 0.25)])
def test_the_tail_is_the_binomials(successes: int, trials: int, chance: float, likely: float) -> None:
    assert at_least(successes, trials, chance) == pytest.approx(likely)

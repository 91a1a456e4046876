"""Farmed and forced ratings (刷评、逼评): what makes five stars doubtful, by how they came about.

A flag is a question and no verdict: the rating stays, a supervisor confirms or clears the flag once, with a
reason, and only a confirmed one is left out of public figures. Nothing here looks at what a rater wrote.
Source: docs/ratings.md, "Farmed and forced ratings"; domain.md, 9.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp, lgamma, log

from schema.domain.follow_up import Occasion

TOP = 5
LOOKS_BACK = timedelta(days=90)
"""How long it is known how a rating came about: as long as something can be rated."""
ON_THE_SPOT = timedelta(seconds=30)
BURST, BURST_WITHIN = 5, timedelta(minutes=10)
ONE_OFFICER = 5
LEAST_COMPARED = 20
"""Ratings of the officer, and of the others of the department, from which on shares are compared."""
CHANCE = 0.001
"""An officer as liked as the others would have such a share once in a thousand times."""


class FlagGround(StrEnum):
    """Why a rating is doubtful."""

    ON_THE_SPOT = "ON_THE_SPOT"
    """Given within seconds of the end, for what an officer did at the counter: hardly without being asked."""
    BURST = "BURST"
    """One of many in a few minutes for one officer's work at the counter, or for what that officer filed: one
    device that was passed round, or none but the officer's."""
    ONE_OFFICER = "ONE_OFFICER"
    """The rater gave five stars several times, always for one and the same officer, and nothing else."""
    UNLIKELY_SHARE = "UNLIKELY_SHARE"
    """Far more of the officer's ratings have five stars than of the rest of the department's."""
    ASKED_EARLY = "ASKED_EARLY"
    """Somebody tried to give it before the service had ended."""


class FlagState(StrEnum):
    OPEN = "OPEN"
    CONFIRMED = "CONFIRMED"
    CLEARED = "CLEARED"


@dataclass(frozen=True, slots=True)
class GivenRating:
    """How one rating came about. ``officer`` did what was rated, ``None`` where a department's system did;
    ``at_counter`` says that they were face to face, or that the officer filed it for the rater."""

    occasion: Occasion
    id: str
    rater: str
    officer: str | None
    stars: int
    at: datetime
    ended_at: datetime
    at_counter: bool = False
    is_asked_early: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.occasion.value, self.id


@dataclass(frozen=True, slots=True)
class Share:
    """How many ratings, and how many of them have five stars."""

    rated: int
    top: int


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known: the officer's counter ratings of the last minutes, all of the rater's, and the shares of
    the officer and of the others in the department. Each with the rating itself."""

    at_counter: tuple[GivenRating, ...] = ()
    of_rater: tuple[GivenRating, ...] = ()
    of_officer: Share = Share(0, 0)
    of_others: Share = Share(0, 0)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One ground with its figures: ``count`` of ``of``."""

    ground: FlagGround
    count: int
    of: int


def doubts(given: GivenRating, around: Around) -> Mapping[tuple[str, str], tuple[Doubt, ...]]:
    """What makes this rating doubtful, and with it others that came the same way; by occasion and id. Four stars
    and fewer raise none."""
    if given.stars != TOP:
        return {}
    found: dict[tuple[str, str], tuple[Doubt, ...]] = {}
    own = (*_alone(given), *_unlikely(given, around))
    if own:
        found[given.key] = own
    for ground, together in ((FlagGround.BURST, _burst(given, around)), (FlagGround.ONE_OFFICER, _loyal(around))):
        for each in together:
            found[each.key] = (*found.get(each.key, ()), Doubt(ground, len(together), len(together)))
    return found


def _alone(given: GivenRating) -> Iterable[Doubt]:
    after = given.at - given.ended_at
    if given.officer is not None and given.at_counter and timedelta() <= after <= ON_THE_SPOT:
        yield Doubt(FlagGround.ON_THE_SPOT, int(after.total_seconds()), int(ON_THE_SPOT.total_seconds()))
    if given.is_asked_early:
        yield Doubt(FlagGround.ASKED_EARLY, 1, 1)


def _burst(given: GivenRating, around: Around) -> tuple[GivenRating, ...]:
    if given.officer is None or not given.at_counter:
        return ()
    together = tuple(
        each
        for each in around.at_counter
        if each.officer == given.officer
        and each.at_counter
        and each.stars == TOP
        and timedelta() <= given.at - each.at <= BURST_WITHIN
    )
    return together if len(together) >= BURST else ()


def _loyal(around: Around) -> tuple[GivenRating, ...]:
    officers = {each.officer for each in around.of_rater}
    is_all_top = all(each.stars == TOP for each in around.of_rater)
    is_loyal = is_all_top and len(officers) == 1 and None not in officers
    return around.of_rater if is_loyal and len(around.of_rater) >= ONE_OFFICER else ()


def _unlikely(given: GivenRating, around: Around) -> Iterable[Doubt]:
    officer, others = around.of_officer, around.of_others
    if given.officer is None or min(officer.rated, others.rated) < LEAST_COMPARED:
        return
    # The others' share, drawn towards the middle: that all of few gave five stars does not make it certain.
    usual = (others.top + 1) / (others.rated + 2)
    if at_least(officer.top, officer.rated, usual) < CHANCE:
        yield Doubt(FlagGround.UNLIKELY_SHARE, officer.top, officer.rated)


def at_least(successes: int, trials: int, chance: float) -> float:
    """How likely so many or more are, each with this chance strictly between 0 and 1: a binomial's upper tail."""

    def one(number: int) -> float:
        ways = lgamma(trials + 1) - lgamma(number + 1) - lgamma(trials - number + 1)
        return exp(ways + number * log(chance) + (trials - number) * log(1 - chance))

    return min(1.0, sum(one(number) for number in range(successes, trials + 1)))


_TEXTS: Mapping[FlagGround, tuple[str, str]] = {
    FlagGround.ON_THE_SPOT: (
        "窗口办结后 {count} 秒内即评五星",
        "Five stars {count} seconds after the end, at the counter",
    ),
    FlagGround.BURST: (
        "同一工作人员窗口 10 分钟内集中出现 {count} 个五星评价",
        "One of {count} five-star ratings within 10 minutes for one officer's counter",
    ),
    FlagGround.ONE_OFFICER: (
        "同一评价人的 {count} 个评价全部为五星，且都给同一工作人员",
        "All {count} ratings of this rater are five stars for one officer",
    ),
    FlagGround.UNLIKELY_SHARE: (
        "该工作人员 {of} 个评价中 {count} 个五星，比例明显高于本部门其他人员",
        "{count} of this officer's {of} ratings have five stars, far more than others of the department have",
    ),
    FlagGround.ASKED_EARLY: ("服务结束前曾尝试评价", "Somebody tried to rate before the service had ended"),
}


def doubt_text(doubt: Doubt) -> tuple[str, str]:
    """In Chinese and English; names nobody."""
    zh, en = _TEXTS[doubt.ground]
    return zh.format(count=doubt.count, of=doubt.of), en.format(count=doubt.count, of=doubt.of)

"""Who may rate what, when, and how ratings add up.

One rating per handling occasion, by the one who was served, within 90 days of the end. The mean stands
beside the count, never alone. Source: docs/domain.md, "Stars".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schema.domain.case import Case
from schema.errors import DomainError, RuntimeCode

RATING_WINDOW = timedelta(days=90)
STARS = (1, 2, 3, 4, 5)
MAXIMUM_COMMENT = 1000


@dataclass(frozen=True, slots=True)
class Rating:
    stars: int
    comment: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """``distribution`` has all five grades, from one star to five. ``mean`` is ``None`` without ratings."""

    distribution: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        return sum(number for _, number in self.distribution)

    @property
    def mean(self) -> float | None:
        total = sum(stars * number for stars, number in self.distribution)
        return round(total / self.count, 2) if self.count else None


def summarize(counts: Mapping[int, int]) -> RatingSummary:
    return RatingSummary(tuple((stars, counts.get(stars, 0)) for stars in STARS))


def is_ratable(case: Case, existing: Rating | None, now: datetime) -> bool:
    """Whether the applicant could rate this case now."""
    return existing is None and case.is_finished and _is_within_window(case, now)


def rate_appointment(
    number: str, used_at: datetime | None, existing: Rating | None, stars: int, comment: str | None, now: datetime
) -> Rating:
    """The rating of an appointment that was used (``used_at``), or a :class:`DomainError` that says which rule
    forbids it."""
    _check(stars, comment)
    if used_at is None:
        message = f"Appointment {number} was not used. It can be rated once somebody was served."
        raise DomainError(RuntimeCode.CASE_NOT_FINISHED, message)
    if existing is not None:
        raise DomainError(RuntimeCode.ALREADY_RATED, f"Appointment {number} was rated already. One rating each.")
    if now - used_at > RATING_WINDOW:
        message = f"Appointment {number} was used more than {RATING_WINDOW.days} days ago."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
    return Rating(stars, (comment or "").strip() or None, now)


def rate(case: Case, existing: Rating | None, stars: int, comment: str | None, now: datetime) -> Rating:
    """The rating, or a :class:`DomainError` that says which rule forbids it."""
    _check(stars, comment)
    if not case.is_finished:
        message = f"Case {case.receipt_number} is {case.state}. It can be rated once it is finished."
        raise DomainError(RuntimeCode.CASE_NOT_FINISHED, message)
    if existing is not None:
        raise already_rated(case.receipt_number)
    if not _is_within_window(case, now):
        message = f"Case {case.receipt_number} ended more than {RATING_WINDOW.days} days ago."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
    return Rating(stars, (comment or "").strip() or None, now)


def _check(stars: int, comment: str | None) -> None:
    if stars not in STARS:
        raise wrong_stars()
    if comment is not None and len(comment) > MAXIMUM_COMMENT:
        message = f"`comment` may have at most {MAXIMUM_COMMENT} characters."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, message)


def wrong_stars() -> DomainError:
    return DomainError(RuntimeCode.BAD_USER_INPUT, "`stars` is a whole number from 1 to 5.")


def already_rated(receipt_number: str) -> DomainError:
    return DomainError(RuntimeCode.ALREADY_RATED, f"Case {receipt_number} was rated already. One rating each.")


def _is_within_window(case: Case, now: datetime) -> bool:
    return case.updated_at is not None and now - case.updated_at <= RATING_WINDOW

"""Working days of a calendar that comes in as data, and the deadlines that are counted in them.

A day is one of Asia/Shanghai. Statutory holidays do not count, weekends do not, adjusted weekends (调休) do.
A deadline is the end of its last working day: 24:00, which is 0:00 of the day after. A year that nobody has
announced yet is *estimated*, and so is every deadline that touches it. Source: docs/time-limits.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from schema.domain.receipt_number import SHANGHAI

_SATURDAY = 5
_ONE = timedelta(days=1)
_MOST_DAYS = 4000
"""A limit of years means a mistake in the data; without an end the search for its last day would hang."""


class DayKind(StrEnum):
    """What the calendar says of a day."""

    WORKING = "WORKING"
    ADJUSTED = "ADJUSTED"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"


WORKING_KINDS = frozenset({DayKind.WORKING, DayKind.ADJUSTED})


@dataclass(frozen=True, slots=True)
class HolidayName:
    """What a day off is called, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year: its days off beside weekends, the weekends on which work is done, and who says so."""

    year: int
    holidays: Mapping[date, HolidayName]
    adjusted: frozenset[date]
    source: str
    version: int = 0
    is_estimated: bool = False

    def __post_init__(self) -> None:
        """Raises ``ValueError`` with every mistake in the year's data."""
        wrong = [
            f"{day} is not in {self.year}." for day in (*self.holidays, *self.adjusted) if day.year != self.year
        ]
        wrong += [
            f"{day} is no weekend, so it cannot be an adjusted one." for day in self.adjusted if not _weekend(day)
        ]
        wrong += [f"{day} is both a holiday and a working day." for day in self.adjusted if day in self.holidays]
        if wrong:
            raise ValueError(" ".join(sorted(wrong)))


@dataclass(frozen=True, slots=True, eq=False)
class WorkingCalendar:
    """All years as one version of the calendar has them. A year that it lacks has weekends only, estimated.

    Two of them are the same when they are one object, so that what was counted by one is found again at once.
    """

    version: int = 0
    years: Mapping[int, CalendarYear] = field(default_factory=dict)

    def kind(self, day: date) -> DayKind:
        """What the day is."""
        year = self.years.get(day.year)
        if year is not None and day in year.adjusted:
            return DayKind.ADJUSTED
        if year is not None and day in year.holidays:
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if _weekend(day) else DayKind.WORKING

    def is_working(self, day: date) -> bool:
        return self.kind(day) in WORKING_KINDS

    def holiday(self, day: date) -> HolidayName | None:
        """The name of a day off, ``None`` for any other day."""
        year = self.years.get(day.year)
        return year.holidays.get(day) if year is not None else None

    def is_estimated(self, day: date) -> bool:
        """Whether nobody has announced yet what this day is."""
        year = self.years.get(day.year)
        return year is None or year.is_estimated


WEEKENDS_ONLY = WorkingCalendar()
"""What is known of the calendar before any was loaded."""


@lru_cache(maxsize=4096)
def add_working_days(calendar: WorkingCalendar, start: date, days: int) -> date:
    """The last of so many working days, the first of them after ``start``; ``start`` itself for 0."""
    day, left = start, days
    while left:
        day += _ONE
        if (day - start).days > _MOST_DAYS:
            raise ValueError(f"{days} working days after {start} are too many to count.")
        left -= calendar.is_working(day)
    return day


def working_days_between(calendar: WorkingCalendar, after: date, until: date) -> int:
    """How many working days lie after the one day, up to and with the other; 0 where it is not later."""
    return sum(calendar.is_working(day) for day in days_between(after, until))


def days_between(after: date, until: date) -> Iterator[date]:
    """The days after the one, up to and with the other."""
    return (after + timedelta(days=number) for number in range(1, (until - after).days + 1))


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai on which something happened."""
    return moment.astimezone(SHANGHAI).date()


def beginning_of(day: date) -> datetime:
    """0:00 in Asia/Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def end_of(day: date) -> datetime:
    """24:00 in Asia/Shanghai."""
    return beginning_of(day + _ONE)


def deadline(calendar: WorkingCalendar, since: datetime, days: int) -> datetime:
    """The end of the last of so many working days, counted from the working day after ``since``."""
    return end_of(add_working_days(calendar, day_of(since), days))


def touches_estimate(calendar: WorkingCalendar, first: date, last: date) -> bool:
    """Whether a day between the two, both included, belongs to a year that is only estimated."""
    return any(calendar.is_estimated(date(year, 12, 31)) for year in range(first.year, last.year + 1))


def _weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY

"""Working days: what counts in 2026, and how a deadline is written down."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.receipt_number import SHANGHAI
from schema.domain.working_days import (
    CalendarYear,
    DayKind,
    HolidayName,
    WorkingCalendar,
    add_working_days,
    deadline,
    touches_estimate,
    working_days_between,
)
from tests.schema.domain.calendars import CALENDAR, noon


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-09-18", DayKind.WORKING),  # a Friday
        ("2026-09-19", DayKind.WEEKEND),
        ("2026-09-20", DayKind.ADJUSTED),  # a Sunday worked for National Day
        ("2026-10-01", DayKind.HOLIDAY),
        ("2026-10-06", DayKind.HOLIDAY),  # a Tuesday off, given back on 20 September
        ("2026-10-10", DayKind.ADJUSTED),  # a Saturday worked
        ("2026-10-11", DayKind.WEEKEND),
        ("2030-06-03", DayKind.WORKING),  # a year without data has weekends only
    ],
)
def test_a_day_is_what_the_calendar_says(day: str, kind: DayKind) -> None:
    """Section 4: statutory holidays do not count, adjusted weekends do (art. 17)."""
    assert CALENDAR.kind(date.fromisoformat(day)) is kind


@pytest.mark.parametrize(
    ("since", "days", "until"),
    [
        ("2026-11-02", 5, "2026-11-10T00:00"),  # Monday to next Monday, 24:00
        ("2026-09-30", 1, "2026-10-09T00:00"),  # over National Day: the 8th
        ("2026-10-09", 1, "2026-10-11T00:00"),  # the Saturday is worked
        ("2026-02-13", 1, "2026-02-15T00:00"),  # and so is the one before Spring Festival
        ("2026-12-31", 1, "2027-01-05T00:00"),  # the year's end, by the estimate
    ],
)
def test_a_deadline_is_the_end_of_its_last_working_day(since: str, days: int, until: str) -> None:
    """Section 4: counted from the working day after, aware, 24:00 in Asia/Shanghai (art. 17)."""
    found = deadline(CALENDAR, noon(since), days)

    assert found == datetime.fromisoformat(until).replace(tzinfo=SHANGHAI)
    assert found.utcoffset() is not None


def test_an_unknown_year_is_an_estimate() -> None:
    """Section 4: unknown years warn; whoever counts into one must be able to say so."""
    assert not touches_estimate(CALENDAR, date(2026, 1, 5), date(2026, 12, 31))
    assert touches_estimate(CALENDAR, date(2026, 12, 31), date(2027, 1, 4))
    assert touches_estimate(CALENDAR, date(2031, 1, 1), date(2031, 1, 2))


@pytest.mark.parametrize(
    ("holidays", "adjusted", "words"),
    [
        ({date(2027, 1, 1): HolidayName("元旦", "New Year")}, frozenset({date(2026, 1, 4)}), "is not in 2027"),
        ({}, frozenset({date(2027, 1, 4)}), "no weekend"),
        ({date(2027, 1, 2): HolidayName("元旦", "New Year")}, frozenset({date(2027, 1, 2)}), "both"),
    ],
)
def test_a_year_that_contradicts_itself_is_refused(
    holidays: dict[date, HolidayName], adjusted: frozenset[date], words: str
) -> None:
    """A typing error in a loaded year would move every deadline of the district."""
    with pytest.raises(ValueError, match=words):
        CalendarYear(2027, holidays, adjusted, "an announcement")


@given(st.dates(date(2026, 1, 1), date(2027, 6, 1)), st.integers(1, 60), st.integers(1, 60))
def test_counting_forth_and_back_agree(start: date, some: int, more: int) -> None:
    """The day of so many working days is so many working days away, works, and grows with them."""
    end = add_working_days(CALENDAR, start, some)

    assert CALENDAR.is_working(end)
    assert working_days_between(CALENDAR, start, end) == some
    assert add_working_days(CALENDAR, end, more) == add_working_days(CALENDAR, start, some + more)


def test_a_calendar_without_working_days_does_not_hang() -> None:
    """A mistake in the data must end in an error, not in a hub that counts for ever."""
    with pytest.raises(ValueError, match="too many"):
        add_working_days(WorkingCalendar(), date(2026, 1, 1), 10_000)

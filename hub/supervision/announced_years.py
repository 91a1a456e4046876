"""Years of the working calendar as the library ``holidays`` knows them: the package's own beginning.

It knows the swapped weekends of years that the State Council has announced; of a year after those it has
the statutory days alone, which makes that year an estimate until an operator loads the announcement.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING

from schema.domain.working_days import CalendarYear, HolidayName

if TYPE_CHECKING:
    from holidays import HolidayBase

LIBRARY = "holidays"
_LANGUAGES = ("zh_CN", "en_US")


def announced_year(year: int) -> CalendarYear:
    """The year, marked as estimated where its announcement is not in the library yet."""
    # A fifth of a second, needed when a hub begins, never in an agent.
    from holidays.countries.china import China, ChinaStaticHolidays

    make: Callable[..., HolidayBase] = China
    zh, en = (make(years=year, language=language) for language in _LANGUAGES)
    days = {day: HolidayName(zh[day], en[day]) for day in sorted(zh) if day.year == year}
    is_announced = year in ChinaStaticHolidays.special_public_holidays
    kind = "as announced by the State Council" if is_announced else "statutory days without the announcement"
    return CalendarYear(
        year=year,
        holidays=days,
        adjusted=frozenset(day for day in zh.weekend_workdays if day.year == year and _is_weekend(day)),
        source=f"{LIBRARY} {version(LIBRARY)}: {kind}",
        is_estimated=not is_announced,
    )


def _is_weekend(day: date) -> bool:
    return day.weekday() >= 5

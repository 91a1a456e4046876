"""The working calendar in the database: seeded from a library, overlaid by what operators load, versioned.

Every load of a year is a new version of the whole calendar; nothing is overwritten, so that a closed case
is counted again as it was. A process reads it at most every few seconds; a load is seen here at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.people.who import operator
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.storage.kept_value import KeptValue
from hub.supervision.announced_years import announced_year
from hub.tables.working_calendar import CalendarYearRow
from schema.domain.working_days import CalendarYear, HolidayName, WorkingCalendar, day_of
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(seconds=10)
YEARS_BEFORE, YEARS_AFTER = 1, 2
"""The years around the present that are seeded from the library."""
SEEDED_BY = "library"


class WorkingCalendars:
    """The one reader and writer of the calendar in a process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._newest: KeptValue[WorkingCalendar] = KeptValue(self._look, KEPT_FOR, clock)
        self._versions: dict[int, WorkingCalendar] = {}

    async def seed(self) -> None:
        """Add the years around now that are missing, and those that the library knows better by now."""
        this_year = day_of(self._clock.now()).year
        known = (await self.current()).years
        for year in range(this_year - YEARS_BEFORE, this_year + YEARS_AFTER + 1):
            existing = known.get(year)
            if existing is not None and not existing.is_estimated:
                continue
            offered = announced_year(year)
            if existing is None or not offered.is_estimated:
                await self._seed(offered)
        self._newest.forget()
        await self._warn_of_estimates(this_year)

    async def _warn_of_estimates(self, this_year: int) -> None:
        for each in (await self.current()).years.values():
            if each.is_estimated and each.year <= this_year + 1:
                log.warning(
                    "calendar year is estimated", year=each.year, mend=f"jiyi calendar load, for {each.year}"
                )

    async def current(self) -> WorkingCalendar:
        """The newest version."""
        return await self._newest.get()

    async def _look(self, known: WorkingCalendar | None) -> WorkingCalendar:
        async with self._database.apart.reading() as session:
            newest = (await session.exec(select(func.max(CalendarYearRow.version)))).one() or 0
            if known is not None and known.version == newest:
                return known
            return await self._read(session, newest)

    async def at(self, version: int) -> WorkingCalendar:
        """The calendar as one version had it; it never changes."""
        if version not in self._versions:
            async with self._database.reading() as session:
                return await self._read(session, version)
        return self._versions[version]

    async def load(self, year: CalendarYear, actor: Actor | None) -> CalendarYear:
        """A year as it was announced, as a new version. Open cases are recomputed by the worker."""
        who = operator(actor)
        if not year.source.strip():
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "Name the announcement that the year is from: `source`.")
        async with self._database.transaction() as session:
            rows = (await session.exec(_newest_rows(year.year))).all()
            if rows and _same(_year(rows[0]), year):
                return _year(rows[0])
            version = ((await session.exec(select(func.max(CalendarYearRow.version)))).one() or 0) + 1
            row = _row(year, version, self._clock.now(), who.subject)
            try:
                session.add(row)
                await session.flush()
            except IntegrityError:
                message = "Somebody else loaded a year at the same moment. Load yours again."
                raise DomainError(RuntimeCode.CONFLICT, message) from None
        self._newest.forget()
        return _year(row)

    async def versions(self, year: int) -> tuple[CalendarYearRow, ...]:
        """Everything that was ever loaded for a year, the newest first."""
        async with self._database.reading() as session:
            return tuple((await session.exec(_newest_rows(year))).all())

    async def _read(self, session: AsyncSession, version: int) -> WorkingCalendar:
        statement = (
            select(CalendarYearRow)
            .where(col(CalendarYearRow.version) <= version)
            .order_by(col(CalendarYearRow.version))
        )
        calendar = calendar_of((await session.exec(statement)).all())
        self._versions[calendar.version] = calendar
        return calendar

    async def _seed(self, year: CalendarYear) -> None:
        async with self._database.transaction() as session:
            row = (await session.exec(_newest_rows(year.year))).first()
            if row is not None and row.is_estimated <= year.is_estimated:
                return
            newest = (await session.exec(select(func.max(CalendarYearRow.version)))).one() or 0
            row = _row(year, newest + 1, self._clock.now(), SEEDED_BY)
            # Another process that starts at the same moment has seeded it: then there is nothing to do.
            await insert_if_absent(session, CalendarYearRow, row.model_dump())


def calendar_of(rows: Iterable[CalendarYearRow]) -> WorkingCalendar:
    """The calendar that these loads, in order, amount to."""
    years = {row.year: _year(row) for row in rows}
    return WorkingCalendar(max((year.version for year in years.values()), default=0), years)


def read_year(content: Any) -> CalendarYear:
    """A year as an operator writes it: ``year``, ``source``, ``holidays`` with ``from``, ``to``, ``name`` and
    ``name_en``, ``workdays``. Raises ``DomainError`` with what to mend."""
    try:
        named = dict(_holiday_days(content.get("holidays", ())))
        return CalendarYear(
            year=int(content["year"]),
            holidays=named,
            adjusted=frozenset(_day(each) for each in content.get("workdays", ())),
            source=str(content["source"]),
            is_estimated=bool(content.get("estimated", False)),
        )
    except KeyError as missing:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"The calendar lacks {missing}.") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"The calendar cannot be used: {error}") from None


def _holiday_days(holidays: Sequence[Any]) -> Iterable[tuple[date, HolidayName]]:
    for each in holidays:
        first, last = _day(each["from"]), _day(each.get("to", each["from"]))
        if last < first:
            raise ValueError(f"a holiday ends on {last}, before it begins on {first}.")
        name = HolidayName(str(each["name"]), str(each.get("name_en", each["name"])))
        for number in range((last - first).days + 1):
            yield first + timedelta(days=number), name


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _newest_rows(year: int) -> Any:
    return (
        select(CalendarYearRow)
        .where(col(CalendarYearRow.year) == year)
        .order_by(col(CalendarYearRow.version).desc())
    )


def _row(year: CalendarYear, version: int, at: datetime, by: str) -> CalendarYearRow:
    return CalendarYearRow(
        version=version,
        year=year.year,
        holidays=[[day.isoformat(), name.zh, name.en] for day, name in sorted(year.holidays.items())],
        adjusted=[day.isoformat() for day in sorted(year.adjusted)],
        source=year.source,
        is_estimated=year.is_estimated,
        loaded_at=at,
        loaded_by=by,
    )


def _year(row: CalendarYearRow) -> CalendarYear:
    return CalendarYear(
        year=row.year,
        holidays={date.fromisoformat(day): HolidayName(zh, en) for day, zh, en in row.holidays},
        adjusted=frozenset(date.fromisoformat(day) for day in row.adjusted),
        source=row.source,
        version=row.version,
        is_estimated=row.is_estimated,
    )


def _same(one: CalendarYear, other: CalendarYear) -> bool:
    return (one.holidays, one.adjusted, one.is_estimated, one.source) == (
        other.holidays,
        other.adjusted,
        other.is_estimated,
        other.source,
    )

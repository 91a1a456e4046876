"""The due dates of cases, for whoever was allowed to read the cases: as they stand, and explained day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.storage.database import Database
from hub.tables.case import CaseRow
from schema.domain.case import Case, CaseEvent
from schema.domain.case_timing import limits_of
from schema.domain.time_limit import TimeLimit, time_limit


@dataclass(frozen=True, slots=True)
class DueDates:
    """What a case's row says of its limit; ``None`` before acceptance and while it is suspended."""

    due_at: datetime | None = None
    statutory_due_at: datetime | None = None
    calendar_version: int | None = None


class CaseTimes:
    """Reads only."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock

    async def due_dates(self, case_ids: Iterable[str]) -> dict[str, DueDates]:
        """One statement for all of them."""
        statement = select(CaseRow.id, CaseRow.due_at, CaseRow.statutory_due_at, CaseRow.calendar_version).where(
            col(CaseRow.id).in_(sorted(set(case_ids)))
        )
        async with self._database.reading() as session:
            return {case_id: DueDates(*rest) for case_id, *rest in (await session.exec(statement)).all()}

    async def limit(self, case: Case, events: Sequence[CaseEvent], dates: DueDates) -> TimeLimit:
        """Computed from the events, by the calendar version that the case is or was counted by."""
        catalogue = await self._catalogue.current()
        calendar = catalogue.timing.calendar
        if dates.calendar_version is not None and dates.calendar_version != calendar.version:
            calendar = await self._catalogue.calendars.at(dates.calendar_version)
        limits = limits_of(catalogue.item_version(case.item_code, case.item_version))
        return time_limit(events, limits, calendar, self._clock.now())

"""The worker's eye on time: cases whose moment has come, and cases that another calendar moves.

Any number of workers may watch: each takes a case under its lock and finds it done where another was faster.
Idle, it asks one indexed statement a look.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.clock import Clock
from hub.cases import case_clock, case_store, joint_store
from hub.cases.case_events import events_of
from hub.cases.case_steps import take_due_steps
from hub.catalogue.catalogue import CatalogueStore
from hub.notices.notices import About, citizen, department_desk, put_notice
from hub.people.people import People
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.supervision.card_store import tell_of_attempts
from hub.tables.case import CaseRow
from hub.tables.supervision import CardRow
from schema.domain.case import UNDECIDED, CaseState
from schema.domain.case_timing import clock_of, limits_of, recompute_due_date
from schema.domain.catalogue import Catalogue
from schema.domain.notice import NoticeKind, due_date_moved
from schema.domain.time_limit import TimeLimit, time_limit
from schema.domain.working_days import WorkingCalendar

log = structlog.get_logger(__name__)

BATCH = 100
AFTER_A_FAILURE = timedelta(minutes=10)
OTHERS_FOLLOW_WITHIN = timedelta(minutes=1)
"""How long another process may still count by the calendar before."""


class CaseWatch:
    """``look`` is taken every few seconds, ``recompute`` too; each may be taken twice without harm."""

    def __init__(
        self, database: Database, catalogue: CatalogueStore, people: People, clock: Clock, wakeups: Wakeups
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._people = people
        self._clock = clock
        self._wakeups = wakeups
        self._settled: tuple[int, datetime] | None = None

    async def look(self) -> int:
        """Take care of the cases whose moment has come; how many there were."""
        due = select(CaseRow.id).where(col(CaseRow.clock_at) <= self._clock.now())
        async with self._database.reading() as session:
            ids = (await session.exec(due.order_by(col(CaseRow.clock_at)).limit(BATCH))).all()
        for case_id in ids:
            try:
                await self._take_care(case_id)
            except Exception:  # one case that cannot be looked at must not hide the others
                log.exception("case cannot be looked at", case=case_id)
                await self._put_off(case_id)
        if ids:
            self._wakeups.outbox.set()
        return len(ids)

    async def tell(self) -> int:
        """Tell of attempts that the rules refused and supervision looks at; how many there were."""
        catalogue = await self._catalogue.current()
        async with self._database.reading() as session:
            untold = select(CardRow.id).where(col(CardRow.told_at).is_(None)).limit(1)
            if (await session.exec(untold)).first() is None:
                return 0
        async with self._database.transaction() as session:
            number = await tell_of_attempts(session, catalogue, self._clock.now())
        self._wakeups.outbox.set()
        return number

    async def _take_care(self, id: str) -> None:
        catalogue = await self._catalogue.current()
        async with self._database.transaction() as session:
            row = await _claimed(session, id)
            if row is None:
                return
            item = catalogue.item_version(row.item_code, row.item_version)
            number = await self._people.identity_of(row.applicant) or ""
            setting = case_store.Setting(catalogue, item, number, row.form)
            await take_due_steps(session, row, setting, self._clock.now())

    async def _put_off(self, id: str) -> None:
        async with self._database.transaction() as session:
            row = await _claimed(session, id)
            if row is not None:
                row.clock_at = self._clock.now() + AFTER_A_FAILURE

    async def recompute(self) -> int:
        """Count open cases anew that were counted by an earlier calendar; how many due dates moved."""
        catalogue = await self._catalogue.current()
        version = catalogue.timing.calendar.version
        now = self._clock.now()
        if self._settled is None or self._settled[0] != version:
            self._settled = (version, now)
            await self._look_again_at_results(version, now)
        elif abs(now - self._settled[1]) > OTHERS_FOLLOW_WITHIN:
            return 0
        counted = col(CaseRow.calendar_version)
        # A case from before there were clocks has no version: its clock is wound for the first time.
        earlier = select(CaseRow.id).where(
            col(CaseRow.state).in_(UNDECIDED), or_(counted < version, counted.is_(None))
        )
        async with self._database.reading() as session:
            ids = (await session.exec(earlier.limit(BATCH))).all()
        moved = 0
        for case_id in ids:
            moved += await self._recompute(case_id, catalogue)
        if len(ids) == BATCH:
            moved += await self.recompute()
        return moved

    async def _look_again_at_results(self, version: int, now: datetime) -> None:
        """Licences that are still to be delivered are due on other days too; the next look finds out which."""
        earlier = or_(col(CaseRow.calendar_version) < version, col(CaseRow.calendar_version).is_(None))
        waiting = (col(CaseRow.state) == CaseState.APPROVED, col(CaseRow.clock_at) > now, earlier)
        async with self._database.transaction() as session:
            await session.exec(update(CaseRow).where(*waiting).values(clock_at=now))

    async def _recompute(self, id: str, catalogue: Catalogue) -> bool:
        calendar = catalogue.timing.calendar
        async with self._database.transaction() as session:
            statement = select(CaseRow).where(col(CaseRow.id) == id).with_for_update()
            row = (await session.exec(statement)).one()
            if row.calendar_version is not None and row.calendar_version >= calendar.version:
                return False
            item = catalogue.item_version(row.item_code, row.item_version)
            events = (await events_of(session, (id,)))[id]
            limits = limits_of(item)
            earlier = (
                await self._catalogue.calendars.at(row.calendar_version) if row.calendar_version else calendar
            )
            before, after = time_limit(events, limits, earlier), time_limit(events, limits, calendar)
            if _dates(before) == _dates(after):
                clock = clock_of(CaseState(row.state), events, limits, catalogue.timing)
                case_clock.set_clock(row, clock, calendar)
                await joint_store.set_limits(session, id, clock.opinions)
                return False
            progress = recompute_due_date(
                case_store.case_of(row), before, after, _difference(earlier, calendar), self._clock.now()
            )
            await case_store.record(session, row, progress, case_store.Setting(catalogue, item))
            await self._tell(session, row, catalogue.department_of(item), before, after)
        return True

    async def _tell(
        self, session: AsyncSession, row: CaseRow, department: str | None, before: TimeLimit, after: TimeLimit
    ) -> None:
        text = due_date_moved(row.receipt_number, before.due_at, after.due_at)
        key, about = f"recomputed/{row.id}/{after.calendar_version}", About(row.id, row.receipt_number)
        desks = (department_desk(department),) if department else ()
        for recipient in (citizen(row.applicant), *desks):
            put_notice(session, recipient, NoticeKind.DUE_DATE_MOVED, key, text, self._clock.now(), about)


async def _claimed(session: AsyncSession, id: str) -> CaseRow | None:
    """The case, unless another worker has it in hand."""
    statement = select(CaseRow).where(col(CaseRow.id) == id, col(CaseRow.clock_at).is_not(None))
    return (await session.exec(statement.with_for_update(skip_locked=True))).first()


def _dates(limit: TimeLimit) -> tuple[object, object]:
    return limit.due_at, limit.statutory_due_at


def _difference(earlier: WorkingCalendar, later: WorkingCalendar) -> str:
    """The sources of the years that differ."""
    changed = [later.years[year] for year in sorted(later.years) if later.years[year] != earlier.years.get(year)]
    return "; ".join(f"{year.year}: {year.source}" for year in changed)

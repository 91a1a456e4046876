"""Figures for everybody (政务公开), a month at a time: each department's satisfaction first, then what it did.

Counted from events and ratings, never typed in; they name no person. Kept for ten minutes, since anyone may ask.
Source: docs/ratings.md, "Public figures" (art. 6, 8, 18, 22, 23).
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func
from sqlmodel import col, select

from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.ratings.rating_flags import confirmed
from hub.storage.database import Database
from hub.storage.kept_value import KeptValue
from hub.tables.appointment import AppointmentRow, AppointmentSlotRow
from hub.tables.case import CaseEventRow, CaseRow
from hub.tables.enquiry import EnquiryRow
from hub.tables.follow_up import AppointmentRatingRow, FollowUpRow
from hub.tables.rating import RatingRow
from schema.domain.appointment import AppointmentState
from schema.domain.case import CaseEventType
from schema.domain.catalogue import Catalogue
from schema.domain.enquiry import EnquiryKind
from schema.domain.follow_up import UNDER_WAY, Occasion
from schema.domain.satisfaction import Satisfaction, satisfaction
from schema.domain.working_days import beginning_of, day_of
from schema.errors import DomainError, RuntimeCode

KEPT_FOR = timedelta(minutes=10)
MOST_KEPT = 120
"""Months that are kept at once."""
FIRST_YEAR = 2020
_T = CaseEventType
_ENDS = (_T.COMPLETED, _T.NOT_ACCEPTED, _T.DENIED, _T.WITHDRAWN, _T.TERMINATED, _T.LAPSED)
_DECISIONS = (_T.APPROVED, _T.DENIED)


@dataclass(frozen=True, slots=True)
class DepartmentOfMonth:
    """What one department did in a month. ``decided_in_time`` are decisions within the promise."""

    department: str
    satisfaction: Satisfaction
    submitted: int
    ended: int
    decided: int
    decided_in_time: int
    questions_answered: int
    follow_ups: int
    follow_ups_ended: int
    follow_ups_in_time: int


@dataclass(slots=True)
class _Counts:
    events: Counter[str] = field(default_factory=Counter)
    stars: Counter[int] = field(default_factory=Counter)
    occasions: int = 0
    late: int = 0
    answered: int = 0
    follow_ups: int = 0
    followed: int = 0
    in_time: int = 0

    def add(self, stars: int | None, number: int) -> None:
        """Occasions that were rated so, or not at all."""
        self.occasions += number
        if stars is not None:
            self.stars[stars] += number


class PublicFigures:
    """One for a process."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._kept: OrderedDict[date, KeptValue[tuple[DepartmentOfMonth, ...]]] = OrderedDict()
        self._counting = asyncio.Lock()

    async def of_month(self, year: int, month: int) -> tuple[DepartmentOfMonth, ...]:
        """The best ranked first. Raises ``DomainError`` BAD_USER_INPUT for a month to come, or long ago."""
        now = self._clock.now()
        today = day_of(now)
        if not (FIRST_YEAR, 1) <= (year, month) <= (today.year, today.month) or not 1 <= month <= 12:
            message = f"Give a `year` from {FIRST_YEAR} on and a `month` from 1 to 12, not to come."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        first = date(year, month, 1)
        if first not in self._kept:
            self._kept[first] = KeptValue(lambda _known: self._counted(first), KEPT_FOR, self._clock)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return await self._kept[first].get()

    async def _counted(self, first: date) -> tuple[DepartmentOfMonth, ...]:
        """One month after the other: whoever asks for many at once makes no more work at once."""
        async with self._counting:
            return await self._count(first)

    async def _count(self, first: date) -> tuple[DepartmentOfMonth, ...]:
        begin = beginning_of(first)
        end = beginning_of((first.replace(day=28) + timedelta(days=4)).replace(day=1))
        owners = _owners(await self._catalogue.current())
        found = {department: _Counts() for department in sorted(set(owners.values()))}

        def of(department: str | None) -> _Counts:
            return found.setdefault(department or "", _Counts())

        for item, kind, number in await self._events(begin, end):
            of(owners.get(item)).events[kind] += number
        for item, number in await self._late(begin, end):
            of(owners.get(item)).late += number
        for item, stars, number in await self._ended(begin, end):
            of(owners.get(item)).add(stars, number)
        for department, stars, number in await self._answers(begin, end):
            of(department).answered += number
            of(department).add(stars, number)
        for department, stars, number in await self._appointments(begin, end):
            of(department).add(stars, number)
        for department, ended, in_time, number in await self._follow_ups(begin, end):
            one = of(department)
            one.follow_ups += number
            one.followed += number if ended else 0
            one.in_time += number if in_time else 0
        # What has no department (complaints) is the supervisors', and no department's figure.
        months = [_month(name, counts) for name, counts in found.items() if name]
        return tuple(sorted(months, key=lambda each: (-_rank(each.satisfaction), each.department)))

    async def _events(self, begin: datetime, end: datetime) -> Iterable[Any]:
        groups = (col(CaseRow.item_code), col(CaseEventRow.type))
        joined = select(*groups, func.count()).join(CaseRow, col(CaseRow.id) == col(CaseEventRow.case_id))
        return await self._rows(joined.where(*_between(col(CaseEventRow.at), begin, end)).group_by(*groups))

    async def _late(self, begin: datetime, end: datetime) -> Iterable[Any]:
        statement = (
            select(col(CaseRow.item_code), func.count())
            .join(CaseEventRow, col(CaseRow.id) == col(CaseEventRow.case_id))
            .where(*_between(col(CaseEventRow.at), begin, end), col(CaseEventRow.type).in_(_DECISIONS))
            .where(col(CaseEventRow.at) >= col(CaseRow.due_at))
        )
        return await self._rows(statement.group_by(col(CaseRow.item_code)))

    async def _ended(self, begin: datetime, end: datetime) -> Iterable[Any]:
        """Cases that ended, each once, by their stars: the refused and withdrawn too, since they may be rated."""
        groups = (col(CaseRow.item_code), col(RatingRow.stars))
        statement = (
            select(*groups, func.count(func.distinct(col(CaseRow.id))))
            .select_from(CaseRow)
            .join(CaseEventRow, col(CaseRow.id) == col(CaseEventRow.case_id))
            .join(
                RatingRow,
                (col(RatingRow.case_id) == col(CaseRow.id)) & _counts(col(RatingRow.case_id), Occasion.CASE),
                isouter=True,
            )
            .where(*_between(col(CaseEventRow.at), begin, end), col(CaseEventRow.type).in_(_ENDS))
        )
        return await self._rows(statement.group_by(*groups))

    async def _answers(self, begin: datetime, end: datetime) -> Iterable[Any]:
        stars = case((_counts(col(EnquiryRow.id), Occasion.ENQUIRY), col(EnquiryRow.stars)))
        groups = (col(EnquiryRow.department), stars)
        within = (
            *_between(col(EnquiryRow.answered_at), begin, end),
            col(EnquiryRow.kind) != EnquiryKind.COMPLAINT,
        )
        return await self._rows(select(*groups, func.count()).where(*within).group_by(*groups))

    async def _appointments(self, begin: datetime, end: datetime) -> Iterable[Any]:
        groups = (col(AppointmentSlotRow.department), col(AppointmentRatingRow.stars))
        statement = (
            select(*groups, func.count())
            .select_from(AppointmentRow)
            .join(AppointmentSlotRow, col(AppointmentSlotRow.id) == col(AppointmentRow.slot_id))
            .join(
                AppointmentRatingRow,
                (col(AppointmentRatingRow.appointment_id) == col(AppointmentRow.id))
                & _counts(col(AppointmentRatingRow.appointment_id), Occasion.APPOINTMENT),
                isouter=True,
            )
            .where(
                col(AppointmentRow.state) == AppointmentState.USED,
                *_between(col(AppointmentRow.begins_at), begin, end),
            )
        )
        return await self._rows(statement.group_by(*groups))

    async def _follow_ups(self, begin: datetime, end: datetime) -> Iterable[Any]:
        ended = col(FollowUpRow.state).not_in(UNDER_WAY)
        in_time = ended & (col(FollowUpRow.ended_at) <= col(FollowUpRow.resolve_by))
        groups = (col(FollowUpRow.department), ended, in_time)
        statement = select(*groups, func.count()).where(*_between(col(FollowUpRow.rated_at), begin, end))
        return await self._rows(statement.group_by(*groups))

    async def _rows(self, statement: Any) -> Iterable[Any]:
        async with self._database.reading() as session:
            found: list[Any] = list((await session.exec(statement)).all())
        return found


def _rank(told: Satisfaction) -> float:
    """The order tells nothing that the figures do not."""
    return told.ranking if told.is_shown else 0.0


def _counts(id: Any, occasion: Occasion) -> Any:
    """Not one that is confirmed as farmed or forced: what it rated counts as not rated."""
    return id.not_in(confirmed(occasion))


def _between(at: Any, begin: datetime, end: datetime) -> tuple[Any, Any]:
    return at >= begin, at < end


def _month(department: str, counts: _Counts) -> DepartmentOfMonth:
    decided = sum(counts.events[each] for each in _DECISIONS)
    return DepartmentOfMonth(
        department,
        satisfaction(counts.occasions, counts.stars),
        counts.events[_T.SUBMITTED],
        sum(counts.events[each] for each in _ENDS),
        decided,
        decided - counts.late,
        counts.answered,
        counts.follow_ups,
        counts.followed,
        counts.in_time,
    )


def _owners(catalogue: Catalogue) -> dict[str, str]:
    found = ((item.code, catalogue.department_of(item)) for item in catalogue.items)
    return {code: department for code, department in found if department}

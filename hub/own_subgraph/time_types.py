"""GraphQL types of time: a case's due dates with their explanation, the working calendar, notices."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

import strawberry

from hub.own_subgraph.enums import NoticeKind
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.notice_types import NoticeDelivery
from hub.own_subgraph.services import Info, services
from hub.tables.supervision import NoticeRow
from hub.tables.working_calendar import CalendarYearRow
from schema.domain.case import UNDECIDED
from schema.domain.case import Case as DomainCase
from schema.domain.time_limit import CountedDay as DomainDay
from schema.domain.time_limit import Ground, LimitState
from schema.domain.time_limit import TimeLimit as DomainLimit

TimeLimitState = strawberry.enum(
    LimitState, name="TimeLimitState", description="Whether a case's limit runs, stands still or has ended."
)
DayGround = strawberry.enum(Ground, name="DayGround", description="Why a day counts or does not.")


@strawberry.type(description="One day of a time limit.")
class CountedDay:
    date: date = strawberry.field(description="The day, in Asia/Shanghai.")
    counts: bool = strawberry.field(description="Whether it counts.")
    ground: Ground = strawberry.field(description="Why.")
    name: str | None = strawberry.field(description="The holiday's name, or why the case was suspended.")
    name_en: str | None = strawberry.field(description="The same in English.")
    is_estimated: bool = strawberry.field(description="Nobody has announced yet what this day is.")

    @classmethod
    def of(cls, day: DomainDay) -> Self:
        return cls(
            date=day.date,
            counts=day.counts,
            ground=day.ground,
            name=day.name,
            name_en=day.name_en,
            is_estimated=day.is_estimated,
        )


@strawberry.type(description="How much of a case's time is used, in working days, and on what ground each counts.")
class TimeLimit:
    state: LimitState = strawberry.field(description="Whether it runs.")
    limit_days: int = strawberry.field(description="The promise with what was granted to it.")
    statutory_limit_days: int = strawberry.field(description="The statutory limit with what was granted to it.")
    used_days: int = strawberry.field(description="Working days that have begun since acceptance.")
    left_days: int = strawberry.field(description="0 on the last day, negative when overdue.")
    is_overdue: bool = strawberry.field(description="Not decided at the end of the promise.")
    is_estimated: bool = strawberry.field(
        description="The due date touches a year whose calendar nobody has announced yet."
    )
    is_statutory_estimated: bool = strawberry.field(description="The same of the statutory due date.")
    calendar_version: int = strawberry.field(description="The version of the calendar that it is counted by.")
    days: list[CountedDay] = strawberry.field(description="Every day from acceptance to the due date.")
    statutory_days: list[CountedDay] = strawberry.field(description="The same to the statutory due date.")

    @classmethod
    def of(cls, limit: DomainLimit, now: datetime) -> Self:
        return cls(
            state=limit.state,
            limit_days=limit.limit_days,
            statutory_limit_days=limit.statutory_days,
            used_days=limit.used_days,
            left_days=limit.left_days,
            is_overdue=limit.is_overdue(now),
            is_estimated=limit.is_estimated,
            is_statutory_estimated=limit.is_statutory_estimated,
            calendar_version=limit.calendar_version,
            days=[CountedDay.of(day) for day in limit.days],
            statutory_days=[CountedDay.of(day) for day in limit.statutory_explanation],
        )


@strawberry.type
class CaseTiming:
    """What a case says of time; ``Case`` inherits it."""

    case: strawberry.Private[DomainCase]
    loaders: strawberry.Private[Loaders]

    @resolved("When it is promised to be decided; null before acceptance and while it is suspended.")
    async def due_at(self) -> datetime | None:
        return (await self.loaders.due_dates.load(self.case.id)).due_at

    @resolved("Whether the promised limit has passed undecided.")
    async def is_overdue(self, info: Info) -> bool:
        due_at = (await self.loaders.due_dates.load(self.case.id)).due_at
        return due_at is not None and due_at <= services(info).clock.now() and self.case.state in UNDECIDED

    @resolved("When the law wants it decided.")
    async def statutory_due_at(self) -> datetime | None:
        return (await self.loaders.due_dates.load(self.case.id)).statutory_due_at

    @resolved("How the due dates come about, day by day.")
    async def time_limit(self, info: Info) -> TimeLimit:
        known = services(info)
        events = await self.loaders.events.load(self.case.id)
        dates = await self.loaders.due_dates.load(self.case.id)
        found = await known.time.cases.limit(self.case, events, dates)
        return TimeLimit.of(found, known.clock.now())


@strawberry.type(description="A statutory holiday: days off beside weekends.")
class Holiday:
    date: date = strawberry.field(description="The day.")
    name: str = strawberry.field(description="What it is called.")
    name_en: str = strawberry.field(description="The same in English.")


@strawberry.type(description="One year of the working calendar, as one version has it.")
class CalendarYear:
    year: int = strawberry.field(description="The year.")
    version: int = strawberry.field(description="Counts all loads of all years.")
    source: str = strawberry.field(description="The announcement, or the library that it is from.")
    is_estimated: bool = strawberry.field(description="Nobody has announced it yet.")
    loaded_at: datetime = strawberry.field(description="When it was loaded.")
    holidays: list[Holiday] = strawberry.field(description="Days off.")
    workdays: list[date] = strawberry.field(description="Weekends on which work is done.")

    @classmethod
    def of(cls, row: CalendarYearRow) -> Self:
        return cls(
            year=row.year,
            version=row.version,
            source=row.source,
            is_estimated=row.is_estimated,
            loaded_at=row.loaded_at,
            holidays=[Holiday(date=date.fromisoformat(day), name=zh, name_en=en) for day, zh, en in row.holidays],
            workdays=[date.fromisoformat(day) for day in row.adjusted],
        )


@strawberry.input(description="A holiday of some days.")
class HolidayInput:
    name: str
    from_: date = strawberry.field(name="from")
    to: date | None = None
    name_en: str | None = None

    def content(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "name_en": self.name_en or self.name,
            "from": self.from_,
            "to": self.to or self.from_,
        }


@strawberry.input(description="A year as it was announced.")
class CalendarInput:
    year: int
    source: str
    holidays: list[HolidayInput]
    workdays: list[date]
    estimated: bool = False

    def content(self) -> dict[str, Any]:
        return {
            "year": self.year,
            "source": self.source,
            "holidays": [each.content() for each in self.holidays],
            "workdays": self.workdays,
            "estimated": self.estimated,
        }


@strawberry.type(description="What you, your department or your office was told.")
class Notice:
    id: strawberry.ID = strawberry.field(description="Grows with time.")
    kind: NoticeKind = strawberry.field(description="What it is about.")
    receipt_number: str | None = strawberry.field(description="The case that it is about.")
    text: str = strawberry.field(description="In Chinese.")
    text_en: str = strawberry.field(description="In English.")
    at: datetime = strawberry.field(description="The moment that it belongs to.")
    read_at: datetime | None = strawberry.field(description="When it was marked as read.")
    loaders: strawberry.Private[Loaders]

    @resolved("How it left the hub; empty for a desk, and where no address was confirmed.")
    async def deliveries(self) -> list[NoticeDelivery]:
        return [NoticeDelivery.of(each) for each in await self.loaders.notices.load(int(self.id))]

    @classmethod
    def of(cls, row: NoticeRow, loaders: Loaders) -> Self:
        return cls(
            loaders=loaders,
            id=strawberry.ID(str(row.id)),
            kind=NoticeKind(row.kind),
            receipt_number=row.receipt_number,
            text=row.text_zh,
            text_en=row.text_en,
            at=row.at,
            read_at=row.read_at,
        )

"""The time limit of a case (限时办结): computed from its events, explained day by day.

A day counts when it is a working day and began with the clock running: acceptance, suspension, resumption
and reopening take effect on the day after theirs. The clock stops during suspension alone; while it stands
still nothing is due. An extension lengthens the promised and the statutory limit, an expedited case has a
shorter promise, a reopened case begins anew. Source: docs/time-limits.md (art. 17).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from schema.domain.case import CaseEvent, CaseEventType
from schema.domain.joint import DepartmentStep
from schema.domain.working_days import DayKind, WorkingCalendar, day_of, end_of, touches_estimate

STATUTORY_LIMIT_DAYS = 20
JOINT_LIMIT_DAYS = 45
LONGEST_EXTENSION_DAYS = 10
LONGEST_JOINT_EXTENSION_DAYS = 15
DELIVERY_DAYS = 10
"""A licence is delivered within so many working days of the decision, or of the last fee that it waited for."""

_T = CaseEventType
_BEGINS = frozenset({_T.ACCEPTED, _T.REOPENED})
_ENDS = frozenset({_T.APPROVED, _T.DENIED, _T.WITHDRAWN, _T.TERMINATED})
_MOST_DAYS = 4000


@dataclass(frozen=True, slots=True)
class Limits:
    """An item's limits in working days. ``expedited`` is the promise of its green channel, if it has one;
    ``first_step`` is how soon after acceptance the review begins, ``issue_step`` how soon a licence is issued,
    ``parts`` the departments' steps of a joint item that have limits of their own."""

    promised: int
    statutory: int = STATUTORY_LIMIT_DAYS
    expedited: int | None = None
    is_joint: bool = False
    first_step: int | None = None
    issue_step: int | None = None
    parts: tuple[DepartmentStep, ...] = ()

    @property
    def longest_extension(self) -> int:
        return LONGEST_JOINT_EXTENSION_DAYS if self.is_joint else LONGEST_EXTENSION_DAYS


class LimitState(StrEnum):
    NOT_STARTED = "NOT_STARTED"
    RUNNING = "RUNNING"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


class Ground(StrEnum):
    """Why a day counts or does not."""

    ACCEPTED = "ACCEPTED"
    WORKING_DAY = "WORKING_DAY"
    ADJUSTED_WEEKEND = "ADJUSTED_WEEKEND"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    SUSPENDED = "SUSPENDED"


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day of an explanation. ``name`` is the holiday's, or why the case was suspended."""

    date: date
    counts: bool
    ground: Ground
    name: str | None = None
    name_en: str | None = None
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A suspension: the days after ``since``, up to and with ``until``, do not count."""

    since: date
    until: date | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """The clock of one acceptance or reopening, as the events tell it."""

    began: date
    began_at: datetime
    limits: Limits
    extension: int = 0
    expedited: int | None = None
    expedited_at: datetime | None = None
    stops: tuple[Stop, ...] = ()
    ended_at: datetime | None = None

    @property
    def promised_days(self) -> int:
        shorter = min(self.limits.promised, self.expedited or self.limits.promised)
        return shorter + self.extension

    @property
    def statutory_days(self) -> int:
        return self.limits.statutory + self.extension

    @property
    def is_suspended(self) -> bool:
        return bool(self.stops) and self.stops[-1].until is None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Where a case stands in its limits; days are working days, deadlines 24:00 of their last day.

    A deadline is ``None`` before acceptance and while the case is suspended. ``days`` explains the promised
    limit: those that count add up to it, or to what was used where the case stands still.
    """

    state: LimitState
    limit_days: int
    statutory_days: int
    used_days: int = 0
    due_at: datetime | None = None
    statutory_due_at: datetime | None = None
    is_estimated: bool = False
    is_statutory_estimated: bool = False
    calendar_version: int = 0
    days: tuple[CountedDay, ...] = ()
    statutory_explanation: tuple[CountedDay, ...] = ()
    run: Run | None = None

    @property
    def left_days(self) -> int:
        """Working days left, 0 on the last day, negative when overdue."""
        return self.limit_days - self.used_days

    def is_overdue(self, now: datetime) -> bool:
        """Whether the promise is broken: not decided at its end."""
        ended = self.run.ended_at if self.run and self.run.ended_at else now
        return self.due_at is not None and ended >= self.due_at


def time_limit(
    events: Iterable[CaseEvent], limits: Limits, calendar: WorkingCalendar, now: datetime | None = None
) -> TimeLimit:
    """The limit that these events amount to; ``now`` says how much of it is used."""
    run = last_run(events, limits)
    if run is None:
        return TimeLimit(LimitState.NOT_STARTED, limits.promised, limits.statutory, 0, None, None)
    days = explain(run, run.promised_days, calendar)
    statutory = explain(run, run.statutory_days, calendar)
    until = run.ended_at or now
    return TimeLimit(
        state=_state(run),
        limit_days=run.promised_days,
        statutory_days=run.statutory_days,
        used_days=_used(run, calendar, until) if until else 0,
        due_at=_due(days, run.promised_days),
        statutory_due_at=_due(statutory, run.statutory_days),
        is_estimated=touches_estimate(calendar, run.began, days[-1].date),
        is_statutory_estimated=touches_estimate(calendar, run.began, statutory[-1].date),
        calendar_version=calendar.version,
        days=days,
        statutory_explanation=statutory,
        run=run,
    )


def last_run(events: Iterable[CaseEvent], limits: Limits) -> Run | None:
    """The clock that runs or ran last; ``None`` before acceptance."""
    run: Run | None = None
    expedited: int | None = None
    for event in events:
        if event.type in _BEGINS:
            since = counted_from(event)
            run, expedited = Run(day_of(since), since, limits, expedited=expedited), None
        elif run is not None:
            run = _after(run, event)
        elif event.type is _T.EXPEDITED:
            # The green channel may be opened before acceptance; the clock then begins with the shorter promise.
            expedited = _shorter(event, limits)
    return run


def counted_from(event: CaseEvent) -> datetime:
    """When an acceptance holds from: its own time, or the submission's where it is deemed (section 3)."""
    since = event.data.get("acceptedSince")
    return datetime.fromisoformat(since) if since else event.at


def explain(run: Run, limit_days: int, calendar: WorkingCalendar) -> tuple[CountedDay, ...]:
    """Day by day from acceptance to the last day of the limit, or to the day on which the clock stopped."""
    return tuple(_days(run, limit_days, calendar))


def _days(run: Run, limit_days: int, calendar: WorkingCalendar) -> Iterator[CountedDay]:
    yield CountedDay(run.began, False, Ground.ACCEPTED, is_estimated=calendar.is_estimated(run.began))
    day, left = run.began, limit_days
    standing = run.stops[-1].since if run.stops and run.stops[-1].until is None else None
    while left or (limit_days == 0 and not calendar.is_working(day)):
        # An instant item (即办件) is due on the day of acceptance, or on the next on which work is done.
        day += timedelta(days=1)
        if standing is not None and day > standing:
            return
        if (day - run.began).days > _MOST_DAYS:
            raise ValueError(f"A limit of {limit_days} working days from {run.began} has no end.")
        counted = _counted(run, day, calendar)
        left -= counted.counts if limit_days else 0
        yield counted if limit_days else replace(counted, counts=False)


def _counted(run: Run, day: date, calendar: WorkingCalendar) -> CountedDay:
    estimated = calendar.is_estimated(day)
    stop = next((each for each in run.stops if each.since < day <= (each.until or day)), None)
    if stop is not None:
        return CountedDay(day, False, Ground.SUSPENDED, stop.reason, stop.reason, estimated)
    kind = calendar.kind(day)
    name = calendar.holiday(day)
    if kind is DayKind.HOLIDAY and name is not None:
        return CountedDay(day, False, Ground.HOLIDAY, name.zh, name.en, estimated)
    counts, ground = _GROUNDS[kind]
    return CountedDay(day, counts, ground, is_estimated=estimated)


_GROUNDS = {
    DayKind.WORKING: (True, Ground.WORKING_DAY),
    DayKind.ADJUSTED: (True, Ground.ADJUSTED_WEEKEND),
    DayKind.WEEKEND: (False, Ground.WEEKEND),
    DayKind.HOLIDAY: (False, Ground.HOLIDAY),
}


def _after(run: Run, event: CaseEvent) -> Run:
    if event.type is _T.SUSPENDED:
        return replace(run, stops=(*run.stops, Stop(day_of(event.at), None, event.reason)))
    if event.type is _T.RESUMED and run.is_suspended:
        return replace(run, stops=(*run.stops[:-1], replace(run.stops[-1], until=day_of(event.at))))
    if event.type is _T.EXTENDED:
        return replace(run, extension=run.extension + int(event.data["workingDays"]))
    if event.type is _T.EXPEDITED:
        shorter = _shorter(event, run.limits)
        return replace(run, expedited=shorter, expedited_at=event.at) if shorter else run
    if event.type in _ENDS:
        return replace(run, ended_at=event.at)
    return run


def _shorter(event: CaseEvent, limits: Limits) -> int | None:
    days = event.data.get("limitDays") or limits.expedited
    return int(days) if days else None


def _state(run: Run) -> LimitState:
    if run.ended_at is not None:
        return LimitState.ENDED
    return LimitState.SUSPENDED if run.is_suspended else LimitState.RUNNING


def _used(run: Run, calendar: WorkingCalendar, until: datetime) -> int:
    """The counting days that have begun by then."""
    last = (day_of(until) - run.began).days
    return sum(_counted(run, run.began + timedelta(days=number), calendar).counts for number in range(1, last + 1))


def _due(days: tuple[CountedDay, ...], limit_days: int) -> datetime | None:
    if sum(day.counts for day in days) < limit_days:
        return None
    return end_of(days[-1].date)

"""The clock of a case, wound in the transaction of its events: when something falls due next, and when all is.

``wind`` is called by the one writer of cases. On the ordinary road (submitted, accepted, decided, completed)
it reads nothing: what it needs is in the decision. Only where the past matters (a suspension ends, an
extension is granted, a case was expedited before acceptance, a part of a joint case has a limit of its own) it
reads the case's earlier events.
Source: docs/time-limits.md.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from sqlmodel.ext.asyncio.session import AsyncSession

from hub.cases.case_events import events_of
from hub.supervision import card_store
from hub.supervision.card_store import Whose
from hub.tables.case import CaseRow
from schema.domain.case import CaseActor, CaseEvent, CaseEventType, CaseState
from schema.domain.case_flow import Progress
from schema.domain.case_timing import CaseClock, Timing, clock_of, limits_of
from schema.domain.catalogue import Catalogue
from schema.domain.opinion_limit import ANSWERS, OPINION_EVENTS, OpinionLimit
from schema.domain.service_item import ServiceItem
from schema.domain.time_limit import Limits, counted_from
from schema.domain.working_days import WorkingCalendar, beginning_of, day_of

_T = CaseEventType
_NEED_THE_PAST = frozenset(
    {_T.SUSPENDED, _T.RESUMED, _T.EXTENDED, _T.EXPEDITED, _T.DUE_DATE_RECOMPUTED, _T.REMINDED, _T.URGED}
)
_BEGIN_ANEW = frozenset(
    {_T.SUBMITTED, _T.SUPPLEMENT_REQUESTED, _T.SUPPLEMENTED, _T.ACCEPTED, _T.REOPENED}
    | {_T.APPROVED, _T.LICENCE_ORDERED, _T.LICENCE_ISSUED, _T.COMPLETED, _T.ARCHIVED}
    | {_T.NOT_ACCEPTED, _T.DENIED, _T.WITHDRAWN, _T.TERMINATED, _T.LAPSED}
)
"""Events after which all that lies before the case follows from the decision alone. Others bring no moment;
where one makes a moment void, that moment is looked at once in vain."""
_LIFT = frozenset({_T.APPROVED, _T.DENIED, _T.WITHDRAWN, _T.TERMINATED, _T.LAPSED, _T.LICENCE_ISSUED}) | frozenset(
    {_T.SUSPENDED, _T.EXTENDED, _T.DUE_DATE_RECOMPUTED}
)
"""Events after which a warning has nothing more to warn of."""
_BEGIN_A_LIMIT = frozenset({_T.ACCEPTED, _T.REOPENED})
_AWAIT_ACCEPTANCE = frozenset({_T.SUBMITTED, _T.SUPPLEMENTED})


async def wind(
    session: AsyncSession, row: CaseRow, progress: Progress, catalogue: Catalogue, item: ServiceItem
) -> tuple[OpinionLimit, ...]:
    """Set what the row says of time, before it is written. ``row`` is as it was before the decision.

    The limits of a joint case's parts, which have rows of their own.
    """
    types = {event.type for event in progress.events}
    has_parts = item.joint is not None and bool(limits_of(item).parts)
    if not types & (_BEGIN_ANEW | _NEED_THE_PAST) and not (has_parts and types & OPINION_EVENTS):
        return ()
    at = progress.events[-1].at
    if row.clock_at is not None and row.clock_at <= at:
        await _catch_up(session, row, catalogue, item, at)
    if row.clock_seen is not None and types & _LIFT:
        await card_store.lift_cards(session, row.id, min(types & _LIFT), at)
    if row.clock_seen is not None and has_parts:
        await _lift_of_parts(session, row, progress)
    limits, timing = limits_of(item), catalogue.timing
    fresh = None if has_parts else _fresh_start(row, progress)
    if fresh is not None:
        _set_limit(row, *_fresh_limit(timing.calendar, day_of(fresh), limits))
        return ()
    events = progress.events
    if types & _NEED_THE_PAST or _T.ACCEPTED in types or (has_parts and progress.before.version):
        events = (*await _past(session, row), *events)
    clock = clock_of(progress.case.state, events, limits, timing)
    if types & (_NEED_THE_PAST | _BEGIN_A_LIMIT):
        set_clock(row, clock, timing.calendar)
    else:
        # Decided, ended, or not accepted yet: due dates stay as they were, only the next moment is another.
        row.clock_at = clock.next_after(row.clock_seen)
        if types & _AWAIT_ACCEPTANCE:
            row.calendar_version = timing.calendar.version
    return clock.opinions


async def _lift_of_parts(session: AsyncSession, row: CaseRow, progress: Progress) -> None:
    """Who has answered has nothing to be warned of."""
    for event in progress.events:
        if event.type in ANSWERS:
            await card_store.lift_cards(session, row.id, event.type, event.at, str(event.data["subCase"]))


def set_clock(row: CaseRow, clock: CaseClock, calendar: WorkingCalendar) -> None:
    """What a whole look at the events says."""
    row.due_at, row.statutory_due_at = clock.limit.due_at, clock.limit.statutory_due_at
    row.calendar_version = calendar.version
    row.clock_at = clock.next_after(row.clock_seen)


async def _catch_up(
    session: AsyncSession, row: CaseRow, catalogue: Catalogue, item: ServiceItem, at: datetime
) -> None:
    """Moments passed that nobody has looked at, and this decision would hide them: their cards come first."""
    events = await _past(session, row)
    clock = clock_of(CaseState(row.state), events, limits_of(item), catalogue.timing, at)
    await card_store.raise_cards(session, row, Whose(catalogue, item), clock.cards, row.clock_seen, at)
    row.clock_seen = at


async def _past(session: AsyncSession, row: CaseRow) -> tuple[CaseEvent, ...]:
    return (await events_of(session, (row.id,)))[row.id]


def _fresh_start(row: CaseRow, progress: Progress) -> datetime | None:
    """When the clock of a case begins that was submitted and accepted and nothing else."""
    if progress.before.version != 1 or row.clock_seen is not None:
        return None
    accepted = [event for event in progress.events if event.type is _T.ACCEPTED]
    others = [event for event in progress.events if event.type in _BEGIN_ANEW | _NEED_THE_PAST]
    return counted_from(accepted[0]) if accepted and len(others) == 1 else None


def _set_limit(
    row: CaseRow,
    due_at: datetime | None,
    statutory_due_at: datetime | None,
    version: int,
    clock_at: datetime | None,
) -> None:
    row.due_at, row.statutory_due_at = due_at, statutory_due_at
    row.calendar_version, row.clock_at = version, clock_at


@lru_cache(maxsize=2048)
def _fresh_limit(
    calendar: WorkingCalendar, began: date, limits: Limits
) -> tuple[datetime | None, datetime | None, int, datetime | None]:
    """The clock of all cases with these limits that were accepted on this day."""
    accepted = CaseEvent(1, _T.ACCEPTED, CaseState.ACCEPTED, CaseActor.SYSTEM, beginning_of(began))
    clock = clock_of(CaseState.ACCEPTED, (accepted,), limits, Timing(calendar))
    limit = clock.limit
    return limit.due_at, limit.statutory_due_at, calendar.version, clock.next_after(None)

"""How soon an enquiry is answered, in working days, and the cards that watch it.

A consultation is answered within 5 working days, a suggestion within 15; a complaint is given to an investigator
within 2 and answered within 15, counted anew when it is reopened. Warning, yellow and red come as a case's do.
Source: docs/enquiries.md; domain.md, 8 and 9.7 (art. 14, 17, 18).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from schema.domain.enquiry import OPEN, Enquiry, EnquiryEvent, EnquiryEventType, EnquiryKind, EnquiryState
from schema.domain.supervision import CardLevel, CardMoment, CardTrigger, warning_day
from schema.domain.working_days import WorkingCalendar, add_working_days, beginning_of, day_of, deadline

ANSWER_DAYS: Mapping[EnquiryKind, int] = {
    EnquiryKind.CONSULTATION: 5,
    EnquiryKind.SUGGESTION: 15,
    EnquiryKind.COMPLAINT: 15,
}
"""Working days."""
ASSIGN_DAYS = 2
"""Working days within which a supervisor gives a complaint to an investigator."""
CLOSE_AFTER = timedelta(days=30)
"""An answered complaint that nobody reopens is closed."""
_T = EnquiryEventType
_BEGINS = frozenset({_T.ASKED, _T.REOPENED})
_ENDS = frozenset({_T.ANSWERED, _T.WITHDRAWN})


def due_at(kind: EnquiryKind, events: Sequence[EnquiryEvent], calendar: WorkingCalendar) -> datetime | None:
    """24:00 of the last working day of the limit that runs or ran last."""
    began = _last(events, _BEGINS)
    return deadline(calendar, began.at, ANSWER_DAYS[kind]) if began else None


def card_moments(
    kind: EnquiryKind, events: Sequence[EnquiryEvent], calendar: WorkingCalendar, answer_days: int
) -> tuple[CardMoment, ...]:
    """Every card that the enquiry has had in its last run, or will have if nothing more happens.

    ``answer_days`` is how soon the asker's reminder is answered, in working days.
    """
    began = _last(events, _BEGINS)
    if began is None:
        return ()
    run = [event for event in events if event.version >= began.version]
    found = [*_limit(began.at, ANSWER_DAYS[kind], CardTrigger.ANSWER_LIMIT, calendar)]
    if kind is EnquiryKind.COMPLAINT:
        assigned = _last(run, frozenset({_T.ASSIGNED}))
        moments = _limit(began.at, ASSIGN_DAYS, CardTrigger.ASSIGNMENT_LIMIT, calendar)
        found += [each for each in moments if assigned is None or each.at < assigned.at]
    found += _urgings(run, calendar, answer_days)
    ended = next((event.at for event in run if event.type in _ENDS), None)
    ordered = sorted(found, key=lambda each: (each.at, each.trigger))
    return tuple(each for each in ordered if ended is None or each.at < ended)


def next_moment(enquiry: Enquiry, moments: Sequence[CardMoment], seen: datetime | None) -> datetime | None:
    """When the worker looks at it again: at the next card, or when an answered complaint closes."""
    is_complaint, answered_at = enquiry.kind is EnquiryKind.COMPLAINT, enquiry.answered_at
    if is_complaint and enquiry.state is EnquiryState.ANSWERED and answered_at is not None:
        return answered_at + CLOSE_AFTER
    if enquiry.state not in OPEN:
        return None
    return min((each.at for each in moments if seen is None or each.at > seen), default=None)


def _limit(since: datetime, days: int, trigger: CardTrigger, calendar: WorkingCalendar) -> Iterator[CardMoment]:
    due, first = deadline(calendar, since, days), day_of(since)
    if (warning := warning_day(days)) is not None:
        yield CardMoment(beginning_of(add_working_days(calendar, first, warning)), trigger, CardLevel.WARNING, due)
    yield CardMoment(beginning_of(add_working_days(calendar, first, days)), trigger, CardLevel.YELLOW, due)
    yield CardMoment(due, trigger, CardLevel.RED, due)


def _urgings(run: Sequence[EnquiryEvent], calendar: WorkingCalendar, answer_days: int) -> Iterator[CardMoment]:
    """A reminder or an urging that is not answered in its time (督办, art. 4)."""
    for event in run:
        if event.type is _T.URGED:
            at = datetime.fromisoformat(event.data["answerBy"])
            yield CardMoment(at, CardTrigger.URGING_UNANSWERED, CardLevel.YELLOW, at)
        elif event.type is _T.REMINDED:
            at = deadline(calendar, event.at, answer_days)
            yield CardMoment(at, CardTrigger.URGING_UNANSWERED, CardLevel.YELLOW, at)


def _last(events: Sequence[EnquiryEvent], types: frozenset[EnquiryEventType]) -> EnquiryEvent | None:
    return next((event for event in reversed(events) if event.type in types), None)

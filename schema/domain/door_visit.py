"""Visits at the door (上门服务): a booked time that a named officer goes to; each the fold of its events.

Dispatched to an officer, who sets out and serves, or does not meet anybody. It takes the officer's time from the
calendar that inspections take theirs from. Source: docs/appointments.md, "At the door"; articles 12, 13, 14.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce

from schema.domain.appointment import AppointmentState

OVERDUE_AFTER = timedelta(hours=2)
"""After the end of the booked time: by then somebody was there, and said what came of it."""
LONGEST_NOTE = 500


class VisitState(StrEnum):
    DISPATCHED = "DISPATCHED"
    ON_THE_WAY = "ON_THE_WAY"
    SERVED = "SERVED"
    NOT_MET = "NOT_MET"
    CALLED_OFF = "CALLED_OFF"


class VisitEventType(StrEnum):
    DISPATCHED = "dispatched"
    SET_OUT = "set-out"
    SERVED = "served"
    NOT_MET = "not-met"
    CALLED_OFF = "called-off"


@dataclass(frozen=True, slots=True)
class VisitRule:
    """From which states an event may come, where it leads, and what the appointment becomes with it."""

    sources: frozenset[VisitState]
    to: VisitState
    appointment: AppointmentState | None = None


_S, _T = VisitState, VisitEventType
UNDER_WAY = frozenset({_S.DISPATCHED, _S.ON_THE_WAY})
RULES: Mapping[VisitEventType, VisitRule] = {
    _T.DISPATCHED: VisitRule(frozenset({_S.DISPATCHED}), _S.DISPATCHED),
    _T.SET_OUT: VisitRule(frozenset({_S.DISPATCHED}), _S.ON_THE_WAY),
    _T.SERVED: VisitRule(frozenset({_S.ON_THE_WAY}), _S.SERVED, AppointmentState.USED),
    _T.NOT_MET: VisitRule(frozenset({_S.ON_THE_WAY}), _S.NOT_MET, AppointmentState.MISSED),
    _T.CALLED_OFF: VisitRule(UNDER_WAY, _S.CALLED_OFF),
}
"""What may happen after the first dispatch; another dispatch sends another officer."""


@dataclass(frozen=True, slots=True)
class VisitEvent:
    """One thing that happened. ``version`` counts from 1 without a gap; ``officer`` goes, ``by`` did it."""

    version: int
    type: VisitEventType
    state: VisitState
    at: datetime
    by: str
    officer: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """What the events so far amount to. ``resident`` booked it; persons are opaque subjects."""

    number: str
    resident: str
    begins_at: datetime
    state: VisitState | None = None
    version: int = 0
    officer: str | None = None
    note: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VisitStep:
    """An event before the visit has taken it. ``officer`` is who is sent, with a dispatch alone."""

    type: VisitEventType
    at: datetime
    by: str
    officer: str | None = None
    note: str | None = None


class ImpossibleVisitStep(Exception):
    """The visit is not in a state in which this can happen, or not this officer's."""

    def __init__(self, visit: Visit, type: VisitEventType, why: str) -> None:
        super().__init__(f'{visit.number} is {visit.state or "not dispatched"}: "{type}" is refused. {why}')


def transition(visit: Visit, step: VisitStep) -> tuple[Visit, VisitEvent]:
    """The visit after the step, and its event. Raises :class:`ImpossibleVisitStep`."""
    if why := impossible(visit, step):
        raise ImpossibleVisitStep(visit, step.type, why)
    officer = step.officer or visit.officer or ""
    event = VisitEvent(
        visit.version + 1,
        step.type,
        RULES[step.type].to,
        step.at,
        step.by,
        officer,
        (step.note or "").strip() or None,
    )
    return apply(visit, event), event


def impossible(visit: Visit, step: VisitStep) -> str | None:
    """Why this cannot happen now, with the mend; ``None`` when it can."""
    rule = RULES[step.type]
    is_first = visit.state is None and step.type is VisitEventType.DISPATCHED
    if not is_first and visit.state not in rule.sources:
        return f"It can happen in: {', '.join(sorted(rule.sources))}."
    if len(step.note or "") > LONGEST_NOTE:
        return f"A note has at most {LONGEST_NOTE} characters."
    match step.type:
        case VisitEventType.DISPATCHED if step.officer == visit.resident:
            return "Nobody is sent to their own door."
        case VisitEventType.DISPATCHED if step.officer == visit.officer:
            return "That officer goes already."
        case VisitEventType.DISPATCHED if step.at >= visit.begins_at:
            return "The booked time has begun. Book another."
        case VisitEventType.SET_OUT | VisitEventType.SERVED | VisitEventType.NOT_MET if step.by != visit.officer:
            return "Only the officer who was sent says so."
        case VisitEventType.NOT_MET if step.at < visit.begins_at:
            return "Nobody is missed before the booked time."
        case VisitEventType.NOT_MET if not (step.note or "").strip():
            return "Say in `note` what you found."
    return None


def fold(beginning: Visit, events: Iterable[VisitEvent]) -> Visit:
    """The visit that these events, in order, amount to."""
    return reduce(apply, events, beginning)


def apply(visit: Visit, event: VisitEvent) -> Visit:
    """One step of the fold. Raises ``ValueError`` where the versions have a gap."""
    if event.version != visit.version + 1:
        raise ValueError(f"{visit.number} misses the event between {visit.version} and {event.version}.")
    ended = event.at if event.state not in UNDER_WAY else None
    return replace(
        visit,
        version=event.version,
        state=event.state,
        officer=event.officer,
        note=event.note or visit.note,
        ended_at=ended,
    )

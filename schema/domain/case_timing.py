"""What time alone does to a case: which moments lie before it, and the step that each of them brings.

``clock_of`` looks at the events and says when something falls due next; a worker waits for that one moment.
``overdue_step`` then decides what happens. Neither knows what time it is unless it is told.
Source: docs/time-limits.md; docs/domain.md, "Service item and case".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from schema.domain.case import UNDECIDED, Case, CaseActor, CaseEvent, CaseEventType, CaseState, Happening
from schema.domain.case_flow import Progress
from schema.domain.opinion_limit import OpinionLimit, opinion_limits
from schema.domain.service_item import ServiceItem, StepKind
from schema.domain.supervision import CardMoment, CardTrigger, card_moments
from schema.domain.time_limit import Limits, TimeLimit, time_limit
from schema.domain.working_days import WEEKENDS_ONLY, WorkingCalendar, day_of, deadline, end_of

_T = CaseEventType


@dataclass(frozen=True, slots=True)
class TimeRules:
    """The terms of section 3; days are working days only where their name says so."""

    acceptance_working_days: int = 5
    supplement_days: int = 30
    reminder_days_before: int = 5
    archive_after_days: int = 30
    answer_working_days: int = 3
    """How soon a reminder or an urging is answered."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What is in force about time: the calendar, and the terms."""

    calendar: WorkingCalendar = WEEKENDS_ONLY
    rules: TimeRules = field(default_factory=TimeRules)


class TimedStepKind(StrEnum):
    """What happens by itself at its moment."""

    DEEM_ACCEPTED = "deem-accepted"
    REMIND_OF_SUPPLEMENT = "remind-of-supplement"
    LAPSE = "lapse"
    ARCHIVE = "archive"
    END_OPINION = "end-opinion"
    """The limit of a department's part is over: consent is deemed, or its opinion is missed."""


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A step that time brings at this moment, if nothing happens before; ``sub_case`` is whose part it is of."""

    at: datetime
    kind: TimedStepKind
    sub_case: str | None = None


@dataclass(frozen=True, slots=True)
class CaseClock:
    """Everything that lies before a case, or lay: its limit, its cards, its steps, the limits of its parts."""

    limit: TimeLimit
    cards: tuple[CardMoment, ...]
    steps: tuple[TimedStep, ...]
    opinions: tuple[OpinionLimit, ...] = ()

    def next_after(self, seen: datetime | None) -> datetime | None:
        """The earliest moment that was not yet looked after, ``None`` where nothing lies ahead."""
        moments = [*(each.at for each in self.cards), *(each.at for each in self.steps)]
        return min((at for at in moments if seen is None or at > seen), default=None)


_UNTIL_THE_DECISION = frozenset(
    {CardTrigger.PROMISED_LIMIT, CardTrigger.STATUTORY_LIMIT, CardTrigger.STEP_OVERDUE}
)
"""What watches a limit that a decision ends."""


def limits_of(item: ServiceItem) -> Limits:
    """The limits that an item's version declares."""
    return Limits(
        promised=item.promised_limit_days,
        statutory=item.statutory_limit_days,
        expedited=item.green_channel.limit_days if item.green_channel else None,
        is_joint=item.joint is not None,
        first_step=_days(item, StepKind.ACCEPTANCE),
        issue_step=_days(item, StepKind.ISSUE),
        parts=tuple(step for step in item.joint.steps if step.limit_days) if item.joint else (),
    )


def clock_of(
    state: CaseState, events: Sequence[CaseEvent], limits: Limits, timing: Timing, now: datetime | None = None
) -> CaseClock:
    """The clock of a case in this state with these events."""
    limit = time_limit(events, limits, timing.calendar, now)
    days = timing.rules.answer_working_days
    opinions = opinion_limits(limits.parts, events, timing.calendar) if limits.parts else ()
    cards = card_moments(
        events, limit, timing.calendar, answer_days=days, issue_step=limits.issue_step, opinions=opinions
    )
    if state not in UNDECIDED:
        # A decision ends the limits: a calendar that is loaded later raises nothing of them any more.
        cards = tuple(each for each in cards if each.trigger not in _UNTIL_THE_DECISION)
    steps = (*step_moments(state, events, timing), *_ends_of_opinions(state, opinions))
    return CaseClock(limit, cards, steps, opinions)


def step_moments(state: CaseState, events: Sequence[CaseEvent], timing: Timing) -> list[TimedStep]:
    """What time will do to a case that stands in this state."""
    rules = timing.rules
    if state is CaseState.SUBMITTED:
        asked = _last(events, _T.SUBMITTED, _T.SUPPLEMENTED)
        silent_until = deadline(timing.calendar, asked.at, rules.acceptance_working_days)
        return [TimedStep(silent_until, TimedStepKind.DEEM_ACCEPTED)]
    if state is CaseState.SUPPLEMENT_REQUESTED:
        ends = supplement_due(_last(events, _T.SUPPLEMENT_REQUESTED), rules)
        reminder = ends - timedelta(days=rules.reminder_days_before)
        return [TimedStep(reminder, TimedStepKind.REMIND_OF_SUPPLEMENT), TimedStep(ends, TimedStepKind.LAPSE)]
    if state is CaseState.COMPLETED:
        completed = _last(events, _T.COMPLETED)
        return [TimedStep(completed.at + timedelta(days=rules.archive_after_days), TimedStepKind.ARCHIVE)]
    return []


def _ends_of_opinions(state: CaseState, opinions: Sequence[OpinionLimit]) -> Iterator[TimedStep]:
    if state in UNDECIDED:
        for each in opinions:
            if each.due_at is not None and each.moves_the_case:
                yield TimedStep(each.due_at, TimedStepKind.END_OPINION, each.step.code)


def supplement_due(request: CaseEvent, rules: TimeRules) -> datetime:
    """Until when a supplement is awaited: as the notice says, or by default so many days, to 24:00."""
    named = request.data.get("answerBy")
    if named:
        return datetime.fromisoformat(named)
    days = int(request.data.get("days") or rules.supplement_days)
    return end_of(day_of(request.at) + timedelta(days=days))


def take_step(
    case: Case, kind: TimedStepKind, events: Sequence[CaseEvent], rules: TimeRules, at: datetime
) -> Progress:
    """What the step does to the case; a reminder moves nothing. Raises ``ImpossibleTransition``.

    What the end of an opinion's limit does, ``joint_flow.limit_passed`` says, which knows the other parts.
    """
    progress = Progress(case, case)
    if kind is TimedStepKind.DEEM_ACCEPTED:
        return progress.then(_deemed_acceptance(_last(events, _T.SUBMITTED, _T.SUPPLEMENTED), rules, at))
    if kind is TimedStepKind.LAPSE:
        reason = "The supplement that was asked for did not come in the time that the notice names."
        return progress.then(Happening(_T.LAPSED, CaseActor.SYSTEM, at, reason=reason))
    if kind is TimedStepKind.ARCHIVE:
        return progress.then(Happening(_T.ARCHIVED, CaseActor.SYSTEM, at))
    return progress


def recompute_due_date(case: Case, before: TimeLimit, after: TimeLimit, source: str, at: datetime) -> Progress:
    """A calendar was loaded and moves the case's deadlines: the event names both dates."""
    data = {
        "from": _text(before.due_at),
        "to": _text(after.due_at),
        "statutoryFrom": _text(before.statutory_due_at),
        "statutoryTo": _text(after.statutory_due_at),
        "calendarVersion": after.calendar_version,
    }
    reason = f"The working calendar changed: {source}."
    happening = Happening(_T.DUE_DATE_RECOMPUTED, CaseActor.SYSTEM, at, reason=reason, data=data)
    return Progress(case, case).then(happening)


def was_deemed_accepted(events: Sequence[CaseEvent]) -> bool:
    """Whether the department's silence accepted the case (section 3)."""
    return any(event.type is _T.ACCEPTED and event.data.get("deemed") for event in events)


def _deemed_acceptance(asked: CaseEvent, rules: TimeRules, at: datetime) -> Happening:
    reason = (
        f"The department said nothing within {rules.acceptance_working_days} working days; "
        "the case counts as accepted from the day of submission."
    )
    data = {"deemed": True, "acceptedSince": asked.at.isoformat()}
    return Happening(_T.ACCEPTED, CaseActor.SYSTEM, at, reason=reason, data=data)


def _days(item: ServiceItem, kind: StepKind) -> int | None:
    return sum(step.days for step in item.steps if step.kind is kind) or None


def _last(events: Sequence[CaseEvent], *types: CaseEventType) -> CaseEvent:
    for event in reversed(events):
        if event.type in types:
            return event
    raise ValueError(f"No event is one of: {', '.join(types)}.")


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

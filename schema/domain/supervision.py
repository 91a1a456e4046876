"""Cards of electronic supervision (电子监察): what is raised, when, and for which limit.

The promised limit is watched, and the statutory one with a flag of its own. ``WARNING`` begins with the
working day on which 80 % is used or the one before the last, whichever is earlier; ``YELLOW`` with the last
day; ``RED`` with its end. Other triggers begin at ``YELLOW`` or ``RED``; no escalation has more than these
three levels. Source: docs/time-limits.md (art. 17, 18).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate

from schema.domain.case import RULES, CaseActor, CaseEvent, CaseEventType, CaseState, ImpossibleTransition
from schema.domain.opinion_limit import OpinionLimit
from schema.domain.time_limit import DELIVERY_DAYS, CountedDay, Limits, Run, TimeLimit, explain
from schema.domain.working_days import WorkingCalendar, beginning_of, day_of, deadline, end_of

_T = CaseEventType
_URGINGS = frozenset({_T.REMINDED, _T.URGED})
_ANSWERERS = frozenset({CaseActor.DEPARTMENT, CaseActor.OFFICER})
_NOTHING_LEFT_TO_ANSWER = frozenset({_T.WITHDRAWN, _T.LAPSED, _T.COMPLETED})
_REVIEW_BEGAN = frozenset({_T.REVIEW_STARTED, _T.REOPENED, _T.SUSPENDED})
_DELIVERED = frozenset({_T.LICENCE_ISSUED, _T.COMPLETED, _T.LAPSED, _T.REOPENED})


class CardLevel(StrEnum):
    """From mild to severe. A case without a card is green."""

    WARNING = "WARNING"
    YELLOW = "YELLOW"
    RED = "RED"


class CardTrigger(StrEnum):
    """What a card was raised for."""

    PROMISED_LIMIT = "PROMISED_LIMIT"
    STATUTORY_LIMIT = "STATUTORY_LIMIT"
    DELIVERY = "DELIVERY"
    STEP_OVERDUE = "STEP_OVERDUE"
    SECOND_SUPPLEMENT = "SECOND_SUPPLEMENT"
    REFUSAL_WITHOUT_REASON = "REFUSAL_WITHOUT_REASON"
    URGING_UNANSWERED = "URGING_UNANSWERED"
    ANSWER_LIMIT = "ANSWER_LIMIT"
    """A consultation, suggestion or complaint without an answer (domain.md, 9.7)."""
    INSPECTION_LIMIT = "INSPECTION_LIMIT"
    """An inspection without a result."""
    ASSIGNMENT_LIMIT = "ASSIGNMENT_LIMIT"
    """A complaint that nobody was given."""
    OPINION_UNANSWERED = "OPINION_UNANSWERED"
    VISIT_LIMIT = "VISIT_LIMIT"
    """A booked visit at the door that nobody has ended two hours after its time."""
    FOLLOW_UP_LIMIT = "FOLLOW_UP_LIMIT"
    """A low rating that nobody verified (yellow), or neither mended nor explained (red), in its time."""


@dataclass(frozen=True, slots=True)
class CardMoment:
    """A card that is to be raised at this moment, unless the case moves before. ``due_at`` is what it watches.

    ``sub_case`` is the part of a joint case whose department gets it; else the one that has the whole.
    """

    at: datetime
    trigger: CardTrigger
    level: CardLevel
    due_at: datetime | None
    sub_case: str = ""


def warning_day(limit_days: int) -> int | None:
    """On which working day of a limit the warning begins; ``None`` for a limit of one day or none."""
    eighty_percent = -(-limit_days * 4 // 5)
    day = min(eighty_percent, limit_days - 1)
    return day if day >= 1 else None


def card_moments(
    events: Sequence[CaseEvent],
    limit: TimeLimit,
    calendar: WorkingCalendar,
    *,
    answer_days: int,
    issue_step: int | None = None,
    opinions: Sequence[OpinionLimit] = (),
) -> tuple[CardMoment, ...]:
    """Every card that this case has had, or will have if nothing more happens, in the order of time."""
    found = [*_limit_moments(limit), *_delivery_moments(events, calendar, issue_step)]
    found += _urging_moments(events, calendar, answer_days)
    found += _step_moments(events, limit, calendar)
    found += (moment for opinion in opinions for moment in _opinion_moments(opinion))
    levels = list(CardLevel)
    return tuple(sorted(found, key=lambda each: (each.at, each.trigger, levels.index(each.level), each.sub_case)))


def trigger_of(refused: ImpossibleTransition) -> CardTrigger | None:
    """What supervision sees in an attempt that the rules refused (9.2, 9.7); ``None`` for a mere mistake."""
    state, kind = refused.case.state, refused.type
    asked_before = state is CaseState.SUPPLEMENT_REQUESTED or refused.case.supplements_asked > 0
    if kind is _T.SUPPLEMENT_REQUESTED and asked_before:
        return CardTrigger.SECOND_SUPPLEMENT
    if kind in {_T.DENIED, _T.NOT_ACCEPTED} and state in RULES[kind].sources:
        return CardTrigger.REFUSAL_WITHOUT_REASON
    return None


def level_at(moments: Iterable[CardMoment], now: datetime) -> CardLevel | None:
    """The most severe card by then; ``None`` is green."""
    levels = [moment.level for moment in moments if moment.at <= now]
    return max(levels, key=list(CardLevel).index, default=None)


def _limit_moments(limit: TimeLimit) -> Iterator[CardMoment]:
    run = limit.run
    if run is None:
        return
    watched = (
        (CardTrigger.PROMISED_LIMIT, limit.days, limit.limit_days, limit.due_at),
        (CardTrigger.STATUTORY_LIMIT, limit.statutory_explanation, limit.statutory_days, limit.statutory_due_at),
    )
    for trigger, days, limit_days, due_at in watched:
        for moment in _levels(trigger, days, limit_days, due_at):
            shortened = run.expedited_at if trigger is CardTrigger.PROMISED_LIMIT else None
            # A limit that was shortened on the way is not broken before it was shortened.
            at = max(moment.at, shortened) if shortened else moment.at
            if run.ended_at is None or at <= run.ended_at:
                yield CardMoment(at, moment.trigger, moment.level, moment.due_at)


def _levels(
    trigger: CardTrigger, days: Sequence[CountedDay], limit_days: int, due_at: datetime | None
) -> Iterator[CardMoment]:
    numbers = accumulate(int(day.counts) for day in days)
    begins = {number: day.date for day, number in zip(days, numbers, strict=True) if day.counts}
    warning = warning_day(limit_days)
    if due_at is None:
        # The clock stands still: what had begun before it stopped has begun, the rest has no moment.
        if warning is not None and warning in begins:
            yield CardMoment(beginning_of(begins[warning]), trigger, CardLevel.WARNING, None)
        return
    if warning is not None:
        yield CardMoment(beginning_of(begins[warning]), trigger, CardLevel.WARNING, due_at)
    # A limit of no day (an instant item) has no last day to warn on: it is kept or broken.
    if limit_days:
        yield CardMoment(beginning_of(begins[limit_days]), trigger, CardLevel.YELLOW, due_at)
    yield CardMoment(due_at, trigger, CardLevel.RED, due_at)


def _delivery_moments(
    events: Sequence[CaseEvent], calendar: WorkingCalendar, issue_step: int | None
) -> Iterator[CardMoment]:
    """A licence within ten working days of the decision, or of the fee that it waited for (section 4).

    An item may promise less. The clock begins when the licence is ordered: at the decision, or once paid.
    """
    ordered = next((each for each in reversed(events) if each.type is _T.LICENCE_ORDERED), None)
    if ordered is None:
        return
    after = events[events.index(ordered) + 1 :]
    issued = next((each for each in after if each.type in _DELIVERED), None)
    allowed = min(issue_step or DELIVERY_DAYS, DELIVERY_DAYS)
    for moment in _delivery_levels(calendar, day_of(ordered.at), allowed):
        if issued is None or moment.at <= issued.at:
            yield moment


@lru_cache(maxsize=2048)
def _delivery_levels(calendar: WorkingCalendar, ordered: date, allowed: int) -> tuple[CardMoment, ...]:
    """Of all licences that were ordered on this day, to be issued within so many working days."""
    days = explain(Run(ordered, beginning_of(ordered), Limits(allowed)), allowed, calendar)
    return tuple(_levels(CardTrigger.DELIVERY, days, allowed, end_of(days[-1].date)))


def _step_moments(
    events: Sequence[CaseEvent], limit: TimeLimit, calendar: WorkingCalendar
) -> Iterator[CardMoment]:
    """A step that is overdue while the total is not: the review that should have begun (9.7)."""
    run = limit.run
    if run is None or not run.limits.first_step or run.limits.first_step >= limit.limit_days:
        return
    moved = (each.at for each in events if each.type in _REVIEW_BEGAN and each.at >= run.began_at)
    ended = min((*moved, *filter(None, (run.ended_at,))), default=None)
    due_at = deadline(calendar, run.began_at, run.limits.first_step)
    if ended is None or ended >= due_at:
        yield CardMoment(due_at, CardTrigger.STEP_OVERDUE, CardLevel.YELLOW, due_at)


def _opinion_moments(opinion: OpinionLimit) -> Iterator[CardMoment]:
    """A department's part comes near the end of its own limit, and is not answered at its end (9.6, 9.7).

    No part is worse than yellow: red is for the whole.
    """
    is_owed = opinion.step.is_required and not opinion.step.deemed_consent
    trigger = CardTrigger.STEP_OVERDUE if is_owed else CardTrigger.OPINION_UNANSWERED
    for moment in _levels(trigger, opinion.days, opinion.step.limit_days or 0, opinion.due_at):
        is_last_day = moment.level is CardLevel.YELLOW
        if is_last_day or (opinion.ended_at is not None and moment.at > opinion.ended_at):
            continue
        level = CardLevel.YELLOW if moment.level is CardLevel.RED else moment.level
        yield CardMoment(moment.at, trigger, level, moment.due_at, opinion.step.code)


def _urging_moments(events: Sequence[CaseEvent], calendar: WorkingCalendar, days: int) -> Iterator[CardMoment]:
    """Whoever reminds or urges is answered by a step of the department in so many working days (art. 4)."""
    for number, event in enumerate(events):
        if event.type not in _URGINGS:
            continue
        answered = next((each.at for each in events[number + 1 :] if _answers(each)), None)
        named = event.data.get("answerBy")
        due_at = datetime.fromisoformat(named) if named else deadline(calendar, event.at, days)
        if answered is None or answered >= due_at:
            yield CardMoment(due_at, CardTrigger.URGING_UNANSWERED, CardLevel.YELLOW, due_at)


def _answers(event: CaseEvent) -> bool:
    return event.actor in _ANSWERERS or event.type in _NOTHING_LEFT_TO_ANSWER

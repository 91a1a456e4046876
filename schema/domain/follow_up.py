"""Follow-ups (差评整改): what one or two stars oblige to, whatever was rated; each the fold of its events.

Somebody who had no part in it contacts the rater and verifies within 5 working days; it is mended or explained
within 15, the rater is told, and may answer once. A rating that is verified to be malicious is marked with the
reason, never deleted. ``RULES`` is the whole state machine.
Source: docs/ratings.md; domain.md, 7 and 9.9; articles 17, 23.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Any

from schema.domain.supervision import CardLevel, CardMoment, CardTrigger
from schema.domain.working_days import WorkingCalendar, deadline

LOW = (1, 2)
"""Grades that open one: dissatisfied, very dissatisfied."""
CONTACT_DAYS = 5
RESOLVE_DAYS = 15
"""Working days from the rating."""
LONGEST_TEXT = 2000


class Occasion(StrEnum):
    """What can be rated (一次一评)."""

    CASE = "CASE"
    ENQUIRY = "ENQUIRY"
    APPOINTMENT = "APPOINTMENT"


class FollowUpState(StrEnum):
    OPEN = "OPEN"
    TAKEN = "TAKEN"
    VERIFIED = "VERIFIED"
    RESOLVED = "RESOLVED"
    EXPLAINED = "EXPLAINED"


class FollowUpEventType(StrEnum):
    OPENED = "opened"
    TAKEN = "taken"
    VERIFIED = "verified"
    RESOLVED = "resolved"
    EXPLAINED = "explained"
    REPLIED = "replied"
    MARKED_MALICIOUS = "marked-malicious"


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """From which states an event may come, and where it leads; ``to=None`` stays; ``needs`` is its data."""

    sources: frozenset[FollowUpState]
    to: FollowUpState | None
    needs: tuple[str, ...] = ()


_S, _T = FollowUpState, FollowUpEventType
_VERIFIED = frozenset({_S.VERIFIED})
_ENDED = frozenset({_S.RESOLVED, _S.EXPLAINED})
RULES: Mapping[FollowUpEventType, FollowUpRule] = {
    _T.TAKEN: FollowUpRule(frozenset({_S.OPEN, _S.TAKEN}), _S.TAKEN, ("officer",)),
    _T.VERIFIED: FollowUpRule(frozenset({_S.TAKEN}), _S.VERIFIED, ("officer", "text")),
    _T.RESOLVED: FollowUpRule(_VERIFIED, _S.RESOLVED, ("officer", "text")),
    _T.EXPLAINED: FollowUpRule(_VERIFIED, _S.EXPLAINED, ("officer", "text")),
    _T.REPLIED: FollowUpRule(_ENDED, None, ("text",)),
    _T.MARKED_MALICIOUS: FollowUpRule(_VERIFIED | _ENDED, None, ("officer", "text")),
}
"""What may happen after it was opened."""
UNDER_WAY = frozenset({_S.OPEN, _S.TAKEN, _S.VERIFIED})
UNVERIFIED = frozenset({_S.OPEN, _S.TAKEN})


@dataclass(frozen=True, slots=True)
class FollowUpEvent:
    """One thing that happened. ``version`` counts from 1 without a gap."""

    version: int
    type: FollowUpEventType
    state: FollowUpState
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the events so far amount to. Persons are opaque subjects; ``handled_by`` had a part in it."""

    id: str
    number: str
    rater: str
    handled_by: frozenset[str]
    state: FollowUpState = FollowUpState.OPEN
    version: int = 0
    officer: str | None = None
    finding: str | None = None
    outcome: str | None = None
    reply: str | None = None
    malicious_why: str | None = None


@dataclass(frozen=True, slots=True)
class FollowUpStep:
    """An event before the follow-up has taken it."""

    type: FollowUpEventType
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


class ImpossibleFollowUpStep(Exception):
    """The follow-up is not in a state in which this can happen, or the step lacks what it must say."""

    def __init__(self, follow_up: FollowUp, type: FollowUpEventType, why: str) -> None:
        super().__init__(f'{follow_up.number} is {follow_up.state}: "{type}" is refused. {why}')


def opens(stars: int) -> bool:
    """Whether a rating obliges to a follow-up."""
    return stars in LOW


def begun(follow_up: FollowUp, at: datetime) -> tuple[FollowUp, FollowUpEvent]:
    """The follow-up with its first event."""
    return _taken(follow_up, FollowUpStep(FollowUpEventType.OPENED, at), FollowUpState.OPEN)


def transition(follow_up: FollowUp, step: FollowUpStep) -> tuple[FollowUp, FollowUpEvent]:
    """The follow-up after the step, and its event. Raises :class:`ImpossibleFollowUpStep`."""
    if why := impossible(follow_up, step):
        raise ImpossibleFollowUpStep(follow_up, step.type, why)
    return _taken(follow_up, step, RULES[step.type].to or follow_up.state)


def impossible(follow_up: FollowUp, step: FollowUpStep) -> str | None:
    """Why this cannot happen now, with the mend; ``None`` when it can."""
    rule = RULES.get(step.type)
    if rule is None or follow_up.state not in rule.sources:
        return f"It can happen in: {', '.join(sorted(rule.sources)) if rule else 'no state after the first'}."
    for name in rule.needs:
        said = str(step.data.get(name) or "").strip()
        if not said or len(said) > LONGEST_TEXT:
            return f"State `{name}`, in at most {LONGEST_TEXT} characters."
    match step.type:
        case FollowUpEventType.TAKEN if not may_follow_up(follow_up, step.data["officer"]):
            return "Nobody follows up a rating of what they had a part in. Leave it to a colleague."
        case FollowUpEventType.TAKEN if step.data["officer"] == follow_up.officer:
            return "You have it already."
        case FollowUpEventType.VERIFIED | FollowUpEventType.RESOLVED | FollowUpEventType.EXPLAINED if (
            step.data["officer"] != follow_up.officer
        ):
            return "Only the officer who took it does this. Take it first."
        case FollowUpEventType.REPLIED if follow_up.reply is not None:
            return "The rater answers once."
        case FollowUpEventType.MARKED_MALICIOUS if follow_up.malicious_why is not None:
            return "It is marked already."
    return None


def may_follow_up(follow_up: FollowUp, officer: str) -> bool:
    """Neither who had a part in what was rated nor who rated."""
    return officer != follow_up.rater and officer not in follow_up.handled_by


@dataclass(frozen=True, slots=True)
class FollowUpLimits:
    """By when the rater is contacted, and by when it is mended or explained: 24:00 of working days."""

    verify_by: datetime
    resolve_by: datetime


def limits(rated_at: datetime, calendar: WorkingCalendar) -> FollowUpLimits:
    return FollowUpLimits(deadline(calendar, rated_at, CONTACT_DAYS), deadline(calendar, rated_at, RESOLVE_DAYS))


def card_moments(state: FollowUpState, until: FollowUpLimits) -> tuple[CardMoment, ...]:
    """Yellow where nobody verified in time, red where it is neither mended nor explained."""
    trigger, found = CardTrigger.FOLLOW_UP_LIMIT, []
    if state in UNVERIFIED:
        found.append(CardMoment(until.verify_by, trigger, CardLevel.YELLOW, until.verify_by))
    if state in UNDER_WAY:
        found.append(CardMoment(until.resolve_by, trigger, CardLevel.RED, until.resolve_by))
    return tuple(found)


def fold(beginning: FollowUp, events: Iterable[FollowUpEvent]) -> FollowUp:
    """The follow-up that these events, in order, amount to."""
    return reduce(apply, events, beginning)


def apply(follow_up: FollowUp, event: FollowUpEvent) -> FollowUp:
    """One step of the fold. Raises ``ValueError`` where the versions have a gap."""
    if event.version != follow_up.version + 1:
        raise ValueError(f"{follow_up.number} misses the event between {follow_up.version} and {event.version}.")
    moved = replace(follow_up, version=event.version, state=event.state)
    text = event.data.get("text")
    match event.type:
        case FollowUpEventType.TAKEN:
            return replace(moved, officer=event.data["officer"])
        case FollowUpEventType.VERIFIED:
            return replace(moved, finding=text)
        case FollowUpEventType.RESOLVED | FollowUpEventType.EXPLAINED:
            return replace(moved, outcome=text)
        case FollowUpEventType.REPLIED:
            return replace(moved, reply=text)
        case FollowUpEventType.MARKED_MALICIOUS:
            return replace(moved, malicious_why=text)
        case _:
            return moved


def _taken(follow_up: FollowUp, step: FollowUpStep, state: FollowUpState) -> tuple[FollowUp, FollowUpEvent]:
    event = FollowUpEvent(follow_up.version + 1, step.type, state, step.at, step.data)
    return apply(follow_up, event), event

"""Destruction of archives (档案销毁): listed, reviewed, approved, waited for, certified.

Three different persons stand for it; between approval and deed lie 30 days in which any of them, or a supervisor,
stops it. What is destroyed leaves a certificate and nothing else. ``RULES`` is the whole state machine.
Source: docs/materials.md, "Destruction"; domain.md, 9.11; article 14.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce

DESTROYED = "destroyed:"
"""How the applicant of a destroyed case begins; nobody signs in as one."""
WAITING = timedelta(days=30)
MOST_LISTED = 1000
LONGEST_TEXT = 500


class DestructionState(StrEnum):
    DRAFTED = "DRAFTED"
    REVIEWED = "REVIEWED"
    APPROVED = "APPROVED"
    EXECUTED = "EXECUTED"
    STOPPED = "STOPPED"


class DestructionEventType(StrEnum):
    DRAFTED = "drafted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    STOPPED = "stopped"
    EXECUTED = "executed"


@dataclass(frozen=True, slots=True)
class DestructionRule:
    """From which states an event may come, and where it leads; ``needs_text`` asks for a reason."""

    sources: frozenset[DestructionState]
    to: DestructionState
    needs_text: bool = False


_S, _T = DestructionState, DestructionEventType
OPEN = frozenset({_S.DRAFTED, _S.REVIEWED, _S.APPROVED})
RULES: Mapping[DestructionEventType, DestructionRule] = {
    _T.REVIEWED: DestructionRule(frozenset({_S.DRAFTED}), _S.REVIEWED),
    _T.APPROVED: DestructionRule(frozenset({_S.REVIEWED}), _S.APPROVED),
    _T.STOPPED: DestructionRule(OPEN, _S.STOPPED, needs_text=True),
    _T.EXECUTED: DestructionRule(frozenset({_S.APPROVED}), _S.EXECUTED),
}
"""What may happen to a list once it is drafted."""


@dataclass(frozen=True, slots=True)
class DestructionEvent:
    """One thing that happened. ``version`` counts from 1 without a gap; ``by`` is the person who did it."""

    version: int
    type: DestructionEventType
    state: DestructionState
    at: datetime
    by: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class DestructionList:
    """What the events so far amount to. Persons are opaque subjects; ``waits_until`` is the end of the waiting."""

    number: str
    state: DestructionState = DestructionState.DRAFTED
    version: int = 0
    author: str | None = None
    reviewer: str | None = None
    archivist: str | None = None
    waits_until: datetime | None = None
    executed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DestructionStep:
    """An event before the list has taken it."""

    type: DestructionEventType
    at: datetime
    by: str
    text: str | None = None


class ImpossibleDestructionStep(Exception):
    """The list is not in a state in which this can happen, or this person may not do it too."""

    def __init__(self, listed: DestructionList, type: DestructionEventType, why: str) -> None:
        super().__init__(f'{listed.number} is {listed.state}: "{type}" is refused. {why}')


def may_be_listed(retained_until: datetime, now: datetime) -> bool:
    """Only what need not be kept any longer: its result decided the term."""
    return retained_until <= now


def drafted(listed: DestructionList, step: DestructionStep) -> tuple[DestructionList, DestructionEvent]:
    """The list with its first event."""
    return _taken(listed, step, DestructionState.DRAFTED)


def transition(listed: DestructionList, step: DestructionStep) -> tuple[DestructionList, DestructionEvent]:
    """The list after the step, and its event. Raises :class:`ImpossibleDestructionStep`."""
    if why := impossible(listed, step):
        raise ImpossibleDestructionStep(listed, step.type, why)
    return _taken(listed, step, RULES[step.type].to)


def impossible(listed: DestructionList, step: DestructionStep) -> str | None:
    """Why this cannot happen now, with the mend; ``None`` when it can."""
    rule = RULES.get(step.type)
    if rule is None or listed.state not in rule.sources:
        return f"It can happen in: {', '.join(sorted(rule.sources)) if rule else 'no state after the first'}."
    if len(step.text or "") > LONGEST_TEXT or (rule.needs_text and not (step.text or "").strip()):
        return f"Give a reason of at most {LONGEST_TEXT} characters."
    match step.type:
        case DestructionEventType.REVIEWED if step.by == listed.author:
            return "Another person than the author reviews it."
        case DestructionEventType.APPROVED if step.by in {listed.author, listed.reviewer}:
            return "A third person approves it, neither author nor reviewer."
        case DestructionEventType.STOPPED if listed.waits_until is not None and step.at >= listed.waits_until:
            return "The waiting is over; it is being carried out."
        case DestructionEventType.EXECUTED if listed.waits_until is None or step.at < listed.waits_until:
            return f"It waits for {WAITING.days} days after the approval."
    return None


def fold(beginning: DestructionList, events: Iterable[DestructionEvent]) -> DestructionList:
    """The list that these events, in order, amount to."""
    return reduce(apply, events, beginning)


def apply(listed: DestructionList, event: DestructionEvent) -> DestructionList:
    """One step of the fold. Raises ``ValueError`` where the versions have a gap."""
    if event.version != listed.version + 1:
        raise ValueError(f"{listed.number} misses the event between {listed.version} and {event.version}.")
    moved = replace(listed, version=event.version, state=event.state)
    match event.type:
        case DestructionEventType.DRAFTED:
            return replace(moved, author=event.by)
        case DestructionEventType.REVIEWED:
            return replace(moved, reviewer=event.by)
        case DestructionEventType.APPROVED:
            return replace(moved, archivist=event.by, waits_until=event.at + WAITING)
        case DestructionEventType.EXECUTED:
            return replace(moved, executed_at=event.at)
        case _:
            return moved


def _taken(
    listed: DestructionList, step: DestructionStep, state: DestructionState
) -> tuple[DestructionList, DestructionEvent]:
    text = (step.text or "").strip() or None
    event = DestructionEvent(listed.version + 1, step.type, state, step.at, step.by, text)
    return apply(listed, event), event

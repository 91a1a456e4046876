"""A case is the fold of its events; which event may follow which state is the table ``RULES``.

An event that the table does not allow is refused, never applied half. A refusal (not accepted, denied)
without reason and remedy cannot be said. Source: docs/domain.md, "Service item and case".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Any


class CaseState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED"
    ACCEPTED = "ACCEPTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    IN_REVIEW = "IN_REVIEW"
    SUSPENDED = "SUSPENDED"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    COMPLETED = "COMPLETED"
    ARCHIVED = "ARCHIVED"
    WITHDRAWN = "WITHDRAWN"
    TERMINATED = "TERMINATED"
    LAPSED = "LAPSED"
    ABANDONED = "ABANDONED"


class Channel(StrEnum):
    WEB = "WEB"
    MOBILE = "MOBILE"
    TV = "TV"
    KIOSK = "KIOSK"
    WINDOW = "WINDOW"
    TELEPHONE = "TELEPHONE"


class CaseActor(StrEnum):
    """Who moved the case, as the public sees it."""

    APPLICANT = "applicant"
    DEPARTMENT = "department"
    SYSTEM = "system"
    OPERATOR = "operator"


class CaseEventType(StrEnum):
    SUBMITTED = "submitted"
    SUPPLEMENT_REQUESTED = "supplement-requested"
    SUPPLEMENTED = "supplemented"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not-accepted"
    REVIEW_STARTED = "review-started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    APPROVED = "approved"
    DENIED = "denied"
    FEE_ORDERED = "fee-ordered"
    FEE_PAID = "fee-paid"
    LICENCE_ORDERED = "licence-ordered"
    LICENCE_ISSUED = "licence-issued"
    COMPLETED = "completed"
    ARCHIVED = "archived"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"
    LAPSED = "lapsed"
    COMMAND_FAILED = "command-failed"


FINISHED = frozenset(
    {
        CaseState.COMPLETED,
        CaseState.ARCHIVED,
        CaseState.NOT_ACCEPTED,
        CaseState.DENIED,
        CaseState.WITHDRAWN,
        CaseState.TERMINATED,
        CaseState.LAPSED,
    }
)
"""States in which nothing is owed any more; a service can be rated in them."""

UNDECIDED = frozenset(
    {
        CaseState.SUBMITTED,
        CaseState.SUPPLEMENT_REQUESTED,
        CaseState.ACCEPTED,
        CaseState.IN_REVIEW,
        CaseState.SUSPENDED,
    }
)
"""States before a decision: the applicant may withdraw, the department may terminate."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states an event may come, and where it leads; ``to=None`` stays where it is."""

    sources: frozenset[CaseState]
    to: CaseState | None
    needs_reason: bool = False
    needs_remedy: bool = False


def _from(*states: CaseState) -> frozenset[CaseState]:
    return frozenset(states)


_S, _T = CaseState, CaseEventType
RULES: Mapping[CaseEventType, Rule] = {
    _T.SUBMITTED: Rule(_from(_S.DRAFT), _S.SUBMITTED),
    _T.SUPPLEMENT_REQUESTED: Rule(_from(_S.SUBMITTED), _S.SUPPLEMENT_REQUESTED, needs_reason=True),
    _T.SUPPLEMENTED: Rule(_from(_S.SUPPLEMENT_REQUESTED), _S.SUBMITTED),
    _T.ACCEPTED: Rule(_from(_S.SUBMITTED), _S.ACCEPTED),
    _T.NOT_ACCEPTED: Rule(_from(_S.SUBMITTED), _S.NOT_ACCEPTED, needs_reason=True, needs_remedy=True),
    _T.REVIEW_STARTED: Rule(_from(_S.ACCEPTED), _S.IN_REVIEW),
    _T.SUSPENDED: Rule(_from(_S.IN_REVIEW), _S.SUSPENDED, needs_reason=True),
    _T.RESUMED: Rule(_from(_S.SUSPENDED), _S.IN_REVIEW),
    _T.APPROVED: Rule(_from(_S.IN_REVIEW), _S.APPROVED),
    _T.DENIED: Rule(_from(_S.IN_REVIEW), _S.DENIED, needs_reason=True, needs_remedy=True),
    _T.FEE_ORDERED: Rule(_from(_S.APPROVED), None),
    _T.FEE_PAID: Rule(_from(_S.APPROVED), None),
    _T.LICENCE_ORDERED: Rule(_from(_S.APPROVED), None),
    _T.LICENCE_ISSUED: Rule(_from(_S.APPROVED), None),
    _T.COMPLETED: Rule(_from(_S.APPROVED), _S.COMPLETED),
    _T.ARCHIVED: Rule(_from(_S.COMPLETED), _S.ARCHIVED),
    _T.REOPENED: Rule(_from(_S.COMPLETED, _S.ARCHIVED), _S.IN_REVIEW, needs_reason=True),
    _T.WITHDRAWN: Rule(UNDECIDED, _S.WITHDRAWN),
    _T.TERMINATED: Rule(UNDECIDED, _S.TERMINATED, needs_reason=True),
    _T.LAPSED: Rule(_from(_S.SUPPLEMENT_REQUESTED, _S.APPROVED), _S.LAPSED, needs_reason=True),
    _T.COMMAND_FAILED: Rule(frozenset(CaseState) - {_S.DRAFT, _S.ABANDONED}, None, needs_reason=True),
}
"""The whole state machine. A new transition is a new line here."""

_KEEPS_REASON = frozenset({_T.COMMAND_FAILED, _T.ARCHIVED, _T.FEE_ORDERED, _T.FEE_PAID, _T.LICENCE_ORDERED})
"""Events that say nothing about why the case stands where it stands."""


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing that happened to a case. ``version`` counts from 1 without a gap."""

    version: int
    type: CaseEventType
    state: CaseState
    actor: CaseActor
    at: datetime
    channel: Channel | None = None
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """What the events so far amount to. ``applicant`` is the opaque subject of a person."""

    id: str
    receipt_number: str
    item_code: str
    item_version: int
    applicant: str
    state: CaseState = CaseState.DRAFT
    version: int = 0
    channel: Channel = Channel.WEB
    submitted_at: datetime | None = None
    updated_at: datetime | None = None
    reason: str | None = None
    remedy: str | None = None
    licence_number: str | None = None
    licence_issuer: str | None = None

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    def __str__(self) -> str:
        return f"{self.receipt_number} {self.state} (version {self.version})"


class ImpossibleTransition(Exception):
    """The case is not in a state in which this can happen, or the event lacks what it must say."""

    def __init__(self, case: Case, type: CaseEventType, why: str) -> None:
        super().__init__(f'Case {case.receipt_number} is {case.state}: "{type}" is refused. {why}')
        self.case = case
        self.type = type


@dataclass(frozen=True, slots=True)
class Happening:
    """An event before the case has taken it: no version and no state yet."""

    type: CaseEventType
    actor: CaseActor
    at: datetime
    channel: Channel | None = None
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def transition(case: Case, happening: Happening) -> tuple[Case, CaseEvent]:
    """The case after the happening, and its event. Raises :class:`ImpossibleTransition`."""
    rule = RULES[happening.type]
    if case.state not in rule.sources:
        possible = ", ".join(sorted(rule.sources))
        raise ImpossibleTransition(case, happening.type, f"It can happen in: {possible}.")
    if rule.needs_reason and not (happening.reason or "").strip():
        raise ImpossibleTransition(case, happening.type, "State a reason.")
    if rule.needs_remedy and not str(happening.data.get("remedy") or "").strip():
        raise ImpossibleTransition(case, happening.type, "Name the remedy that the applicant has.")
    event = CaseEvent(
        version=case.version + 1,
        type=happening.type,
        state=rule.to or case.state,
        actor=happening.actor,
        at=happening.at,
        channel=happening.channel,
        reason=happening.reason,
        data=happening.data,
    )
    return apply(case, event), event


def fold(beginning: Case, events: Iterable[CaseEvent]) -> Case:
    """The case that these events, in order, amount to."""
    return reduce(apply, events, beginning)


def apply(case: Case, event: CaseEvent) -> Case:
    """One step of the fold. Raises ``ValueError`` where the versions have a gap."""
    if event.version != case.version + 1:
        raise ValueError(
            f"Case {case.receipt_number} misses the event between {case.version} and {event.version}."
        )
    moved = replace(case, version=event.version, state=event.state, updated_at=event.at)
    if event.type is CaseEventType.SUBMITTED:
        moved = replace(moved, submitted_at=event.at, channel=event.channel or case.channel)
    if event.type is CaseEventType.LICENCE_ISSUED:
        number, issuer = event.data.get("number"), event.data.get("issuerCode")
        moved = replace(moved, licence_number=number, licence_issuer=issuer)
    if event.type in _KEEPS_REASON:
        return moved
    return replace(moved, reason=event.reason, remedy=event.data.get("remedy"))

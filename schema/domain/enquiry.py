"""Consultations (咨询), suggestions (建议), complaints (投诉): small cases, each the fold of its events.

``RULES`` is the whole state machine, a table for each kind. A consultation is its first officer's until it is
answered or handed over (首问负责制); a complaint is given to an investigator by a supervisor, and never reaches
whom it is about. Source: docs/enquiries.md; articles 2, 7, 14, 17 of the guideline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Any

from schema.domain.case_words import Channel

REOPEN_WITHIN = timedelta(days=60)
"""After the answer; later a complaint is a new one."""
RATE_WITHIN = timedelta(days=90)
CALLER = "caller:"
"""How the askers begin who are known by a number to call back alone; nobody signs in as one, nobody is told."""


class EnquiryKind(StrEnum):
    CONSULTATION = "CONSULTATION"
    SUGGESTION = "SUGGESTION"
    COMPLAINT = "COMPLAINT"


class EnquiryState(StrEnum):
    """``ASKED`` and ``PUBLISHED`` are of consultations and suggestions, ``RECEIVED`` to ``INVESTIGATING`` and
    ``CLOSED`` of complaints."""

    ASKED = "ASKED"
    RECEIVED = "RECEIVED"
    ASSIGNED = "ASSIGNED"
    INVESTIGATING = "INVESTIGATING"
    ANSWERED = "ANSWERED"
    PUBLISHED = "PUBLISHED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class EnquiryEventType(StrEnum):
    ASKED = "asked"
    TAKEN = "taken"
    HANDED_OVER = "handed-over"
    REFERRED = "referred"
    ASSIGNED = "assigned"
    INVESTIGATION_STARTED = "investigation-started"
    ANSWERED = "answered"
    PUBLISHED = "published"
    PUBLICATION_WITHDRAWN = "publication-withdrawn"
    REMINDED = "reminded"
    URGED = "urged"
    RATED = "rated"
    REOPENED = "reopened"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class EnquiryActor(StrEnum):
    ASKER = "ASKER"
    OFFICER = "OFFICER"
    SUPERVISOR = "SUPERVISOR"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class EnquiryRule:
    """From which states an event may come, and where it leads; ``to=None`` stays where it is.

    ``needs`` are the names of what its data must say besides.
    """

    sources: frozenset[EnquiryState]
    to: EnquiryState | None
    needs_reason: bool = False
    needs: tuple[str, ...] = ()


def _from(*states: EnquiryState) -> frozenset[EnquiryState]:
    return frozenset(states)


_S, _T, _K = EnquiryState, EnquiryEventType, EnquiryKind
_UNANSWERED = _from(_S.RECEIVED, _S.ASSIGNED, _S.INVESTIGATING)
_QUESTION: Mapping[EnquiryEventType, EnquiryRule] = {
    _T.TAKEN: EnquiryRule(_from(_S.ASKED), None, needs=("officer",)),
    _T.HANDED_OVER: EnquiryRule(_from(_S.ASKED), None, needs_reason=True, needs=("officer", "to")),
    _T.REFERRED: EnquiryRule(_from(_S.ASKED), None, needs_reason=True, needs=("officer", "department")),
    _T.ANSWERED: EnquiryRule(_from(_S.ASKED), _S.ANSWERED, needs=("officer", "answer")),
    _T.PUBLISHED: EnquiryRule(_from(_S.ANSWERED), _S.PUBLISHED, needs=("officer", "entry")),
    _T.PUBLICATION_WITHDRAWN: EnquiryRule(_from(_S.PUBLISHED), _S.ANSWERED, needs_reason=True, needs=("officer",)),
    _T.REMINDED: EnquiryRule(_from(_S.ASKED), None),
    _T.URGED: EnquiryRule(_from(_S.ASKED), None, needs_reason=True, needs=("officer", "answerBy")),
    _T.RATED: EnquiryRule(_from(_S.ANSWERED, _S.PUBLISHED), None, needs=("stars",)),
    _T.WITHDRAWN: EnquiryRule(_from(_S.ASKED), _S.WITHDRAWN),
}
_COMPLAINT: Mapping[EnquiryEventType, EnquiryRule] = {
    _T.ASSIGNED: EnquiryRule(_UNANSWERED, _S.ASSIGNED, needs=("officer", "to")),
    _T.INVESTIGATION_STARTED: EnquiryRule(_from(_S.ASSIGNED), _S.INVESTIGATING, needs=("officer",)),
    _T.ANSWERED: EnquiryRule(_from(_S.INVESTIGATING), _S.ANSWERED, needs=("officer", "answer")),
    _T.CLOSED: EnquiryRule(_from(_S.ANSWERED), _S.CLOSED),
    _T.REOPENED: EnquiryRule(_from(_S.ANSWERED, _S.CLOSED), _S.RECEIVED, needs_reason=True),
    _T.REMINDED: EnquiryRule(_UNANSWERED, None),
    _T.URGED: EnquiryRule(_UNANSWERED, None, needs_reason=True, needs=("officer", "answerBy")),
    _T.RATED: EnquiryRule(_from(_S.ANSWERED, _S.CLOSED), None, needs=("stars",)),
    _T.WITHDRAWN: EnquiryRule(_UNANSWERED, _S.WITHDRAWN),
}
RULES: Mapping[EnquiryKind, Mapping[EnquiryEventType, EnquiryRule]] = {
    _K.CONSULTATION: _QUESTION,
    _K.SUGGESTION: _QUESTION,
    _K.COMPLAINT: _COMPLAINT,
}
"""What may happen to each kind. How each begins is :func:`beginning_state`."""

OPEN = _from(_S.ASKED, _S.RECEIVED, _S.ASSIGNED, _S.INVESTIGATING)
"""Somebody still owes an answer."""


def beginning_state(kind: EnquiryKind) -> EnquiryState:
    return EnquiryState.RECEIVED if kind is EnquiryKind.COMPLAINT else EnquiryState.ASKED


@dataclass(frozen=True, slots=True)
class EnquiryEvent:
    """One thing that happened to an enquiry. ``version`` counts from 1 without a gap."""

    version: int
    type: EnquiryEventType
    state: EnquiryState
    actor: EnquiryActor
    at: datetime
    channel: Channel | None = None
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What the events so far amount to. Persons are opaque subjects.

    ``owner`` answers for it: the officer of first inquiry, or the investigator of a complaint. ``complained_of``
    are the officers whom a complaint is about, ``complained_department`` the department where it is about that as
    a whole; ``answerers`` have answered it before it was reopened.
    """

    id: str
    number: str
    kind: EnquiryKind
    asker: str
    state: EnquiryState
    version: int = 0
    department: str | None = None
    owner: str | None = None
    is_referred: bool = False
    complained_of: frozenset[str] = frozenset()
    complained_department: str | None = None
    answerers: frozenset[str] = frozenset()
    answer: str | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    updated_at: datetime | None = None
    is_reopened: bool = False
    stars: int | None = None

    def __str__(self) -> str:
        return f"{self.number} {self.state} (version {self.version})"


class ImpossibleStep(Exception):
    """The enquiry is not in a state in which this can happen, or the step lacks what it must say."""

    def __init__(self, enquiry: Enquiry, type: EnquiryEventType, why: str) -> None:
        super().__init__(f'{enquiry.number} is {enquiry.state}: "{type}" is refused. {why}')
        self.enquiry = enquiry
        self.type = type


@dataclass(frozen=True, slots=True)
class EnquiryStep:
    """An event before the enquiry has taken it: no version and no state yet."""

    type: EnquiryEventType
    actor: EnquiryActor
    at: datetime
    channel: Channel | None = None
    reason: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def begun(enquiry: Enquiry, step: EnquiryStep) -> tuple[Enquiry, EnquiryEvent]:
    """The enquiry with its first event."""
    return _taken(enquiry, step, beginning_state(enquiry.kind))


def transition(enquiry: Enquiry, step: EnquiryStep) -> tuple[Enquiry, EnquiryEvent]:
    """The enquiry after the step, and its event. Raises :class:`ImpossibleStep`."""
    if why := impossible(enquiry, step):
        raise ImpossibleStep(enquiry, step.type, why)
    return _taken(enquiry, step, RULES[enquiry.kind][step.type].to or enquiry.state)


def impossible(enquiry: Enquiry, step: EnquiryStep) -> str | None:
    """Why this cannot happen now, with the mend; ``None`` when it can."""
    rule = RULES[enquiry.kind].get(step.type)
    if rule is None:
        return f"That is not done to a {enquiry.kind.lower()}."
    if enquiry.state not in rule.sources:
        return f"It can happen in: {', '.join(sorted(rule.sources))}."
    if rule.needs_reason and not (step.reason or "").strip():
        return "State a reason."
    for name in rule.needs:
        if not str(step.data.get(name) or "").strip():
            return f"State `{name}`."
    return _against_duty(enquiry, step) or _too_late(enquiry, step)


def _against_duty(enquiry: Enquiry, step: EnquiryStep) -> str | None:
    """What first inquiry (art. 17) and the fairness of a complaint (art. 17, 18) forbid."""
    officer = step.data.get("officer")
    match step.type:
        case EnquiryEventType.TAKEN if enquiry.owner is not None and not enquiry.is_referred:
            return "An officer of first inquiry has it. Have it handed over."
        case EnquiryEventType.HANDED_OVER if step.data["to"] == enquiry.owner:
            return "That officer has it already."
        case EnquiryEventType.ASSIGNED if not may_investigate(enquiry, step.data["to"]):
            return "A complaint is investigated by nobody whom it is about, nor who has answered it before."
        case (
            EnquiryEventType.HANDED_OVER
            | EnquiryEventType.REFERRED
            | EnquiryEventType.ANSWERED
            | (EnquiryEventType.INVESTIGATION_STARTED)
        ) if officer != enquiry.owner:
            return "Only the officer who answers for it does this. Take it first, or have it handed over."
    return None


def _too_late(enquiry: Enquiry, step: EnquiryStep) -> str | None:
    if step.type is EnquiryEventType.REOPENED and enquiry.is_reopened:
        return "A complaint is reopened once. Ask for administrative review, or complain anew."
    answered = enquiry.answered_at
    if answered is None:
        return None
    if step.type is EnquiryEventType.REOPENED and step.at > answered + REOPEN_WITHIN:
        return f"A complaint is reopened within {REOPEN_WITHIN.days} days of its answer. Complain anew."
    if step.type is EnquiryEventType.RATED and step.at > answered + RATE_WITHIN:
        return f"An answer is rated within {RATE_WITHIN.days} days."
    if step.type is EnquiryEventType.RATED and enquiry.stars is not None:
        return "One rating for one answer (一次一评)."
    return None


def may_investigate(enquiry: Enquiry, officer: str) -> bool:
    """Whether a complaint may be given to this officer: not to whom it is about, who made it, or who answered it
    before it was reopened (art. 17, 18)."""
    return officer not in (enquiry.complained_of | enquiry.answerers | {enquiry.asker})


def fold(beginning: Enquiry, events: Iterable[EnquiryEvent]) -> Enquiry:
    """The enquiry that these events, in order, amount to."""
    return reduce(apply, events, beginning)


def apply(enquiry: Enquiry, event: EnquiryEvent) -> Enquiry:
    """One step of the fold. Raises ``ValueError`` where the versions have a gap."""
    if event.version != enquiry.version + 1:
        raise ValueError(f"{enquiry.number} misses the event between {enquiry.version} and {event.version}.")
    moved = replace(enquiry, version=event.version, state=event.state, updated_at=event.at)
    changed = _said(enquiry, event)
    return replace(moved, **changed) if changed else moved


def _taken(enquiry: Enquiry, step: EnquiryStep, state: EnquiryState) -> tuple[Enquiry, EnquiryEvent]:
    event = EnquiryEvent(
        enquiry.version + 1, step.type, state, step.actor, step.at, step.channel, step.reason, step.data
    )
    return apply(enquiry, event), event


def _said(enquiry: Enquiry, event: EnquiryEvent) -> dict[str, Any]:
    data = event.data
    match event.type:
        case EnquiryEventType.ASKED:
            return {"asked_at": event.at, "owner": data.get("officer")}
        case EnquiryEventType.TAKEN:
            return {"owner": data["officer"], "is_referred": False}
        case EnquiryEventType.HANDED_OVER:
            return {"owner": data["to"], "is_referred": False}
        case EnquiryEventType.REFERRED:
            return {"department": data["department"], "is_referred": True}
        case EnquiryEventType.ASSIGNED:
            return {"owner": data["to"], "department": data.get("department")}
        case EnquiryEventType.ANSWERED:
            return {"answer": data["answer"], "answered_at": event.at}
        case EnquiryEventType.RATED:
            return {"stars": int(data["stars"])}
        case EnquiryEventType.REOPENED:
            before = {enquiry.owner} if enquiry.owner else set()
            return {
                "is_reopened": True,
                "owner": None,
                "department": None,
                "answered_at": None,
                "stars": None,
                "answerers": enquiry.answerers | before,
            }
        case _:
            return {}

"""A case is the fold of its events; which event may follow which state is the table in :mod:`case_rules`.

An event that the table does not allow is refused, never applied half. A refusal (not accepted, denied)
without reason and remedy cannot be said. Source: docs/domain.md, "Service item and case".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

from schema.domain.case_material import CaseMaterial, FieldRemark, asked_for, given, reviewed, settled
from schema.domain.case_rules import FINISHED, OVER, RULES, UNDECIDED, WITHOUT_RESULT, Rule
from schema.domain.case_words import CaseActor, CaseEventType, CaseState, Channel

__all__ = [
    "FINISHED",
    "FIRST_INQUIRY",
    "OVER",
    "RULES",
    "UNDECIDED",
    "WITHOUT_RESULT",
    "Case",
    "CaseActor",
    "CaseEvent",
    "CaseEventType",
    "CaseState",
    "Channel",
    "Happening",
    "ImpossibleTransition",
    "Rule",
    "apply",
    "fold",
    "impossible",
    "transition",
]

_T = CaseEventType
_KEEPS_REASON = frozenset(
    {each for each, rule in RULES.items() if rule.to is None} - {_T.LICENCE_ISSUED} | {_T.ARCHIVED}
)
"""Events that say nothing about why the case stands where it stands."""

_TAKES_IN_HAND = frozenset(
    {
        _T.SUPPLEMENT_REQUESTED,
        _T.ACCEPTED,
        _T.REVIEW_STARTED,
        _T.SUSPENDED,
        _T.RESUMED,
        _T.EXTENDED,
        _T.APPROVED,
        _T.DENIED,
        _T.NOT_ACCEPTED,
        _T.TERMINATED,
    }
)
_SETTLES = frozenset(
    {
        _T.FEE_PAID,
        _T.FEE_AUTHORISED,
        _T.FEE_CAPTURED,
        _T.FEE_VOID_ORDERED,
        _T.FEE_HOLD_LOST,
        _T.FEE_CANCELLED,
    }
)
"""They say how many orders are ``stillOwed``, and for how many of these the applicant has ``toPay``."""

FIRST_INQUIRY = "first-inquiry"
"""The duty of answering for a case until it is handed over (首问负责制, art. 17)."""

_LEADS_DECISION = frozenset({_T.APPROVED, _T.DENIED})
"""What waits for the departments that handle a case jointly; a refusal of theirs names its sub-case."""


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
    """What the events so far amount to. ``applicant`` and all other persons are opaque subjects.

    ``agent`` is who filed it for the applicant: an officer for a walk-in or caller, or somebody under a mandate;
    ``first_inquiry`` is the officer who answers for it (首问负责制, art. 17), ``handler`` whoever has it in hand.
    ``answer_by`` is when an asked-for supplement must be in. ``ended_at`` is cleared by reopening, as is
    ``archived_at``.
    """

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
    awaits_opinions: bool = False
    """Departments that handle it jointly have not all answered: the lead cannot decide yet (art. 17)."""
    agent: str | None = None
    mandate: str | None = None
    """Under which the agent filed it; none for an officer."""
    first_inquiry: str | None = None
    handler: str | None = None
    materials: tuple[CaseMaterial, ...] = ()
    form_remarks: tuple[FieldRemark, ...] = ()
    supplements_asked: int = 0
    answer_by: datetime | None = None
    is_extended: bool = False
    is_expedited: bool = False
    reminded_at: datetime | None = None
    fee_orders: int = 0
    fee_is_paid: bool = False
    """Nothing of what was ordered is owed any more."""
    fee_is_held: bool = False
    """What is not taken yet is held: there is nothing for the applicant to pay."""
    fees_ordered: tuple[str, ...] = ()
    """By the codes that they have in the item."""
    result_way: str | None = None
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    archived_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def filing_officer(self) -> str | None:
        """The officer who filed it for a walk-in or caller."""
        return self.agent if self.mandate is None else None

    @property
    def owes_fees(self) -> bool:
        return self.fee_orders > 0 and not self.fee_is_paid

    @property
    def has_to_pay(self) -> bool:
        """Whether the applicant has to: what is held is not taken, but they have done their part."""
        return self.owes_fees and not self.fee_is_held

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
    if why := impossible(case, happening):
        raise ImpossibleTransition(case, happening.type, why)
    event = CaseEvent(
        version=case.version + 1,
        type=happening.type,
        state=RULES[happening.type].to or case.state,
        actor=happening.actor,
        at=happening.at,
        channel=happening.channel,
        reason=happening.reason,
        data=happening.data,
    )
    return apply(case, event), event


def impossible(case: Case, happening: Happening) -> str | None:
    """Why this cannot happen to the case now, with the mend; ``None`` when it can."""
    rule, data = RULES[happening.type], happening.data
    if case.state not in rule.sources:
        return f"It can happen in: {', '.join(sorted(rule.sources))}."
    if rule.needs_reason and not (happening.reason or "").strip():
        return "State a reason."
    if rule.needs_remedy and not str(data.get("remedy") or "").strip():
        return "Name the remedy that the applicant has."
    for name in rule.needs:
        if not str(data.get(name) or "").strip():
            return f"State `{name}`."
    if case.awaits_opinions and happening.type in _LEADS_DECISION and "subCase" not in data:
        return "Departments have not all answered yet. Wait for them."
    if happening.type is CaseEventType.SUPPLEMENT_REQUESTED and case.supplements_asked:
        return "What is missing is asked for once, completely (一次性告知). Decide on what there is."
    if happening.type is CaseEventType.EXTENDED and case.is_extended:
        return "A time limit is extended once. Decide, or suspend for a special procedure."
    return None


def fold(beginning: Case, events: Iterable[CaseEvent]) -> Case:
    """The case that these events, in order, amount to."""
    return reduce(apply, events, beginning)


def apply(case: Case, event: CaseEvent) -> Case:
    """One step of the fold. Raises ``ValueError`` where the versions have a gap."""
    if event.version != case.version + 1:
        raise ValueError(
            f"Case {case.receipt_number} misses the event between {case.version} and {event.version}."
        )
    changed = {**_dates(event), **_in_hand(case, event), **_said(case, event)}
    if event.type not in _KEEPS_REASON:
        changed |= {"reason": event.reason, "remedy": event.data.get("remedy")}
    return replace(case, version=event.version, state=event.state, updated_at=event.at, **changed)


_DECISIONS = frozenset({_T.APPROVED, _T.DENIED, _T.NOT_ACCEPTED})


def _dates(event: CaseEvent) -> dict[str, Any]:
    """When it was decided, ended, archived; reopening takes all of them back."""
    if event.type is CaseEventType.REOPENED:
        return {
            "decided_at": None,
            "ended_at": None,
            "archived_at": None,
            "is_extended": False,
            "is_expedited": False,
        }
    dates: dict[str, Any] = {}
    if event.type in _DECISIONS:
        dates["decided_at"] = event.at
    if event.type is CaseEventType.ARCHIVED:
        dates["archived_at"] = event.at
    elif event.state in FINISHED and RULES[event.type].to is not None:
        dates["ended_at"] = event.at
    return dates


def _in_hand(case: Case, event: CaseEvent) -> dict[str, Any]:
    """Who has it: the first officer of the department who moves it, until it is handed over."""
    officer = event.data.get("officer")
    if event.type is CaseEventType.SUBMITTED:
        if officer:
            return {"agent": officer, "first_inquiry": officer}
        return {name: event.data[name] for name in ("agent", "mandate") if name in event.data}
    if event.type is CaseEventType.HANDED_OVER:
        duty = "first_inquiry" if event.data.get("duty") == FIRST_INQUIRY else "handler"
        return {duty: event.data["to"]}
    takes = event.actor is CaseActor.OFFICER and event.type in _TAKES_IN_HAND
    return {"handler": officer} if takes and officer and case.handler is None else {}


def _said(case: Case, event: CaseEvent) -> dict[str, Any]:
    """What the event's data changes."""
    data = event.data
    match event.type:
        case CaseEventType.SUBMITTED:
            channel, materials = event.channel or case.channel, given((), data.get("materials", ()))
            return {"submitted_at": event.at, "channel": channel, "materials": materials}
        case CaseEventType.JOINT_HANDLING_BEGAN:
            return {"awaits_opinions": True}
        case CaseEventType.OPINIONS_COMPLETE:
            return {"awaits_opinions": False}
        case CaseEventType.CONTINUED:
            return {"channel": event.channel or case.channel}
        case CaseEventType.SUPPLEMENT_REQUESTED:
            return {
                "supplements_asked": case.supplements_asked + 1,
                "answer_by": _moment(data.get("answerBy")),
                "materials": asked_for(case.materials, data.get("materials", ())),
                "form_remarks": tuple(FieldRemark(each["field"], each["remark"]) for each in data.get("form", ())),
            }
        case CaseEventType.MATERIAL_REVIEWED:
            return {"materials": reviewed(case.materials, data)}
        case CaseEventType.SUPPLEMENTED:
            materials = given(case.materials, data.get("materials", ()))
            return {"answer_by": None, "form_remarks": (), "materials": materials}
        case CaseEventType.ACCEPTED:
            return {"materials": settled(case.materials)}
        case CaseEventType.LICENCE_ISSUED:
            return {"licence_number": data.get("number"), "licence_issuer": data.get("issuerCode")}
        case CaseEventType.FEE_ORDERED:
            codes = (*case.fees_ordered, data["fee"]) if "fee" in data else case.fees_ordered
            return {
                "fee_orders": case.fee_orders + 1,
                "fee_is_paid": False,
                "fee_is_held": False,
                "fees_ordered": codes,
            }
        case each if each in _SETTLES:
            is_paid = not data.get("stillOwed")
            return {"fee_is_paid": is_paid, "fee_is_held": not is_paid and data.get("toPay") == 0}
        case CaseEventType.EXTENDED:
            return {"is_extended": True}
        case CaseEventType.EXPEDITED:
            return {"is_expedited": True}
        case CaseEventType.REMINDED:
            return {"reminded_at": event.at}
        case CaseEventType.RESULT_SENT:
            return {"result_way": data.get("way")}
        case _:
            return {}


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None

"""What follows from what: a happening moves the case and says which effects it must have.

Every function here decides only; ``hub.case_record`` writes the events and effects of one decision in one
transaction. Road: submitted → accepted → in review → approved → fee paid → licence ordered → licence
issued → completed. What follows for fees is ``fee_flow``'s. Source: docs/domain.md, "Service item and case".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from schema.domain.case import (
    Case,
    CaseActor,
    CaseEvent,
    CaseEventType,
    Channel,
    Happening,
    ImpossibleTransition,
    transition,
)
from schema.domain.fee_assessment import AssessedFee
from schema.domain.joint import SubCaseCommand
from schema.domain.service_item import ServiceItem, Step

BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class By:
    """Who moves a case, and when: a subject, in which office, and by what authority.

    ``delegation`` names the one under which a chief representative decides (首席代表制, art. 17),
    ``substitute_for`` the absent officer in whose place somebody acts. For an applicant ``agent`` acts, under
    ``mandate``.
    """

    officer: str
    at: datetime
    actor: CaseActor = CaseActor.OFFICER
    channel: Channel | None = Channel.WEB
    delegation: str | None = None
    substitute_for: str | None = None
    agent: str | None = None
    mandate: str | None = None

    def data(self) -> dict[str, Any]:
        """What the event keeps of it."""
        is_applicant = self.actor is CaseActor.APPLICANT
        said = {
            "officer": None if is_applicant else self.officer,
            "agent": self.agent,
            "mandate": self.mandate,
            "delegation": self.delegation,
            "substituteFor": self.substitute_for,
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class SendCommand:
    """Tell the item's department to take this step."""

    step: Step


@dataclass(frozen=True, slots=True)
class OrderFee:
    """Ask the applicant for one of the item's fees."""

    number: str
    assessed: AssessedFee


@dataclass(frozen=True, slots=True)
class StartFeeTerm:
    """The case waits for its fees alone: from now on the time runs in which it lapses."""


@dataclass(frozen=True, slots=True)
class CancelFee:
    """Nobody has to pay this order any more."""

    number: str


@dataclass(frozen=True, slots=True)
class RefundFee:
    """Send this much of an order back, in fen."""

    number: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class CaptureFee:
    """Take an order's money, which is held."""

    number: str


@dataclass(frozen=True, slots=True)
class VoidFee:
    """Let an order's money go, which is held."""

    number: str


@dataclass(frozen=True, slots=True)
class SendSubCaseCommand:
    """Tell the department of a joint case's step ``code``; each attempt is a command of its own."""

    code: str
    command: SubCaseCommand
    attempt: int


@dataclass(frozen=True, slots=True)
class AskLead:
    """All departments have answered: ask the lead of the joint case to decide."""


FeeEffect = OrderFee | StartFeeTerm | CancelFee | RefundFee | CaptureFee | VoidFee
Effect = SendCommand | FeeEffect | SendSubCaseCommand | AskLead


@dataclass(frozen=True, slots=True)
class Progress:
    """One decision: the case after it, the events that lead there, and what must be done."""

    before: Case
    case: Case
    events: tuple[CaseEvent, ...] = ()
    effects: tuple[Effect, ...] = ()

    def then(self, happening: Happening, *effects: Effect) -> Progress:
        """This decision and one more happening. Raises ``ImpossibleTransition``."""
        moved, event = transition(self.case, happening)
        return Progress(self.before, moved, (*self.events, event), (*self.effects, *effects))


def submit(
    draft: Case,
    by: By,
    materials: Iterable[Mapping[str, Any]] = (),
    *,
    officer: str | None = None,
    is_told: bool = True,
) -> Progress:
    """The applicant files, or an officer for a walk-in or caller. ``is_told``: the department's system is."""
    data: dict[str, Any] = {"materials": list(materials), **by.data()}
    if officer is not None:
        data["officer"] = officer
    who = CaseActor.OFFICER if officer else CaseActor.APPLICANT
    happening = Happening(CaseEventType.SUBMITTED, who, by.at, by.channel, data=data)
    told = (SendCommand(Step.RECEIVE_CASE),) if is_told else ()
    return begin(draft).then(happening, *told)


def supplement(case: Case, item: ServiceItem, answer: Mapping[str, Any], by: By) -> Progress:
    """The applicant answers the notice: changed parts of the form, and materials.

    ``answer`` has ``materials``, ``form`` (what changed) and ``formBefore`` (what stood there).
    """
    happening = Happening(CaseEventType.SUPPLEMENTED, by.actor, by.at, by.channel, data={**by.data(), **answer})
    told = () if item.is_decided_by_officers else (SendCommand(Step.SUPPLEMENT_CASE),)
    return begin(case).then(happening, *told)


def withdraw(case: Case, reason: str | None, by: By) -> Progress:
    """The applicant takes the case back, any time before a decision; on the channel it is on, if none is named."""
    channel = by.channel or case.channel
    withdrawn = Happening(CaseEventType.WITHDRAWN, by.actor, by.at, channel, reason, data=by.data())
    return begin(case).then(withdrawn)


def remind(case: Case, words: str | None, by: By) -> Progress:
    """The applicant reminds the department (催办, art. 4), once a day by Beijing's date."""
    reminded = Happening(CaseEventType.REMINDED, by.actor, by.at, by.channel, words, data=by.data())
    if case.reminded_at and _day(case.reminded_at) == _day(by.at):
        why = "You have reminded the department today. Remind it again tomorrow."
        raise ImpossibleTransition(case, reminded.type, why)
    return begin(case).then(reminded)


def continue_on(case: Case, by: By) -> Progress:
    """The applicant goes on with the case at another place (art. 9)."""
    continued = Happening(CaseEventType.CONTINUED, by.actor, by.at, by.channel, data=by.data())
    if by.channel is case.channel:
        raise ImpossibleTransition(case, continued.type, f"The case is on {by.channel} already.")
    return begin(case).then(continued)


def department_said(case: Case, item: ServiceItem, type: str, data: Mapping[str, Any], at: datetime) -> Progress:
    """A department's event. Raises ``ImpossibleTransition``, or ``ValueError`` for an unknown word."""
    progress = begin(case)
    if type == "jiyi.case.decided":
        return _decided(progress, data, at)
    if type == "jiyi.licence.issued":
        return _licence_issued(progress, data, at)
    plain = _DEPARTMENT_EVENTS.get(type)
    if plain is None:
        raise ValueError(f'No department event is called "{type}".')
    reason = data.get("reason") or data.get("notice")
    kept = {**_remedy(data), **(_notice(data) if plain is CaseEventType.SUPPLEMENT_REQUESTED else {})}
    return progress.then(Happening(plain, CaseActor.DEPARTMENT, at, reason=reason, data=kept))


def lapse(case: Case, reason: str, at: datetime) -> Progress:
    """Nothing came from the applicant in the time allowed."""
    return begin(case).then(Happening(CaseEventType.LAPSED, CaseActor.SYSTEM, at, reason=reason))


def command_failed(
    case: Case, command: str, step: str, code: str, at: datetime, sub_case: str | None = None
) -> Progress:
    """A department did not take a command; the case stays where it is and an operator sees it."""
    reason = f"{code}: the department's system did not take the step; an officer is looking into it."
    data = {"command": command, "step": step, "code": code, **({"subCase": sub_case} if sub_case else {})}
    return begin(case).then(
        Happening(CaseEventType.COMMAND_FAILED, CaseActor.SYSTEM, at, reason=reason, data=data)
    )


_DEPARTMENT_EVENTS: Mapping[str, CaseEventType] = {
    "jiyi.case.accepted": CaseEventType.ACCEPTED,
    "jiyi.case.not-accepted": CaseEventType.NOT_ACCEPTED,
    "jiyi.case.supplement-requested": CaseEventType.SUPPLEMENT_REQUESTED,
    "jiyi.case.review-started": CaseEventType.REVIEW_STARTED,
    "jiyi.case.terminated": CaseEventType.TERMINATED,
}
DEPARTMENT_EVENT_TYPES = frozenset(_DEPARTMENT_EVENTS) | {"jiyi.case.decided", "jiyi.licence.issued"}
"""Every event type that a department may send."""


def begin(case: Case) -> Progress:
    """Nothing has happened yet."""
    return Progress(case, case)


def deliver(progress: Progress, item: ServiceItem, at: datetime) -> Progress:
    """Nothing is owed any more: order the licence, or complete where there is none to order."""
    if item.result_kind is None or progress.case.licence_number:
        return progress.then(Happening(CaseEventType.COMPLETED, CaseActor.SYSTEM, at))
    data = {"kind": item.result_kind}
    ordered = Happening(CaseEventType.LICENCE_ORDERED, CaseActor.SYSTEM, at, data=data)
    told = () if item.is_decided_by_officers else (SendCommand(Step.ISSUE_LICENCE),)
    return progress.then(ordered, *told)


def _decided(progress: Progress, data: Mapping[str, Any], at: datetime) -> Progress:
    decision = data.get("decision")
    if decision == "denied":
        reason = data.get("reason")
        denied = Happening(CaseEventType.DENIED, CaseActor.DEPARTMENT, at, reason=reason, data=_remedy(data))
        return progress.then(denied)
    if decision != "approved":
        raise ValueError(f'A decision is "approved" or "denied", not "{decision}".')
    return progress.then(Happening(CaseEventType.APPROVED, CaseActor.DEPARTMENT, at, reason=data.get("reason")))


def _licence_issued(progress: Progress, data: Mapping[str, Any], at: datetime) -> Progress:
    if not data.get("number") or not data.get("issuerCode"):
        raise ValueError("An issued licence has a `number` and an `issuerCode`.")
    kept = {name: data.get(name) for name in ("number", "issuerCode", "kind", "validUntil")}
    issued = Happening(CaseEventType.LICENCE_ISSUED, CaseActor.DEPARTMENT, at, data=kept)
    return progress.then(issued).then(Happening(CaseEventType.COMPLETED, CaseActor.SYSTEM, at))


def _notice(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a department's notice says of each material and field; raises ``ValueError`` for what is none."""
    notice: dict[str, Any] = {}
    for name, key in (("materials", "code"), ("form", "field")):
        lines = data.get(name) or ()
        if not isinstance(lines, list | tuple):
            raise ValueError(f"`{name}` of a notice is a list.")  # noqa: TRY004  a wrong message, no wrong call
        if lines:
            notice[name] = [_line(each, key) for each in lines]
    if data.get("answerBy"):
        answer_by = datetime.fromisoformat(str(data["answerBy"]))
        if answer_by.tzinfo is None:
            raise ValueError("`answerBy` of a notice names its time zone.")
        notice["answerBy"] = answer_by.isoformat()
    return notice


def _line(line: Any, key: str) -> dict[str, str]:
    if not isinstance(line, Mapping) or not line.get(key):
        raise ValueError(f"A line of a notice has a `{key}` and a `remark`.")
    return {key: str(line[key]), "remark": str(line.get("remark") or "")}


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def _remedy(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"remedy": data["remedy"]} if data.get("remedy") else {}

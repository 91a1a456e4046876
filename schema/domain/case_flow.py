"""What follows from what: a happening moves the case and says which effects it must have.

Every function here decides only; ``hub.case_record`` writes the events and effects of one decision in one
transaction. Road: submitted → accepted → in review → approved → fee paid → licence ordered → licence
issued → completed. Source: docs/domain.md, "Service item and case".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schema.domain.case import Case, CaseActor, CaseEvent, CaseEventType, Channel, Happening, transition
from schema.domain.fee import fee_order_number
from schema.domain.service_item import ServiceItem, Step


@dataclass(frozen=True, slots=True)
class SendCommand:
    """Tell the item's department to take this step."""

    step: Step


@dataclass(frozen=True, slots=True)
class OrderFee:
    """Ask the applicant for the item's fee."""

    number: str


Effect = SendCommand | OrderFee


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


def submit(draft: Case, channel: Channel, at: datetime) -> Progress:
    """The applicant files: the department will be told."""
    happening = Happening(CaseEventType.SUBMITTED, CaseActor.APPLICANT, at, channel)
    return _begin(draft).then(happening, SendCommand(Step.RECEIVE_CASE))


def withdraw(case: Case, reason: str | None, channel: Channel | None, at: datetime) -> Progress:
    """The applicant takes the case back, any time before a decision."""
    return _begin(case).then(Happening(CaseEventType.WITHDRAWN, CaseActor.APPLICANT, at, channel, reason))


def department_said(case: Case, item: ServiceItem, type: str, data: Mapping[str, Any], at: datetime) -> Progress:
    """A department's event. Raises ``ImpossibleTransition``, or ``ValueError`` for an unknown word."""
    progress = _begin(case)
    if type == "jiyi.case.decided":
        return _decided(progress, item, data, at)
    if type == "jiyi.licence.issued":
        return _licence_issued(progress, data, at)
    plain = _DEPARTMENT_EVENTS.get(type)
    if plain is None:
        raise ValueError(f'No department event is called "{type}".')
    reason = data.get("reason") or data.get("notice")
    return progress.then(Happening(plain, CaseActor.DEPARTMENT, at, reason=reason, data=_remedy(data)))


def fee_paid(
    case: Case, item: ServiceItem, order: str, amount_fen: int, still_owed: int, at: datetime
) -> Progress:
    """One fee order of the case is paid; with the last one the licence is ordered."""
    data = {"order": order, "amountFen": amount_fen}
    progress = _begin(case).then(Happening(CaseEventType.FEE_PAID, CaseActor.APPLICANT, at, data=data))
    return progress if still_owed else _deliver(progress, item, at)


def lapse(case: Case, reason: str, at: datetime) -> Progress:
    """Nothing came from the applicant in the time allowed."""
    return _begin(case).then(Happening(CaseEventType.LAPSED, CaseActor.SYSTEM, at, reason=reason))


def command_failed(case: Case, command: str, step: str, code: str, at: datetime) -> Progress:
    """A department did not take a command; the case stays where it is and an operator sees it."""
    reason = f"{code}: the department's system did not take the step; an officer is looking into it."
    data = {"command": command, "step": step, "code": code}
    return _begin(case).then(
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


def _begin(case: Case) -> Progress:
    return Progress(case, case)


def _decided(progress: Progress, item: ServiceItem, data: Mapping[str, Any], at: datetime) -> Progress:
    decision = data.get("decision")
    if decision == "denied":
        reason = data.get("reason")
        denied = Happening(CaseEventType.DENIED, CaseActor.DEPARTMENT, at, reason=reason, data=_remedy(data))
        return progress.then(denied)
    if decision != "approved":
        raise ValueError(f'A decision is "approved" or "denied", not "{decision}".')
    approved = Happening(CaseEventType.APPROVED, CaseActor.DEPARTMENT, at, reason=data.get("reason"))
    progress = progress.then(approved)
    if not item.fee_fen:
        return _deliver(progress, item, at)
    number = fee_order_number(progress.case.receipt_number, 1)
    ordered = Happening(
        CaseEventType.FEE_ORDERED, CaseActor.SYSTEM, at, data={"order": number, "amountFen": item.fee_fen}
    )
    return progress.then(ordered, OrderFee(number))


def _deliver(progress: Progress, item: ServiceItem, at: datetime) -> Progress:
    if item.result_kind is None:
        return progress.then(Happening(CaseEventType.COMPLETED, CaseActor.SYSTEM, at))
    ordered = Happening(CaseEventType.LICENCE_ORDERED, CaseActor.SYSTEM, at, data={"kind": item.result_kind})
    return progress.then(ordered, SendCommand(Step.ISSUE_LICENCE))


def _licence_issued(progress: Progress, data: Mapping[str, Any], at: datetime) -> Progress:
    if not data.get("number") or not data.get("issuerCode"):
        raise ValueError("An issued licence has a `number` and an `issuerCode`.")
    kept = {name: data.get(name) for name in ("number", "issuerCode", "kind", "validUntil")}
    issued = Happening(CaseEventType.LICENCE_ISSUED, CaseActor.DEPARTMENT, at, data=kept)
    return progress.then(issued).then(Happening(CaseEventType.COMPLETED, CaseActor.SYSTEM, at))


def _remedy(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"remedy": data["remedy"]} if data.get("remedy") else {}

"""What officers do to a case: each function decides one step, with what the event must say.

Refusals need reason and remedy, a notice is complete and asked once, a special procedure has its ground
and expected end, an extension its approver. Source: docs/domain.md, "Handling"; art. 4, 5, 12, 13, 17.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from schema.domain.case import (
    FIRST_INQUIRY,
    Case,
    CaseActor,
    CaseEventType,
    Happening,
    ImpossibleTransition,
)
from schema.domain.case_flow import BEIJING, By, Progress, begin
from schema.domain.case_material import MaterialState
from schema.domain.material import Trust
from schema.domain.service_item import ServiceItem

MAXIMUM_EXTENSION_DAYS = 10
"""Working days; a joint case may have :data:`MAXIMUM_JOINT_EXTENSION_DAYS`."""
MAXIMUM_JOINT_EXTENSION_DAYS = 15


class SpecialProcedure(StrEnum):
    """For what the count of days stands still (section 4)."""

    HEARING = "HEARING"
    SITE_INSPECTION = "SITE_INSPECTION"
    TESTING = "TESTING"
    EXPERT_REVIEW = "EXPERT_REVIEW"
    PUBLIC_NOTICE = "PUBLIC_NOTICE"


class ResultWay(StrEnum):
    """How a result reaches the applicant (art. 12, 13)."""

    POST = "POST"
    LOCKER = "LOCKER"
    WINDOW = "WINDOW"


def accept(case: Case, by: By) -> Progress:
    return _one(case, CaseEventType.ACCEPTED, by)


def refuse_acceptance(case: Case, reason: str, remedy: str, by: By) -> Progress:
    return _one(case, CaseEventType.NOT_ACCEPTED, by, reason, {"remedy": remedy})


def request_supplement(
    case: Case,
    reason: str,
    materials: Sequence[tuple[str, str]],
    fields: Sequence[tuple[str, str]],
    answer_by: datetime,
    by: By,
) -> Progress:
    """Everything that is missing, once (一次性告知): each material or field of the form with its remark."""
    asked = CaseEventType.SUPPLEMENT_REQUESTED
    if not materials and not fields:
        raise ImpossibleTransition(case, asked, "Name each material or field, with what is missing.")
    if unclear := [name for name, remark in (*materials, *fields) if not remark.strip()]:
        raise ImpossibleTransition(case, asked, f"Say of each what is missing: {', '.join(unclear)}.")
    if answer_by <= by.at:
        raise ImpossibleTransition(case, asked, "`answerBy` is past. Name a time to come.")
    data = {
        "materials": [{"code": code, "remark": remark} for code, remark in materials],
        "form": [{"field": field, "remark": remark} for field, remark in fields],
        "answerBy": answer_by.isoformat(),
    }
    return _one(case, asked, by, reason, data)


def review_material(
    case: Case, code: str, state: MaterialState, remark: str | None, by: By, trust: Trust | None = None
) -> Progress:
    """What pre-review says of one material (资料预审, art. 5): in order, or sent back with a remark.

    An officer who saw the original makes it grade B; what came from its issuer stays A.
    """
    reviewed = CaseEventType.MATERIAL_REVIEWED
    known = next((each for each in case.materials if each.code == code), None)
    if known is None or known.state is MaterialState.MISSING:
        raise ImpossibleTransition(case, reviewed, f'Material "{code}" was not handed in.')
    if state not in (MaterialState.ACCEPTED, MaterialState.RETURNED):
        raise ImpossibleTransition(case, reviewed, "A material is ACCEPTED or RETURNED.")
    if state is MaterialState.RETURNED and not (remark or "").strip():
        raise ImpossibleTransition(case, reviewed, "Say what is wrong with it.")
    raised = trust.value if trust is Trust.B and known.trust in (Trust.C, Trust.D) else None
    data = {"code": code, "state": state.value, "remark": remark, "trust": raised}
    return _one(case, reviewed, by, None, data)


def start_review(case: Case, by: By) -> Progress:
    return _one(case, CaseEventType.REVIEW_STARTED, by)


def suspend(case: Case, ground: SpecialProcedure, expected_end: date, reason: str, by: By) -> Progress:
    """The count stops for a special procedure, whose expected end is not past."""
    if expected_end < by.at.astimezone(BEIJING).date():
        why = "`expectedEnd` is past. Name a day to come."
        raise ImpossibleTransition(case, CaseEventType.SUSPENDED, why)
    data = {"ground": ground.value, "expectedEnd": expected_end.isoformat()}
    return _one(case, CaseEventType.SUSPENDED, by, reason, data)


def resume(case: Case, outcome: str | None, by: By) -> Progress:
    """The special procedure has its result."""
    return _one(case, CaseEventType.RESUMED, by, outcome)


def extend(case: Case, days: int, approver: str, reason: str, most: int, by: By) -> Progress:
    """Once, by at most ``most`` working days; who approved it is another than who asks."""
    if not 1 <= days <= most:
        raise ImpossibleTransition(case, CaseEventType.EXTENDED, f"Extend by 1 to {most} working days.")
    if approver == by.officer:
        why = "Somebody else approves an extension. Name the approver."
        raise ImpossibleTransition(case, CaseEventType.EXTENDED, why)
    return _one(case, CaseEventType.EXTENDED, by, reason, {"workingDays": days, "approver": approver})


def expedite(case: Case, limit_days: int, reason: str, by: By) -> Progress:
    """The green channel (绿色通道, art. 5): whoever says so is the approver, and the limit is shorter."""
    if case.is_expedited:
        raise ImpossibleTransition(case, CaseEventType.EXPEDITED, "The case is in the green channel already.")
    data = {"limitDays": limit_days, "approver": by.officer}
    return _one(case, CaseEventType.EXPEDITED, by, reason, data)


def approve(case: Case, reason: str | None, by: By) -> Progress:
    return _one(case, CaseEventType.APPROVED, by, reason)


def deny(case: Case, reason: str, remedy: str, by: By) -> Progress:
    return _one(case, CaseEventType.DENIED, by, reason, {"remedy": remedy})


def terminate(case: Case, reason: str, by: By) -> Progress:
    return _one(case, CaseEventType.TERMINATED, by, reason)


def hand_over(case: Case, to: str, duty: str, reason: str, by: By) -> Progress:
    """Another officer has it from now on, or answers for it as the officer of first inquiry."""
    present = case.first_inquiry if duty == FIRST_INQUIRY else case.handler
    if to == present:
        raise ImpossibleTransition(case, CaseEventType.HANDED_OVER, "That officer has it already.")
    return _one(case, CaseEventType.HANDED_OVER, by, reason, {"to": to, "duty": duty})


def urge(case: Case, reason: str, answer_by: datetime, by: By) -> Progress:
    """A supervisor orders an answer by a time of its own (督办, art. 4)."""
    if answer_by <= by.at:
        raise ImpossibleTransition(case, CaseEventType.URGED, "`answerBy` is past. Name a time to come.")
    return _one(case, CaseEventType.URGED, by, reason, {"answerBy": answer_by.isoformat()})


def reopen(case: Case, reason: str, by: By) -> Progress:
    """Back into review: end and archive dates are cleared, a new limit runs."""
    return _one(case, CaseEventType.REOPENED, by, reason)


def issue_result(case: Case, item: ServiceItem, number: str, valid_until: date | None, by: By) -> Progress:
    """An officer puts in the result that the department made, and the case is completed."""
    if case.licence_number:
        why = f"The case has its result: {case.licence_number}."
        raise ImpossibleTransition(case, CaseEventType.LICENCE_ISSUED, why)
    if case.owes_fees:
        raise ImpossibleTransition(case, CaseEventType.LICENCE_ISSUED, "The fee is not paid yet.")
    data = {
        "number": number,
        "issuerCode": item.organisation,
        "kind": item.result_kind,
        "validUntil": valid_until.isoformat() if valid_until else None,
    }
    issued = _happening(CaseEventType.LICENCE_ISSUED, by, None, data)
    return begin(case).then(issued).then(Happening(CaseEventType.COMPLETED, CaseActor.SYSTEM, by.at))


def send_result(case: Case, way: ResultWay, tracking: str | None, by: By) -> Progress:
    """On its way by post, laid into a locker, or ready at the window."""
    if way is not ResultWay.WINDOW and not (tracking or "").strip():
        why = "Give the `tracking`: the number of the parcel, or of the locker."
        raise ImpossibleTransition(case, CaseEventType.RESULT_SENT, why)
    return _one(case, CaseEventType.RESULT_SENT, by, None, {"way": way.value, "tracking": tracking})


def collect_result(case: Case, by: By) -> Progress:
    """It is in the applicant's hands."""
    if case.result_way is None:
        why = "Nothing was sent or laid ready yet. Record that first."
        raise ImpossibleTransition(case, CaseEventType.RESULT_COLLECTED, why)
    return _one(case, CaseEventType.RESULT_COLLECTED, by)


def _one(
    case: Case, type: CaseEventType, by: By, reason: str | None = None, data: Mapping[str, Any] | None = None
) -> Progress:
    return begin(case).then(_happening(type, by, reason, data))


def _happening(
    type: CaseEventType, by: By, reason: str | None = None, data: Mapping[str, Any] | None = None
) -> Happening:
    return Happening(type, by.actor, by.at, by.channel, reason, {**by.data(), **(data or {})})

"""What follows for fees from whatever happened to a case, decided in the same breath.

Acceptance orders the fees due then, approval the others; with the last one paid the result is ordered. An end
without a result, or a department's refusal of its part, calls off what is owed and sends back what was paid for
nothing.
Source: docs/fees.md; docs/domain.md, "Fees".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schema.domain.case import (
    WITHOUT_RESULT,
    Case,
    CaseActor,
    CaseEventType,
    CaseState,
    Happening,
)
from schema.domain.case_flow import CancelFee, OrderFee, Progress, RefundFee, StartFeeTerm, begin, deliver
from schema.domain.fee import OWED, FeeOrder, fee_order_number
from schema.domain.fee_assessment import AssessedFee, assess_due
from schema.domain.joint import SubCases
from schema.domain.refund import RefundGround, refundable_fen, to_cancel, to_refund
from schema.domain.service_item import FeeDue, ServiceItem

T = CaseEventType
_DELIVERED = frozenset({T.LICENCE_ORDERED, T.COMPLETED})
_PART_ENDED = frozenset(
    {
        T.SUB_CASE_DENIED,
        T.SUB_CASE_STOPPED,
        T.OPINION_MISSED,
        T.SUB_CASE_COMPENSATION_ORDERED,
        T.SUB_CASE_COMPENSATED,
    }
)


@dataclass(frozen=True, slots=True)
class PaidFee:
    """One order whose money was taken."""

    number: str
    amount_fen: int


def order_fees(progress: Progress, item: ServiceItem, form: Any) -> Progress:
    """The decision, with the fees that it makes due; the result is ordered where nothing is owed."""
    types = {event.type for event in progress.events}
    if T.ACCEPTED in types and progress.case.state not in WITHOUT_RESULT:
        progress = _order(progress, item, assess_due(item, form, FeeDue.ON_ACCEPTANCE))
    if T.APPROVED in types:
        progress = _order(progress, item, assess_due(item, form, FeeDue.ON_APPROVAL))
        if progress.case.owes_fees:
            progress = _with(progress, StartFeeTerm())
    is_moved = bool(types & {T.APPROVED, T.FEE_PAID, T.FEE_CANCELLED}) and not types & _DELIVERED
    if is_moved and progress.case.state is CaseState.APPROVED and not progress.case.owes_fees:
        return deliver(progress, item, progress.events[-1].at)
    return progress


def concerns_orders(progress: Progress) -> bool:
    """Whether orders that exist may have to be called off or sent back after this decision."""
    if not progress.case.fee_orders:
        return False
    ended = progress.case.state in WITHOUT_RESULT and progress.before.state not in WITHOUT_RESULT
    return ended or any(event.type in _PART_ENDED for event in progress.events)


def settle_orders(progress: Progress, orders: Sequence[FeeOrder], sub_cases: SubCases | None = None) -> Progress:
    """The decision, with what becomes of the case's orders: called off, or on their way back."""
    case, at = progress.case, progress.events[-1].at
    cancelled, refunded = to_cancel(orders, case, sub_cases), to_refund(orders, case, sub_cases)
    left = sum(order.state in OWED for order in orders)
    for order in cancelled:
        left -= 1
        progress = progress.then(_happening(T.FEE_CANCELLED, order, at, stillOwed=left), CancelFee(order.number))
    for order in refunded:
        fen = refundable_fen(order)
        ground = RefundGround.NO_RESULT
        happening = _happening(T.FEE_REFUND_ORDERED, order, at, amountFen=fen, ground=ground.value)
        progress = progress.then(happening, RefundFee(order.number, fen))
    return progress


def fees_paid(case: Case, paid: Iterable[PaidFee], still_owed: int, at: datetime) -> Progress:
    """Orders of the case were paid in one payment; ``still_owed`` are the orders that are left."""
    progress, orders = begin(case), tuple(paid)
    for position, each in enumerate(orders):
        left = still_owed + len(orders) - position - 1
        data = {"order": each.number, "amountFen": each.amount_fen, "stillOwed": left}
        progress = progress.then(Happening(T.FEE_PAID, CaseActor.APPLICANT, at, data=data))
    return progress


def refund_ordered(
    case: Case, order: FeeOrder, amount_fen: int, reason: str, officer: str, at: datetime
) -> Progress:
    """An officer sends money back; the case says who and why."""
    data = {"order": order.number, "amountFen": amount_fen, "ground": RefundGround.OFFICER, "officer": officer}
    return begin(case).then(Happening(T.FEE_REFUND_ORDERED, CaseActor.OFFICER, at, reason=reason, data=data))


def refund_done(case: Case, order: str, amount_fen: int, at: datetime) -> Progress:
    """The money is back with whoever paid it."""
    data = {"order": order, "amountFen": amount_fen}
    return begin(case).then(Happening(T.FEE_REFUNDED, CaseActor.SYSTEM, at, data=data))


def _order(progress: Progress, item: ServiceItem, assessed: Sequence[AssessedFee]) -> Progress:
    for each in assessed:
        case = progress.case
        if _was_ordered(case, each):
            continue
        number = fee_order_number(case.receipt_number, case.fee_orders + 1)
        data = {"order": number, "amountFen": each.amount_fen, "fee": each.fee.code, "payee": each.payee}
        at = progress.events[-1].at
        progress = progress.then(Happening(T.FEE_ORDERED, CaseActor.SYSTEM, at, data=data), OrderFee(number, each))
    return progress


def _was_ordered(case: Case, assessed: AssessedFee) -> bool:
    """Nothing is charged twice, also after a case was reopened. Earlier orders named no fee: they were for all."""
    return assessed.fee.code in case.fees_ordered or case.fee_orders > len(case.fees_ordered)


def _with(progress: Progress, effect: StartFeeTerm) -> Progress:
    return Progress(progress.before, progress.case, progress.events, (*progress.effects, effect))


def _happening(type: CaseEventType, order: FeeOrder, at: datetime, **data: Any) -> Happening:
    return Happening(type, CaseActor.SYSTEM, at, data={"order": order.number, **data})

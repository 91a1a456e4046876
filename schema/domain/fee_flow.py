"""What follows for fees from whatever happened to a case, decided in the same breath.

Acceptance orders the fees due then, approval the others; with the last one paid the result is ordered. An end
without a result, or a department's refusal of its part, calls off what is owed and sends back what was paid for
nothing. What is held is taken once it is earned, and let go where it would go back.
Source: docs/fees.md; docs/domain.md, "Fees".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from schema.domain.case import (
    WITHOUT_RESULT,
    Case,
    CaseActor,
    CaseEventType,
    CaseState,
    Happening,
)
from schema.domain.case_flow import (
    CancelFee,
    CaptureFee,
    Effect,
    OrderFee,
    Progress,
    RefundFee,
    StartFeeTerm,
    VoidFee,
    begin,
    deliver,
)
from schema.domain.fee import OWED, UNSETTLED, FeeOrder, fee_order_number
from schema.domain.fee_assessment import AssessedFee, assess_due
from schema.domain.hold import HoldGround, to_capture, to_void
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
_MAY_EARN = frozenset({T.APPROVED, T.SUB_CASE_APPROVED, T.OPINION_DEEMED, T.FEE_AUTHORISED, T.FEE_CAPTURED})
"""After these, what is held may have to be taken, or what was taken may have to go back after all."""
_SETTLED = frozenset({T.APPROVED, T.FEE_PAID, T.FEE_CAPTURED, T.FEE_CANCELLED, T.FEE_VOID_ORDERED})


@dataclass(frozen=True, slots=True)
class FeesLeft:
    """Orders of a case whose money is not taken yet, and those of them that the applicant has to pay."""

    unsettled: int
    to_pay: int

    @classmethod
    def of(cls, orders: Iterable[FeeOrder]) -> Self:
        states = [order.state for order in orders]
        return cls(sum(each in UNSETTLED for each in states), sum(each in OWED for each in states))

    def data(self) -> dict[str, int]:
        """What the event keeps of it."""
        return {"stillOwed": self.unsettled, "toPay": self.to_pay}


@dataclass(frozen=True, slots=True)
class PaidFee:
    """One order whose money was taken, or is held."""

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
    is_moved = bool(types & _SETTLED) and not types & _DELIVERED
    if is_moved and progress.case.state is CaseState.APPROVED and not progress.case.owes_fees:
        return deliver(progress, item, progress.events[-1].at)
    return progress


def concerns_orders(progress: Progress) -> bool:
    """Whether orders that exist may have to be called off, sent back, taken or let go after this decision."""
    if not progress.case.fee_orders:
        return False
    return _ends_something(progress) or any(event.type in _MAY_EARN for event in progress.events)


def settle_orders(progress: Progress, orders: Sequence[FeeOrder], sub_cases: SubCases | None = None) -> Progress:
    """The decision, with what becomes of the case's orders: called off, taken, let go, or on their way back."""
    case, at = progress.case, progress.events[-1].at
    cancelled = to_cancel(orders, case, sub_cases) if _ends_something(progress) else ()
    refunded = to_refund(_paid_orders(progress, orders), case, sub_cases)
    left = FeesLeft.of(orders)
    for order in cancelled:
        left = FeesLeft(left.unsettled - 1, left.to_pay - 1)
        progress = progress.then(_happening(T.FEE_CANCELLED, order, at, **left.data()), CancelFee(order.number))
    for order in to_void(orders, case, sub_cases):
        left = FeesLeft(left.unsettled - 1, left.to_pay)
        said = {"amountFen": order.amount_fen, "ground": HoldGround.NO_RESULT.value, **left.data()}
        progress = progress.then(_happening(T.FEE_VOID_ORDERED, order, at, **said), VoidFee(order.number))
    for order in to_capture(orders, case, sub_cases):
        progress = _with(progress, CaptureFee(order.number))
    for order in refunded:
        fen = refundable_fen(order)
        ground = RefundGround.NO_RESULT
        happening = _happening(T.FEE_REFUND_ORDERED, order, at, amountFen=fen, ground=ground.value)
        progress = progress.then(happening, RefundFee(order.number, fen))
    return progress


def fees_paid(case: Case, paid: Iterable[PaidFee], left: FeesLeft, at: datetime) -> Progress:
    """Orders of the case were paid in one payment; ``left`` are the others."""
    progress, orders = begin(case), tuple(paid)
    for position, each in enumerate(orders):
        to_come = len(orders) - position - 1
        after = FeesLeft(left.unsettled + to_come, left.to_pay + to_come)
        data = {"order": each.number, "amountFen": each.amount_fen, **after.data()}
        progress = progress.then(Happening(T.FEE_PAID, CaseActor.APPLICANT, at, data=data))
    return progress


def fees_authorised(
    case: Case, held: Iterable[PaidFee], left: FeesLeft, ends_at: datetime, at: datetime
) -> Progress:
    """The money for orders of the case is held until ``ends_at``; ``left`` are the others."""
    progress, orders = begin(case), tuple(held)
    for position, each in enumerate(orders):
        after = FeesLeft(left.unsettled + len(orders), left.to_pay + len(orders) - position - 1)
        said = {"order": each.number, "amountFen": each.amount_fen, "holdEndsAt": ends_at.isoformat()}
        happening = Happening(T.FEE_AUTHORISED, CaseActor.APPLICANT, at, data={**said, **after.data()})
        progress = progress.then(happening)
    return progress


def fee_captured(
    case: Case, order: str, amount_fen: int, ground: HoldGround, left: FeesLeft, at: datetime
) -> Progress:
    """The money that was held is taken; ``left`` are the case's other orders."""
    data = {"order": order, "amountFen": amount_fen, "ground": ground.value, **left.data()}
    return begin(case).then(Happening(T.FEE_CAPTURED, CaseActor.SYSTEM, at, data=data))


def fee_voided(case: Case, order: str, amount_fen: int, at: datetime) -> Progress:
    """What was held is the payer's again."""
    data = {"order": order, "amountFen": amount_fen}
    return begin(case).then(Happening(T.FEE_VOIDED, CaseActor.SYSTEM, at, data=data))


def fee_hold_lost(case: Case, order: str, amount_fen: int, left: FeesLeft, at: datetime) -> Progress:
    """The hold was gone when it was to be taken: the order is due again, and counted in ``left``."""
    data = {"order": order, "amountFen": amount_fen, **left.data()}
    return begin(case).then(Happening(T.FEE_HOLD_LOST, CaseActor.SYSTEM, at, data=data))


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


def _ends_something(progress: Progress) -> bool:
    """The case ended without a result with this decision, or a department's part of it."""
    ended = progress.case.state in WITHOUT_RESULT and progress.before.state not in WITHOUT_RESULT
    return ended or any(event.type in _PART_ENDED for event in progress.events)


def _paid_orders(progress: Progress, orders: Sequence[FeeOrder]) -> Sequence[FeeOrder]:
    """Those whose money may have to go back now: where nothing ended, what was captured after an end."""
    if _ends_something(progress):
        return orders
    captured = {event.data.get("order") for event in progress.events if event.type is T.FEE_CAPTURED}
    return [order for order in orders if order.number in captured]


def _with(progress: Progress, effect: Effect) -> Progress:
    return Progress(progress.before, progress.case, progress.events, (*progress.effects, effect))


def _happening(type: CaseEventType, order: FeeOrder, at: datetime, **data: Any) -> Happening:
    return Happening(type, CaseActor.SYSTEM, at, data={"order": order.number, **data})

"""A case's fee orders as rows, and what a decision about the case does to them, in its own transaction.

Locks are taken in one order everywhere: payment or refund, then the case, then its orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.fees.books import book
from hub.fees.hold_store import order_command
from hub.tables.fee import FeeOrderRow, RefundRow
from schema.domain import ledger
from schema.domain.case import Case
from schema.domain.case_flow import (
    CancelFee,
    CaptureFee,
    Effect,
    OrderFee,
    Progress,
    RefundFee,
    StartFeeTerm,
    VoidFee,
)
from schema.domain.fee import CURRENCY, FEE_DUE, OWED, FeeCovers, FeeOrder, FeeState
from schema.domain.fee_flow import concerns_orders, order_fees, settle_orders
from schema.domain.hold import HoldAct, HoldGround
from schema.domain.joint import SubCases
from schema.domain.refund import RefundGround, RefundState
from schema.domain.service_item import FeeDue, ServiceItem


async def followed(
    session: AsyncSession, progress: Progress, item: ServiceItem, form: Any, sub_cases: SubCases | None
) -> Progress:
    """The decision with all that follows from it for the case's fees."""
    if concerns_orders(progress):
        rows = await orders_of_case(session, progress.case.id, lock=True)
        settled = await _refused_to_pay_back(session, rows)
        orders = [order_of(row) for row in rows if row.number not in settled]
        progress = settle_orders(progress, orders, sub_cases)
    return order_fees(progress, item, form)


async def apply(session: AsyncSession, case: Case, effect: Effect, at: datetime) -> None:
    """Write one effect; those that are not about fees are nobody's here."""
    match effect:
        case OrderFee():
            await session.flush()
            session.add(_new_order(case, effect, at))
        case StartFeeTerm():
            await session.flush()
            for row in await orders_of_case(session, case.id):
                if row.state in OWED:
                    row.due_at = at + FEE_DUE
        case CancelFee():
            (await session.get_one(FeeOrderRow, effect.number)).state = FeeState.CANCELLED
        case CaptureFee():
            row = await session.get_one(FeeOrderRow, effect.number)
            order_command(session, row, HoldAct.CAPTURE, HoldGround.EARNED, at)
        case VoidFee():
            row = await session.get_one(FeeOrderRow, effect.number)
            order_command(session, row, HoldAct.VOID, HoldGround.NO_RESULT, at)
        case RefundFee():
            row = await session.get_one(FeeOrderRow, effect.number)
            key = uuid5(NAMESPACE_URL, f"jiyi:refund/{RefundGround.NO_RESULT}/{row.number}")
            reason = f"{case.receipt_number} is {case.state}: nothing was granted for this fee."
            order_refund(session, row, str(key), effect.amount_fen, RefundGround.NO_RESULT, reason, None, at)


def order_refund(
    session: AsyncSession,
    order: FeeOrderRow,
    key: str,
    amount_fen: int,
    ground: RefundGround,
    reason: str,
    officer: str | None,
    at: datetime,
) -> RefundRow:
    """Decide that this much of a paid order goes back; its row is locked. The worker asks the provider."""
    refund = RefundRow(
        id=key,
        payment_id=order.payment or "",
        order_number=order.number,
        payee=order.payee,
        amount_fen=amount_fen,
        ground=ground,
        reason=reason,
        state=RefundState.ORDERED,
        ordered_at=at,
        ordered_by=officer,
        next_ask_at=at,
    )
    session.add(refund)
    order.refunded_fen += amount_fen
    if order.refunded_fen == order.amount_fen:
        order.state = FeeState.REFUNDING
    book(session, ledger.refund_ordered(refund.id, order.payee, amount_fen), at)
    return refund


async def orders_of_case(session: AsyncSession, case_id: str, *, lock: bool = False) -> Sequence[FeeOrderRow]:
    statement = select(FeeOrderRow).where(col(FeeOrderRow.case_id) == case_id).order_by(col(FeeOrderRow.number))
    return (await session.exec(statement.with_for_update() if lock else statement)).all()


async def _refused_to_pay_back(session: AsyncSession, orders: Sequence[FeeOrderRow]) -> frozenset[str]:
    """Paid orders that were to go back by themselves once, and the provider would not: an officer sees to them."""
    paid = [order.number for order in orders if order.state == FeeState.PAID]
    if not paid:
        return frozenset()
    tried = col(RefundRow.order_number).in_(paid), col(RefundRow.ground) == RefundGround.NO_RESULT
    found = (await session.exec(select(RefundRow.order_number).where(*tried))).all()
    return frozenset(number for number in found if number)


def order_of(row: FeeOrderRow) -> FeeOrder:
    return FeeOrder(
        number=row.number,
        case_id=row.case_id,
        applicant=row.applicant,
        name=row.name,
        name_en=row.name_en,
        amount_fen=row.amount_fen,
        payee=row.payee,
        state=FeeState(row.state),
        created_at=row.created_at,
        due_at=row.due_at,
        paid_at=row.paid_at,
        payment=row.payment,
        currency=row.currency,
        code=row.code,
        step=row.step,
        covers=FeeCovers(row.covers),
        legal_basis=row.legal_basis,
        legal_basis_en=row.legal_basis_en,
        refunded_fen=row.refunded_fen,
        hold_ends_at=row.hold_ends_at,
    )


def _new_order(case: Case, effect: OrderFee, at: datetime) -> FeeOrderRow:
    """One due on acceptance lapses nothing until the case waits for it alone."""
    fee = effect.assessed.fee
    return FeeOrderRow(
        number=effect.number,
        case_id=case.id,
        applicant=case.applicant,
        name=fee.name,
        name_en=fee.name_en,
        amount_fen=effect.assessed.amount_fen,
        currency=CURRENCY,
        payee=effect.assessed.payee,
        state=FeeState.DUE,
        created_at=at,
        due_at=None if fee.due is FeeDue.ON_ACCEPTANCE else at + FEE_DUE,
        code=fee.code,
        step=fee.step,
        covers=fee.covers,
        legal_basis=fee.legal_basis,
        legal_basis_en=fee.legal_basis_en,
    )

"""What is done for each fee whose money is ours now: its receipt is due, its case moves on, finance is told.

In the transaction of whatever brought the money: a payment that was paid at once, or the capture of a hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from hub.cases import case_store
from hub.fees.fee_receipts import order_receipt
from hub.tables.case import CaseRow
from hub.tables.fee import FeeOrderRow, PaymentRow
from schema.domain.case import Case, ImpossibleTransition
from schema.domain.case_flow import Progress
from schema.domain.catalogue import Catalogue
from schema.domain.fee import FeeState
from schema.domain.service_item import Step


@dataclass(frozen=True, slots=True)
class Setting:
    """What taking money needs to know: the catalogue, who pays, and which department settles."""

    catalogue: Catalogue
    id_number: str
    finance_department: str


def mark_paid(session: AsyncSession, payment: PaymentRow, orders: Sequence[FeeOrderRow], at: datetime) -> None:
    """The orders' money is ours since ``at``; each has its receipt."""
    for order in orders:
        order.state, order.paid_at, order.payment, order.hold_ends_at = FeeState.PAID, at, payment.id, None
        order_receipt(session, order)


def tell_finance(
    session: AsyncSession, row: CaseRow, payment: PaymentRow, orders: Sequence[FeeOrderRow], setting: Setting
) -> None:
    """Each paid order is settled with its payee."""
    settle = setting.catalogue.command(setting.finance_department, Step.SETTLE_FEE)
    if settle is None:
        return
    case, number = case_store.case_of(row), payment.number or payment.id
    for order in orders:
        case_store.send_settlement(session, settle, setting.finance_department, order, case, number)


async def move_case(
    session: AsyncSession, row: CaseRow, decide: Callable[[Case], Progress], setting: Setting, now: datetime
) -> None:
    """The case takes what happened to its fees, or keeps the trace of what its rules forbid. ``row`` is locked."""
    item = setting.catalogue.item_version(row.item_code, row.item_version)
    try:
        progress = decide(case_store.case_of(row))
    except ImpossibleTransition as refused:
        case_store.refuse(session, refused, "cashier", now)
        return
    known = case_store.Setting(setting.catalogue, item, setting.id_number, row.form)
    await case_store.record(session, row, progress, known)

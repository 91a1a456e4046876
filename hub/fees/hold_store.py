"""What is to become of held money, as rows: each is a key under which the provider does it once.

Written in the transaction of what decides it; the worker asks the provider (:mod:`hub.fees.holds`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from hub.tables.fee import FeeOrderRow, HoldCommandRow, PaymentRow
from schema.domain.fee import FeeState
from schema.domain.hold import HoldAct, HoldCommandState, HoldGround


def order_command(
    session: AsyncSession, order: FeeOrderRow, act: HoldAct, ground: HoldGround, at: datetime
) -> None:
    """Decide that a held order's money is taken, or let go; its row is locked."""
    payment = order.payment or ""
    _put(session, payment, order.number, act, order.amount_fen, ground, at)
    order.state = FeeState.CAPTURING if act is HoldAct.CAPTURE else FeeState.VOIDING


def void_whole(session: AsyncSession, payment: PaymentRow, at: datetime) -> None:
    """Decide that a hold is let go of which nobody owes anything."""
    _put(session, payment.id, None, HoldAct.VOID, payment.amount_fen, HoldGround.NOT_OWED, at)


def _put(
    session: AsyncSession,
    payment: str,
    order: str | None,
    act: HoldAct,
    amount_fen: int,
    ground: HoldGround,
    at: datetime,
) -> None:
    """One hold of one order is decided about once: a second row of its key would fail the transaction."""
    row = HoldCommandRow(
        id=str(uuid5(NAMESPACE_URL, f"jiyi:hold/{payment}/{order or ''}")),
        payment_id=payment,
        order_number=order,
        act=act,
        amount_fen=amount_fen,
        ground=ground,
        state=HoldCommandState.ORDERED,
        ordered_at=at,
        next_ask_at=at,
    )
    session.add(row)

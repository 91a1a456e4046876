"""The movements of money of one day in Beijing as we have them, and those that a statement names of other days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.tables.fee import PaymentRow, RefundRow
from schema.domain.payment import SETTLED, PaymentState
from schema.domain.reconciliation import Movement, MovementKind
from schema.domain.refund import RefundState
from schema.domain.working_days import beginning_of, end_of

KEYS_AT_ONCE = 500


async def movements_of(session: AsyncSession, day: date, statement: Sequence[Movement]) -> list[Movement]:
    """Columns are read, not rows: a day may have a hundred thousand."""
    begin, end = beginning_of(day), end_of(day)
    paid, done = col(PaymentRow.paid_at), col(RefundRow.done_at)
    here = [
        _payment(*row)
        for row in await session.exec(
            _PAYMENTS.where(col(PaymentRow.state).in_(SETTLED), paid >= begin, paid < end)
        )
    ]
    here += [
        _refund(*row)
        for row in await session.exec(
            _REFUNDS.where(col(RefundRow.state) == RefundState.DONE, done >= begin, done < end)
        )
    ]
    known = {(each.kind, each.key) for each in here}
    unknown = [each for each in statement if (each.kind, each.key) not in known]
    for keys in _chunks(sorted({each.key for each in unknown if each.kind is MovementKind.PAYMENT})):
        here += [_payment(*row) for row in await session.exec(_PAYMENTS.where(col(PaymentRow.id).in_(keys)))]
    for keys in _chunks(sorted({each.key for each in unknown if each.kind is MovementKind.REFUND})):
        here += [_refund(*row) for row in await session.exec(_REFUNDS.where(col(RefundRow.id).in_(keys)))]
    return here


_PAYMENTS = select(PaymentRow.id, PaymentRow.number, PaymentRow.amount_fen, PaymentRow.state)
_REFUNDS = select(RefundRow.id, PaymentRow.number, RefundRow.amount_fen, RefundRow.state).join(
    PaymentRow, col(PaymentRow.id) == col(RefundRow.payment_id)
)


def _payment(id: str, number: str | None, amount_fen: int, state: str) -> Movement:
    is_settled = PaymentState(state) in SETTLED
    return Movement(MovementKind.PAYMENT, id, number or id, amount_fen, is_settled, state)


def _refund(id: str, number: str | None, amount_fen: int, state: str) -> Movement:
    is_settled = state == RefundState.DONE
    return Movement(MovementKind.REFUND, id, number or id, amount_fen, is_settled, state)


def _chunks(keys: Sequence[str]) -> Iterator[Iterable[str]]:
    return (keys[begin : begin + KEYS_AT_ONCE] for begin in range(0, len(keys), KEYS_AT_ONCE))

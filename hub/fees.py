"""Read fee orders, pay several in one payment, let the unpaid lapse.

A payment is decided first (our row, our key), made at the provider second, and what came of it is noted
third; a crash in between is mended by asking again with the same key, which the provider answers alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.database import Database
from hub.payment_provider import OrderToPay, PaymentProvider, PaymentRequest, ProviderFailure
from hub.tables.fee import FeeOrderRow, PaymentOrderRow, PaymentRow
from hub.who import may_read
from schema.domain.fee import PAYMENT_SESSION, FeeOrder, FeeState, PaymentState
from schema.errors import DomainError, RuntimeCode

MAXIMUM_ORDERS = 50
FIRST_POLL = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that the applicant can complete at ``pay_url`` until ``expires_at``."""

    number: str
    amount_fen: int
    pay_url: str | None
    expires_at: datetime


class Fees:
    """Fee orders of all people; every method is told who asks."""

    def __init__(self, database: Database, provider: PaymentProvider, clock: Clock, return_url: str) -> None:
        self._database = database
        self._provider = provider
        self._clock = clock
        self._return_url = return_url

    async def order(self, actor: Actor, number: str) -> FeeOrder | None:
        """An order that the actor may read, else ``None``."""
        async with self._database.reading() as session:
            row = await session.get(FeeOrderRow, number)
        return order_of(row) if row is not None and may_read(actor, row.applicant) else None

    async def orders_of(self, actor: Actor, applicant: str) -> tuple[FeeOrder, ...]:
        """All orders of one person, newest first."""
        if not may_read(actor, applicant):
            raise DomainError(RuntimeCode.FORBIDDEN, "These are another person's fees.")
        statement = (
            select(FeeOrderRow)
            .where(col(FeeOrderRow.applicant) == applicant)
            .order_by(col(FeeOrderRow.created_at).desc(), col(FeeOrderRow.number))
        )
        async with self._database.reading() as session:
            return tuple(order_of(row) for row in (await session.exec(statement)).all())

    async def orders_of_cases(self, case_ids: Iterable[str]) -> dict[str, tuple[FeeOrder, ...]]:
        """The orders of cases that the caller was allowed to read."""
        wanted = sorted(set(case_ids))
        statement = (
            select(FeeOrderRow)
            .where(col(FeeOrderRow.case_id).in_(wanted))
            .order_by(col(FeeOrderRow.case_id), col(FeeOrderRow.number))
        )
        found: dict[str, list[FeeOrder]] = {case_id: [] for case_id in wanted}
        async with self._database.reading() as session:
            for row in (await session.exec(statement)).all():
                found[row.case_id].append(order_of(row))
        return {case_id: tuple(orders) for case_id, orders in found.items()}

    async def pay_fees(self, actor: Actor, numbers: Sequence[str], idempotency_key: str | None) -> Payment:
        """Begin one payment for some own orders. Repeating it gives the same payment."""
        wanted = tuple(sorted(set(numbers)))
        if not 0 < len(wanted) <= MAXIMUM_ORDERS:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"Name 1 to {MAXIMUM_ORDERS} fee orders to pay.")
        async with self._database.transaction() as session:
            orders = await _own_orders(session, actor, wanted)
            payment = await self._decide(session, actor, orders, idempotency_key)
        return await self.open_at_provider(payment, orders)

    async def open_at_provider(self, payment: PaymentRow, orders: Sequence[FeeOrderRow]) -> Payment:
        """Make the payment at the provider, or learn again what it made. Safe to repeat: the key is ours."""
        if payment.number is None:
            lines = tuple(OrderToPay(order.number, order.amount_fen, order.payee) for order in orders)
            request = PaymentRequest(payment.id, lines, payment.amount_fen, self._return_url)
            try:
                opened = await self._provider.create(request)
            except ProviderFailure as failure:
                message = f"The cashier cannot take payments now. Try again in a moment. ({failure})"
                raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, message) from failure
            async with self._database.transaction() as session:
                payment = await session.get_one(PaymentRow, payment.id, with_for_update=True)
                payment.number, payment.pay_url = opened.number, opened.pay_url
                payment.expires_at = opened.expires_at
                if payment.state == PaymentState.CREATED:
                    payment.state = PaymentState.OPEN
        return Payment(payment.number or "", payment.amount_fen, payment.pay_url, payment.expires_at)

    async def _decide(
        self, session: AsyncSession, actor: Actor, orders: Sequence[FeeOrderRow], key: str | None
    ) -> PaymentRow:
        now = self._clock.now()
        numbers = tuple(order.number for order in orders)
        repeated = await _payment_with_key(session, actor, key)
        if repeated is not None:
            if await order_numbers(session, repeated.id) != numbers:
                message = "This `idempotencyKey` was used for other orders. Use a new key."
                raise DomainError(RuntimeCode.CONFLICT, message)
            return repeated
        running = await _running_payment(session, orders, now)
        if running is not None:
            return running
        payment = PaymentRow(
            id=str(uuid4()),
            payer=actor.subject,
            idempotency_key=key,
            amount_fen=sum(order.amount_fen for order in orders),
            state=PaymentState.CREATED,
            created_at=now,
            expires_at=now + PAYMENT_SESSION,
            next_poll_at=now + FIRST_POLL,
        )
        session.add(payment)
        await session.flush()
        for order in orders:
            session.add(PaymentOrderRow(payment_id=payment.id, order_number=order.number))
            order.state, order.payment = FeeState.PAYING, payment.id
        return payment


async def order_numbers(session: AsyncSession, payment_id: str) -> tuple[str, ...]:
    """The orders that a payment is for, sorted."""
    statement = select(PaymentOrderRow.order_number).where(col(PaymentOrderRow.payment_id) == payment_id)
    return tuple(sorted((await session.exec(statement)).all()))


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
    )


async def _own_orders(session: AsyncSession, actor: Actor, numbers: Sequence[str]) -> Sequence[FeeOrderRow]:
    statement = (
        select(FeeOrderRow)
        .where(col(FeeOrderRow.number).in_(numbers), col(FeeOrderRow.applicant) == actor.subject)
        .order_by(col(FeeOrderRow.number))
        .with_for_update()
    )
    orders = (await session.exec(statement)).all()
    missing = sorted(set(numbers) - {order.number for order in orders})
    if missing:
        raise DomainError(RuntimeCode.NOT_FOUND, f"You have no fee order {', '.join(missing)}.")
    return orders


async def _payment_with_key(session: AsyncSession, actor: Actor, key: str | None) -> PaymentRow | None:
    if key is None:
        return None
    statement = select(PaymentRow).where(
        col(PaymentRow.payer) == actor.subject, col(PaymentRow.idempotency_key) == key
    )
    return (await session.exec(statement)).first()


async def _running_payment(
    session: AsyncSession, orders: Sequence[FeeOrderRow], now: datetime
) -> PaymentRow | None:
    """The open payment for exactly these orders; ``None`` when a new one may begin."""
    for order in orders:
        if order.state not in {FeeState.DUE, FeeState.PAYING}:
            message = f"Fee order {order.number} is {order.state}; there is nothing to pay."
            raise DomainError(RuntimeCode.CONFLICT, message)
    held = {order.payment for order in orders if order.state == FeeState.PAYING and order.payment}
    for payment_id in sorted(held):
        payment = await session.get_one(PaymentRow, payment_id)
        if payment.expires_at <= now:
            continue
        if await order_numbers(session, payment_id) == tuple(order.number for order in orders):
            return payment
        message = f"Some of these orders are being paid in payment {payment.number}. Complete that one first."
        raise DomainError(RuntimeCode.CONFLICT, message)
    return None

"""Read fee orders, pay several in one payment, let the unpaid lapse.

A payment is decided first (our row, our key), made at the provider second, and what came of it is noted
third; a crash in between is mended by asking again with the same key, which the provider answers alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, false
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.fees.fee_store import order_of
from hub.fees.payment_provider import OrderToPay, PaymentProvider, PaymentRequest, ProviderFailure
from hub.people.who import may_read
from hub.storage.database import Database
from hub.tables.case import CaseRow
from hub.tables.fee import FeeOrderRow, PaymentOrderRow, PaymentRow
from schema.domain.case import UNDECIDED
from schema.domain.fee import OWED, FeeOrder, FeeState
from schema.domain.mandate import Power
from schema.domain.page import check_first
from schema.domain.payment import PAYMENT_SESSION, PaymentState
from schema.errors import DomainError, RuntimeCode

MAXIMUM_ORDERS = 50
MAXIMUM_PAYMENTS = 100
FIRST_POLL = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that the applicant can complete at ``pay_url`` until ``expires_at``; ``hold_ends_at`` is said
    of one whose money is held, or was."""

    number: str
    amount_fen: int
    pay_url: str | None
    expires_at: datetime
    state: PaymentState
    orders: tuple[str, ...]
    hold_ends_at: datetime | None = None


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
        is_theirs = actor.agency is not None and actor.subject == applicant
        if not is_theirs and not may_read(actor, applicant):
            raise DomainError(RuntimeCode.FORBIDDEN, "These are another person's fees.")
        statement = (
            select(FeeOrderRow)
            .where(col(FeeOrderRow.applicant) == applicant, *_payable(actor))
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
        try:
            payment, orders = await self._begin(actor, wanted, idempotency_key)
        except IntegrityError:
            # The same key came at the same moment, for other orders: now it is known.
            payment, orders = await self._begin(actor, wanted, idempotency_key)
        return await self.open_at_provider(payment, orders)

    async def payments_of(self, actor: Actor, first: int) -> tuple[Payment, ...]:
        """The actor's own payments, the newest first; those that the provider never got to know are none."""
        check_first(first, MAXIMUM_PAYMENTS)
        statement = (
            select(PaymentRow)
            .where(col(PaymentRow.payer) == actor.subject, col(PaymentRow.number).is_not(None))
            .order_by(col(PaymentRow.created_at).desc(), col(PaymentRow.id))
            .limit(first)
        )
        async with self._database.reading() as session:
            rows = (await session.exec(statement)).all()
            return tuple([payment_of(row, await order_numbers(session, row.id)) for row in rows])

    async def _begin(
        self, actor: Actor, numbers: Sequence[str], key: str | None
    ) -> tuple[PaymentRow, Sequence[FeeOrderRow]]:
        async with self._database.transaction() as session:
            orders = await _own_orders(session, actor, numbers)
            return await self._decide(session, actor, orders, key), orders

    async def open_at_provider(self, payment: PaymentRow, orders: Sequence[FeeOrderRow]) -> Payment:
        """Make the payment at the provider, or learn again what it made. Safe to repeat: the key is ours."""
        if payment.number is None:
            lines = tuple(OrderToPay(order.number, order.amount_fen, order.payee) for order in orders)
            request = PaymentRequest(payment.id, lines, payment.amount_fen, self._return_url, payment.is_to_hold)
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
        return payment_of(payment, tuple(order.number for order in orders))

    async def _decide(
        self, session: AsyncSession, actor: Actor, orders: Sequence[FeeOrderRow], key: str | None
    ) -> PaymentRow:
        now = self._clock.now()
        numbers = tuple(order.number for order in orders)
        repeated = await _payment_with_key(session, actor, key)
        if repeated is not None:
            if await order_numbers(session, repeated.id) != numbers:
                message = "This `idempotencyKey` was used for other fee orders. Use a new key for a new payment."
                raise DomainError(RuntimeCode.IDEMPOTENCY_KEY_REUSED, message)
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
            is_to_hold=self._provider.can_hold and await _waits_for_decision(session, orders),
        )
        session.add(payment)
        await session.flush()
        for order in orders:
            session.add(PaymentOrderRow(payment_id=payment.id, order_number=order.number))
            order.state, order.payment = FeeState.PAYING, payment.id
        return payment


def payment_of(row: PaymentRow, orders: tuple[str, ...]) -> Payment:
    state = PaymentState(row.state)
    number = row.number or ""
    return Payment(number, row.amount_fen, row.pay_url, row.expires_at, state, orders, row.hold_ends_at)


async def order_numbers(session: AsyncSession, payment_id: str) -> tuple[str, ...]:
    """The orders that a payment is for, sorted."""
    statement = select(PaymentOrderRow.order_number).where(col(PaymentOrderRow.payment_id) == payment_id)
    return tuple(sorted((await session.exec(statement)).all()))


async def _waits_for_decision(session: AsyncSession, orders: Sequence[FeeOrderRow]) -> bool:
    """Whether a case that these orders are for is not decided yet: its money is held rather than taken."""
    ids = col(CaseRow.id).in_({order.case_id for order in orders})
    waiting = select(CaseRow.id).where(ids, col(CaseRow.state).in_(UNDECIDED)).limit(1)
    return (await session.exec(waiting)).first() is not None


async def _own_orders(session: AsyncSession, actor: Actor, numbers: Sequence[str]) -> Sequence[FeeOrderRow]:
    statement = (
        select(FeeOrderRow)
        .where(col(FeeOrderRow.number).in_(numbers), col(FeeOrderRow.applicant) == actor.subject, *_payable(actor))
        .order_by(col(FeeOrderRow.number))
        .with_for_update()
    )
    orders = (await session.exec(statement)).all()
    missing = sorted(set(numbers) - {order.number for order in orders})
    if missing:
        raise DomainError(RuntimeCode.NOT_FOUND, f"You have no fee order {', '.join(missing)}.")
    return orders


def _payable(actor: Actor) -> list[ColumnElement[bool]]:
    """Which of a party's orders an agent sees and pays: those of cases that the mandate covers."""
    if actor.agency is None:
        return []
    scope = actor.agency.scope
    if Power.PAY_FEES not in scope.powers:
        return [false()]
    if not scope.items:
        return []
    covered = select(CaseRow.id).where(col(CaseRow.item_code).in_(sorted(scope.items)))
    return [col(FeeOrderRow.case_id).in_(covered)]


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
        if payment.expires_at <= now or not await _can_be_taken(session, payment):
            continue
        if await order_numbers(session, payment_id) == tuple(order.number for order in orders):
            return payment
        message = f"Some of these orders are being paid in payment {payment.number}. Complete that one first."
        raise DomainError(RuntimeCode.CONFLICT, message)
    return None


async def _can_be_taken(session: AsyncSession, payment: PaymentRow) -> bool:
    """Whether all of its orders are still owed: else its money would only go back, and nobody waits for it."""
    numbers = col(FeeOrderRow.number).in_(await order_numbers(session, payment.id))
    states = (await session.exec(select(FeeOrderRow.state).where(numbers))).all()
    return all(FeeState(state) in OWED for state in states)

"""Money arrives: told by the provider's callback or found by asking, once in effect, in any order.

The order is paid, the case moves on, finance and the department hear of it: one transaction. A double,
late or out-of-order report finds the payment in its last state and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.clock import Clock
from hub import case_store
from hub.catalogue import CatalogueStore
from hub.database import Database
from hub.fees import Fees, order_numbers
from hub.payment_provider import PaymentProvider, ProviderFailure, ReportedState
from hub.people import People, identity_number
from hub.tables.case import CaseRow
from hub.tables.fee import FeeOrderRow, PaymentRow
from hub.wakeups import Wakeups
from schema.domain import case_flow
from schema.domain.case import ImpossibleTransition
from schema.domain.catalogue import Catalogue
from schema.domain.fee import OWED, Arrival, FeeState, PaymentState, arrival
from schema.domain.service_item import Step
from schema.errors import DomainError

log = structlog.get_logger(__name__)

POLL_INTERVAL = timedelta(seconds=5)
SLOW_POLL_INTERVAL = timedelta(minutes=5)
WATCHED_AFTER_EXPIRY = timedelta(days=1)
"""How long an ended session is still asked about: money may arrive late."""


class Payments:
    """What becomes of payments after they were begun."""

    def __init__(
        self,
        database: Database,
        catalogue: CatalogueStore,
        people: People,
        fees: Fees,
        provider: PaymentProvider,
        clock: Clock,
        wakeups: Wakeups,
        *,
        finance_department: str,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._people = people
        self._fees = fees
        self._provider = provider
        self._clock = clock
        self._wakeups = wakeups
        self._finance = finance_department

    async def money_arrived(self, number: str, amount_fen: int, paid_at: datetime) -> Arrival | None:
        """Take note of a paid payment; ``None`` when we know no payment of this number."""
        catalogue = await self._catalogue.current()
        payer = await self._payer(number)
        if payer is None:
            return None
        id_number = await identity_number(self._people, payer)
        async with self._database.transaction() as session:
            statement = select(PaymentRow).where(col(PaymentRow.number) == number).with_for_update()
            payment = (await session.exec(statement)).one()
            orders = await _orders_of(session, payment)
            states = [FeeState(order.state) for order in orders]
            meaning = arrival(PaymentState(payment.state), payment.amount_fen, amount_fen, states)
            if meaning is Arrival.TAKE:
                await self._take(session, payment, orders, paid_at, catalogue, id_number)
            elif meaning is Arrival.REFUND:
                payment.state, payment.paid_at = PaymentState.TO_REFUND, paid_at
        self._wakeups.outbox.set()
        level = log.warning if meaning in {Arrival.WRONG_AMOUNT, Arrival.REFUND} else log.info
        level("payment report", payment=number, meaning=meaning.value)
        return meaning

    async def poll(self, limit: int = 20) -> int:
        """Ask the provider about payments whose time has come; how many were asked about."""
        now = self._clock.now()
        state, open_states = col(PaymentRow.state), (PaymentState.CREATED, PaymentState.OPEN)
        just_ended = (state == PaymentState.EXPIRED) & (col(PaymentRow.expires_at) > now - WATCHED_AFTER_EXPIRY)
        watched = state.in_(open_states) | just_ended
        statement = select(PaymentRow).where(watched, col(PaymentRow.next_poll_at) <= now).limit(limit)
        async with self._database.reading() as session:
            due = (await session.exec(statement)).all()
        for payment in due:
            try:
                await self._ask(payment, now)
            except (ProviderFailure, DomainError) as failure:
                log.warning("payment provider does not answer", payment=payment.id, why=str(failure))
        return len(due)

    async def _ask(self, payment: PaymentRow, now: datetime) -> None:
        await self._postpone(payment, now)
        if payment.number is None and payment.expires_at <= now:
            await self._expire(payment)  # nobody was ever given an address to pay at
            return
        if payment.number is None:
            async with self._database.reading() as session:
                orders = await _orders_of(session, payment, lock=False)
            await self._fees.open_at_provider(payment, orders)
            return
        report = await self._provider.report(payment.number)
        if report.state is ReportedState.PAID:
            await self.money_arrived(payment.number, report.amount_fen, report.paid_at or now)
        elif report.state is ReportedState.EXPIRED or payment.expires_at <= now:
            await self._expire(payment)

    async def _postpone(self, payment: PaymentRow, now: datetime) -> None:
        ended = payment.state == PaymentState.EXPIRED
        async with self._database.transaction() as session:
            row = await session.get_one(PaymentRow, payment.id, with_for_update=True)
            row.next_poll_at = now + (SLOW_POLL_INTERVAL if ended else POLL_INTERVAL)

    async def _expire(self, payment: PaymentRow) -> None:
        """The session ended unpaid: the orders are due again."""
        async with self._database.transaction() as session:
            row = await session.get_one(PaymentRow, payment.id, with_for_update=True)
            if row.state not in {PaymentState.CREATED, PaymentState.OPEN}:
                return
            row.state = PaymentState.EXPIRED
            for order in await _orders_of(session, row):
                if order.state == FeeState.PAYING and order.payment == row.id:
                    order.state, order.payment = FeeState.DUE, None

    async def _payer(self, number: str) -> str | None:
        async with self._database.reading() as session:
            statement = select(PaymentRow.payer).where(col(PaymentRow.number) == number)
            return (await session.exec(statement)).first()

    async def _take(
        self,
        session: AsyncSession,
        payment: PaymentRow,
        orders: Sequence[FeeOrderRow],
        paid_at: datetime,
        catalogue: Catalogue,
        id_number: str,
    ) -> None:
        payment.state, payment.paid_at = PaymentState.PAID, paid_at
        for order in orders:
            order.state, order.paid_at, order.payment = FeeState.PAID, paid_at, payment.id
        await session.flush()
        for order in orders:
            await self._move_case(session, order, payment, catalogue, id_number)

    async def _move_case(
        self, session: AsyncSession, order: FeeOrderRow, payment: PaymentRow, catalogue: Catalogue, id_number: str
    ) -> None:
        now = self._clock.now()
        row = await session.get_one(CaseRow, order.case_id, with_for_update=True)
        case, item = case_store.case_of(row), catalogue.item_version(row.item_code, row.item_version)
        still_owed = select(FeeOrderRow.number).where(
            col(FeeOrderRow.case_id) == case.id, col(FeeOrderRow.state).in_(sorted(OWED))
        )
        owed = len((await session.exec(still_owed)).all())
        try:
            progress = case_flow.fee_paid(case, item, order.number, order.amount_fen, owed, now)
        except ImpossibleTransition as refused:
            case_store.refuse(session, refused, "cashier", now)
        else:
            setting = case_store.Setting(catalogue, item, id_number, row.form)
            await case_store.record(session, row, progress, setting)
        settle = catalogue.command(self._finance, Step.SETTLE_FEE)
        if settle is not None:
            case_store.send_settlement(session, settle, self._finance, order, case, payment.number or payment.id)


async def _orders_of(session: AsyncSession, payment: PaymentRow, *, lock: bool = True) -> Sequence[FeeOrderRow]:
    numbers = await order_numbers(session, payment.id)
    statement = select(FeeOrderRow).where(col(FeeOrderRow.number).in_(numbers)).order_by(col(FeeOrderRow.number))
    return (await session.exec(statement.with_for_update() if lock else statement)).all()

"""Money arrives, or is held: told by the provider's callback or found by asking, once in effect, in any order.

The order is paid, the case moves on, finance and the department hear of it: one transaction. Of money that is held
the case is told, and decides at once what of it is earned already. A double, late or out-of-order report finds the
payment in its last state and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.fees.books import book
from hub.fees.fee_store import order_of, orders_of_case
from hub.fees.fees import Fees, order_numbers
from hub.fees.hold_store import order_command, void_whole
from hub.fees.payment_provider import Hold, PaymentProvider, ProviderFailure, ReportedState
from hub.fees.settlement import Setting, mark_paid, move_case, tell_finance
from hub.people.people import People, identity_number
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.case import CaseRow
from hub.tables.fee import FeeOrderRow, PaymentRow, RefundRow
from schema.domain import ledger
from schema.domain.case import Case
from schema.domain.case_flow import Progress
from schema.domain.fee import FeeState
from schema.domain.fee_flow import FeesLeft, PaidFee, fees_authorised, fees_paid
from schema.domain.hold import HoldAct, HoldGround, ends_soon
from schema.domain.payment import SETTLED, Arrival, PaymentState, arrival
from schema.domain.refund import RefundGround, RefundState
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
        """Take note of a paid payment; ``None`` when we know no payment of this number.

        A provider calls again and again until it is answered, also when we are slow: what is known already costs
        one look and no lock, so that its repetitions cannot hold up what is new.
        """
        return await self._told(number, amount_fen, paid_at)

    async def money_held(self, number: str, amount_fen: int, hold: Hold) -> Arrival | None:
        """Take note of a payment whose money is held; ``None`` when we know no payment of this number."""
        return await self._told(number, amount_fen, hold)

    async def _told(self, number: str, amount_fen: int, money: datetime | Hold) -> Arrival | None:
        known = await self._known(number)
        if known is None:
            return None
        payer, state = known
        if state in SETTLED:
            return Arrival.REPEATED
        catalogue = await self._catalogue.current()
        setting = Setting(catalogue, await identity_number(self._people, payer), self._finance)
        async with self._database.transaction() as session:
            statement = select(PaymentRow).where(col(PaymentRow.number) == number).with_for_update(key_share=True)
            payment = (await session.exec(statement)).one()
            cases = await _locked_cases(session, payment)
            orders = await orders_of_payment(session, payment, lock=True)
            states = [FeeState(order.state) for order in orders]
            meaning = arrival(PaymentState(payment.state), payment.amount_fen, amount_fen, states)
            if meaning is Arrival.TAKE and isinstance(money, Hold):
                await self._hold(session, payment, money, orders, cases, setting)
            elif meaning is Arrival.TAKE and isinstance(money, datetime):
                await self._take(session, payment, money, orders, cases, setting)
            elif meaning is Arrival.REFUND:
                _release(payment, orders)
                _send_back(session, payment, money, self._now)
        self._wakeups.outbox.set()
        level = log.warning if meaning in {Arrival.WRONG_AMOUNT, Arrival.REFUND} else log.info
        level("payment report", payment=number, meaning=meaning.value, held=isinstance(money, Hold))
        return meaning

    async def poll(self, limit: int = 20) -> int:
        """Ask the provider about payments whose time has come; how many were asked about."""
        now = self._clock.now()
        statement = select(PaymentRow).where(_watched(now), col(PaymentRow.next_poll_at) <= now).limit(limit)
        async with self._database.reading() as session:
            due = (await session.exec(statement)).all()
        for payment in due:
            try:
                await self._ask(payment, now)
            except (ProviderFailure, DomainError) as failure:
                log.warning("payment provider does not answer", payment=payment.id, why=str(failure))
        return len(due)

    async def ask_now(self, payment_id: str, *, held: bool) -> bool:
        """Ask about one payment now; whether its money is here after that, or was ``held``. Raises
        :class:`ProviderFailure`."""
        async with self._database.reading() as session:
            payment = await session.get_one(PaymentRow, payment_id)
        await self._ask(payment, self._now)
        async with self._database.reading() as session:
            payment = await session.get_one(PaymentRow, payment_id)
        return PaymentState(payment.state) in SETTLED and (payment.authorised_at is not None) == held

    async def next_poll(self) -> timedelta | None:
        """How long from now the provider need not be asked about any payment; ``None`` where none is watched."""
        now = self._clock.now()
        async with self._database.reading() as session:
            first = (await session.exec(select(func.min(PaymentRow.next_poll_at)).where(_watched(now)))).one()
        return first - now if first is not None else None

    async def _ask(self, payment: PaymentRow, now: datetime) -> None:
        await self._postpone(payment, now)
        if payment.number is None and payment.expires_at <= now:
            await self._expire(payment)  # nobody was ever given an address to pay at
            return
        if payment.number is None:
            async with self._database.reading() as session:
                orders = await orders_of_payment(session, payment)
            await self._fees.open_at_provider(payment, orders)
            return
        report = await self._provider.report(payment.number)
        if report.hold is not None:
            await self.money_held(payment.number, report.amount_fen, report.hold)
        elif report.state is ReportedState.PAID:
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
            _release(row, await orders_of_payment(session, row, lock=True))

    async def _known(self, number: str) -> tuple[str, PaymentState] | None:
        """Who pays, and how the payment stood just now."""
        async with self._database.reading() as session:
            statement = select(PaymentRow.payer, PaymentRow.state).where(col(PaymentRow.number) == number)
            found = (await session.exec(statement)).first()
        return (found[0], PaymentState(found[1])) if found else None

    async def _take(
        self,
        session: AsyncSession,
        payment: PaymentRow,
        paid_at: datetime,
        orders: Sequence[FeeOrderRow],
        cases: Sequence[CaseRow],
        setting: Setting,
    ) -> None:
        """The orders are paid, booked and told to finance; then each of their cases moves on."""
        payment.state, payment.paid_at = PaymentState.PAID, paid_at
        mark_paid(session, payment, orders, paid_at)
        await session.flush()
        owed = ((each.payee, each.amount_fen) for each in orders)
        book(session, ledger.payment_taken(payment.id, owed), self._now)
        for row in cases:
            paid = [order for order in orders if order.case_id == row.id]
            left = FeesLeft.of([order_of(each) for each in await orders_of_case(session, row.id)])
            await move_case(session, row, _paid(paid, left, self._now), setting, self._now)
            tell_finance(session, row, payment, paid, setting)

    async def _hold(
        self,
        session: AsyncSession,
        payment: PaymentRow,
        hold: Hold,
        orders: Sequence[FeeOrderRow],
        cases: Sequence[CaseRow],
        setting: Setting,
    ) -> None:
        """Nothing is taken yet: each case is told, and what of it is earned already follows from that."""
        payment.state, payment.authorised_at, payment.hold_ends_at = (
            PaymentState.AUTHORISED,
            hold.authorised_at,
            hold.ends_at,
        )
        for order in orders:
            order.state, order.payment, order.hold_ends_at = FeeState.AUTHORISED, payment.id, hold.ends_at
        await session.flush()
        book(session, ledger.payment_held(payment.id, payment.amount_fen), self._now)
        for row in cases:
            held = [order for order in orders if order.case_id == row.id]
            left = FeesLeft.of([order_of(each) for each in await orders_of_case(session, row.id)])
            await move_case(session, row, _held(held, left, hold.ends_at, self._now), setting, self._now)
            for order in held:
                if order.state == FeeState.AUTHORISED and ends_soon(hold.ends_at, self._now):
                    order_command(session, order, HoldAct.CAPTURE, HoldGround.HOLD_ENDS, self._now)

    @property
    def _now(self) -> datetime:
        return self._clock.now()


def _release(payment: PaymentRow, orders: Sequence[FeeOrderRow]) -> None:
    """Nothing will come of this payment: what it had in hand and is still owed can be paid anew."""
    for order in orders:
        if order.state == FeeState.PAYING and order.payment == payment.id:
            order.state, order.payment = FeeState.DUE, None


def _paid(orders: Sequence[FeeOrderRow], left: FeesLeft, at: datetime) -> Callable[[Case], Progress]:
    fees = [PaidFee(order.number, order.amount_fen) for order in orders]
    return lambda case: fees_paid(case, fees, left, at)


def _held(
    orders: Sequence[FeeOrderRow], left: FeesLeft, ends_at: datetime, at: datetime
) -> Callable[[Case], Progress]:
    fees = [PaidFee(order.number, order.amount_fen) for order in orders]
    others = FeesLeft(left.unsettled - len(fees), left.to_pay)
    return lambda case: fees_authorised(case, fees, others, ends_at, at)


def _send_back(session: AsyncSession, payment: PaymentRow, money: datetime | Hold, at: datetime) -> None:
    """Money that nobody owes: it goes back by itself, once, or is let go where it is held."""
    if isinstance(money, Hold):
        payment.state, payment.authorised_at = PaymentState.TO_VOID, money.authorised_at
        payment.hold_ends_at = money.ends_at
        book(session, ledger.payment_held(payment.id, payment.amount_fen), at)
        void_whole(session, payment, at)
        return
    payment.state, payment.paid_at = PaymentState.TO_REFUND, money
    key = str(uuid5(NAMESPACE_URL, f"jiyi:refund/{RefundGround.NOT_OWED}/{payment.id}"))
    book(session, ledger.payment_not_owed(payment.id, payment.amount_fen), at)
    refund = RefundRow(
        id=key,
        payment_id=payment.id,
        amount_fen=payment.amount_fen,
        ground=RefundGround.NOT_OWED,
        reason="The money came when these fees were not owed any more.",
        state=RefundState.ORDERED,
        ordered_at=at,
        next_ask_at=at,
    )
    session.add(refund)
    book(session, ledger.refund_ordered(key, None, payment.amount_fen), at)


def _watched(now: datetime) -> ColumnElement[bool]:
    """What the provider is asked about: sessions that are open, and those that just ended."""
    state, open_states = col(PaymentRow.state), (PaymentState.CREATED, PaymentState.OPEN)
    just_ended = (state == PaymentState.EXPIRED) & (col(PaymentRow.expires_at) > now - WATCHED_AFTER_EXPIRY)
    return state.in_(open_states) | just_ended


async def _locked_cases(session: AsyncSession, payment: PaymentRow) -> Sequence[CaseRow]:
    """The cases whose orders it is for: locked before the orders, as everywhere."""
    ids = sorted({order.case_id for order in await orders_of_payment(session, payment)})
    statement = select(CaseRow).where(col(CaseRow.id).in_(ids)).order_by(col(CaseRow.id)).with_for_update()
    return (await session.exec(statement)).all()


async def orders_of_payment(
    session: AsyncSession, payment: PaymentRow, *, lock: bool = False
) -> Sequence[FeeOrderRow]:
    numbers = await order_numbers(session, payment.id)
    statement = select(FeeOrderRow).where(col(FeeOrderRow.number).in_(numbers)).order_by(col(FeeOrderRow.number))
    statement = statement.execution_options(populate_existing=True)
    return (await session.exec(statement.with_for_update() if lock else statement)).all()

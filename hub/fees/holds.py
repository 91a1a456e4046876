"""Held money is taken or let go: decided with the case, done by the provider, once, and noted with what follows.

A command is a row before anything is asked: its id is the key under which the provider does it once, so that
asking again, also after a crash, is harmless. What the provider answers, or calls back, is noted once.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.fees.asking import Asking
from hub.fees.books import book
from hub.fees.fee_store import order_of, orders_of_case
from hub.fees.hold_store import order_command
from hub.fees.payment_provider import HoldReport, HoldRequest, PaymentProvider
from hub.fees.settlement import Setting, mark_paid, move_case, tell_finance
from hub.notices.notices import citizen, department_desk, put_notice
from hub.people.people import People, identity_number
from hub.people.who import may_keep_fees
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.case import CaseRow
from hub.tables.fee import FeeOrderRow, HoldCommandRow, PaymentRow
from schema.domain import ledger
from schema.domain.case import CaseState
from schema.domain.fee import FEE_DUE, FeeState
from schema.domain.fee_flow import FeesLeft, fee_captured, fee_hold_lost, fee_voided
from schema.domain.hold import (
    TAKEN_BEFORE_END,
    HoldAct,
    HoldCommand,
    HoldCommandState,
    HoldGround,
    state_after_refused_capture,
    state_of_payment,
)
from schema.domain.notice import NoticeKind, NoticeText, hold_lost, hold_not_voided, hold_taken_early, hold_voided
from schema.domain.page import check_first
from schema.domain.payment import PaymentState
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

MAXIMUM_SHOWN = 200
_ORDERED = HoldCommandState.ORDERED


class Holds(Asking[HoldCommandRow]):
    """Every method that a person reaches is told who asks."""

    def __init__(
        self,
        database: Database,
        catalogue: CatalogueStore,
        people: People,
        provider: PaymentProvider,
        clock: Clock,
        wakeups: Wakeups,
        *,
        finance_department: str,
    ) -> None:
        super().__init__(database, clock, HoldCommandRow, "payment provider does not act on a hold")
        self._catalogue = catalogue
        self._people = people
        self._provider = provider
        self._wakeups = wakeups
        self._finance = finance_department

    async def list(self, actor: Actor, state: HoldCommandState | None, first: int) -> tuple[HoldCommand, ...]:
        """What was, or is to be, taken and let go, for those who keep the fees, the newest first."""
        if not may_keep_fees(actor, self._finance):
            raise DomainError(RuntimeCode.FORBIDDEN, "Only who keeps the fees may see what is done with holds.")
        check_first(first, MAXIMUM_SHOWN)
        newest = col(HoldCommandRow.ordered_at).desc(), col(HoldCommandRow.id)
        statement = select(HoldCommandRow).order_by(*newest).limit(first)
        if state is not None:
            statement = statement.where(col(HoldCommandRow.state) == state)
        async with self._database.reading() as session:
            return tuple(command_of(row) for row in (await session.exec(statement)).all())

    async def take_before_end(self, limit: int = 50) -> int:
        """Take what is held for cases that go on and would be let go soon; how many orders."""
        ends_by = self._clock.now() + TAKEN_BEFORE_END
        statement = select(FeeOrderRow.number, FeeOrderRow.case_id).where(
            col(FeeOrderRow.state) == FeeState.AUTHORISED, col(FeeOrderRow.hold_ends_at) <= ends_by
        )
        async with self._database.reading() as session:
            ending = (await session.exec(statement.limit(limit))).all()
        for number, case_id in ending:
            async with self._database.transaction() as session:
                await session.get_one(CaseRow, case_id, with_for_update=True)
                order = await session.get_one(FeeOrderRow, number, with_for_update=True)
                if order.state == FeeState.AUTHORISED:
                    now = self._clock.now()
                    order_command(session, order, HoldAct.CAPTURE, HoldGround.HOLD_ENDS, now)
        return len(ending)

    async def _ask(self, row: HoldCommandRow, payment: str | None) -> None:
        request = HoldRequest(row.id, HoldAct(row.act), payment or "", row.amount_fen, row.order_number)
        await self.reported(await self._provider.act_on_hold(request))

    async def reported(self, report: HoldReport) -> bool | None:
        """Take note of how a command stands; ``None`` when the key is not ours, ``False`` when nothing is new."""
        known = await self._known(report.key)
        if known is None:
            return None
        payer, state = known
        if state != _ORDERED or report.state is _ORDERED:
            return False
        catalogue = await self._catalogue.current()
        setting = Setting(catalogue, await identity_number(self._people, payer), self._finance)
        async with self._database.transaction() as session:
            command = await session.get_one(HoldCommandRow, report.key, with_for_update=True)
            if command.state != _ORDERED:
                return False
            if (command.amount_fen, command.act) != (report.amount_fen, report.act):
                log.warning("a hold was reported with another amount or act", command=command.id)
                return False
            await self._end(session, command, report, setting)
        self._wakeups.outbox.set()
        log.info("hold report", command=report.key, act=report.act.value, state=report.state.value)
        return True

    async def _end(
        self, session: AsyncSession, command: HoldCommandRow, report: HoldReport, setting: Setting
    ) -> None:
        now = self._clock.now()
        command.state, command.refusal = report.state, report.refusal
        if report.state is HoldCommandState.DONE:
            command.done_at = report.done_at or now
        # A decision that has the case writes a row that refers to the payment: it must not wait for this lock.
        payment = await session.get_one(PaymentRow, command.payment_id, with_for_update={"key_share": True})
        if command.order_number is None:
            self._note_void(session, command, payment.payer, now)
            return
        order = await session.get_one(FeeOrderRow, command.order_number)
        row = await session.get_one(CaseRow, order.case_id, with_for_update=True)
        await session.refresh(order, with_for_update=True)
        if command.act == HoldAct.VOID:
            self._note_void(session, command, payment.payer, now)
            await self._let_go(session, row, order, setting)
        elif command.state == HoldCommandState.DONE:
            await self._taken(session, row, order, command, payment, setting)
        else:
            await self._lost(session, row, order, command, setting)
        await self._note_payment(session, payment)

    async def _taken(
        self,
        session: AsyncSession,
        row: CaseRow,
        order: FeeOrderRow,
        command: HoldCommandRow,
        payment: PaymentRow,
        setting: Setting,
    ) -> None:
        """From now on it is a fee that was paid."""
        now, taken_at = self._clock.now(), command.done_at or self._clock.now()
        payment.paid_at = payment.paid_at or taken_at
        mark_paid(session, payment, [order], taken_at)
        await session.flush()
        book(session, ledger.hold_captured(command.id, order.payee, command.amount_fen), now)
        left, ground = await _left(session, row), HoldGround(command.ground)
        number, fen = order.number, command.amount_fen
        await move_case(
            session, row, lambda case: fee_captured(case, number, fen, ground, left, now), setting, now
        )
        tell_finance(session, row, payment, [order], setting)
        if ground is HoldGround.HOLD_ENDS:
            _tell(session, citizen(payment.payer), command, "early", hold_taken_early(number, fen), now)

    async def _let_go(self, session: AsyncSession, row: CaseRow, order: FeeOrderRow, setting: Setting) -> None:
        now, number, fen = self._clock.now(), order.number, order.amount_fen
        order.state, order.hold_ends_at = FeeState.VOIDED, None
        await session.flush()
        await move_case(session, row, lambda case: fee_voided(case, number, fen, now), setting, now)

    async def _lost(
        self, session: AsyncSession, row: CaseRow, order: FeeOrderRow, command: HoldCommandRow, setting: Setting
    ) -> None:
        """Nothing was taken. The applicant has to pay again, where the case still goes on or was granted."""
        now, number, fen = self._clock.now(), order.number, order.amount_fen
        book(session, ledger.hold_ended(command.id, fen), now)
        case_state = CaseState(row.state)
        order.state = state_after_refused_capture(case_state)
        order.hold_ends_at = None
        if order.state == FeeState.VOIDED:
            await session.flush()
            await move_case(session, row, lambda case: fee_voided(case, number, fen, now), setting, now)
            return
        order.payment = None
        order.due_at = now + FEE_DUE if case_state is CaseState.APPROVED else None
        await session.flush()
        left = await _left(session, row)
        await move_case(session, row, lambda case: fee_hold_lost(case, number, fen, left, now), setting, now)
        _tell(session, citizen(order.applicant), command, "lost", hold_lost(number, fen), now)

    def _note_void(self, session: AsyncSession, command: HoldCommandRow, payer: str, now: datetime) -> None:
        """Where the provider will not let it go, it ends by itself; whoever keeps the fees is told."""
        book(session, ledger.hold_ended(command.id, command.amount_fen), now)
        order, fen = command.order_number or "-", command.amount_fen
        if command.state == HoldCommandState.DONE:
            _tell(session, citizen(payer), command, "voided", hold_voided(order, fen), now)
            return
        text = hold_not_voided(order, fen, command.refusal or "-")
        _tell(session, department_desk(self._finance), command, "refused", text, now)

    async def _note_payment(self, session: AsyncSession, payment: PaymentRow) -> None:
        """Whether each part of what was held was taken or let go by now."""
        if payment.state != PaymentState.AUTHORISED:
            return
        await session.flush()
        commands = select(HoldCommandRow).where(col(HoldCommandRow.payment_id) == payment.id)
        payment.state = state_of_payment(
            payment.amount_fen,
            [
                (HoldAct(each.act), each.amount_fen, HoldCommandState(each.state))
                for each in (await session.exec(commands)).all()
            ],
        )

    async def _known(self, key: str) -> tuple[str, str] | None:
        """Who paid, and how the command stood just now."""
        statement = (
            select(PaymentRow.payer, HoldCommandRow.state)
            .join(HoldCommandRow, col(HoldCommandRow.payment_id) == col(PaymentRow.id))
            .where(col(HoldCommandRow.id) == key)
        )
        async with self._database.reading() as session:
            return (await session.exec(statement)).first()


def command_of(row: HoldCommandRow) -> HoldCommand:
    return HoldCommand(
        id=row.id,
        payment=row.payment_id,
        order=row.order_number,
        act=HoldAct(row.act),
        amount_fen=row.amount_fen,
        ground=HoldGround(row.ground),
        state=HoldCommandState(row.state),
        ordered_at=row.ordered_at,
        done_at=row.done_at,
        refusal=row.refusal,
    )


def _tell(
    session: AsyncSession, recipient: str, command: HoldCommandRow, what: str, text: NoticeText, at: datetime
) -> None:
    """Once of each command."""
    put_notice(session, recipient, NoticeKind.FEE, f"hold/{command.id}/{what}", text, at)


async def _left(session: AsyncSession, row: CaseRow) -> FeesLeft:
    return FeesLeft.of([order_of(each) for each in await orders_of_case(session, row.id)])

"""Money goes back: decided here or by a case's end, made by the provider, once, and noted with all that follows.

A refund is a row before anything is asked: its id is the key under which the provider never pays back twice, so
that asking again, also after a crash, is harmless. What the provider answers, or calls back, is noted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid4, uuid5

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.cases import case_store
from hub.catalogue.catalogue import CatalogueStore
from hub.fees.asking import Asking
from hub.fees.books import book
from hub.fees.fee_receipts import reversal_receipt
from hub.fees.fee_store import order_of, order_refund
from hub.fees.payment_provider import PaymentProvider, RefundReport, RefundRequest
from hub.notices.notices import citizen, department_desk, put_notice
from hub.people.who import may_keep_fees
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.case import CaseRow
from hub.tables.fee import FeeOrderRow, PaymentRow, RefundRow
from schema.domain import ledger
from schema.domain.case_flow import Progress
from schema.domain.fee_flow import refund_done, refund_ordered
from schema.domain.notice import NoticeKind, refund_ended
from schema.domain.page import check_first
from schema.domain.refund import (
    Refund,
    RefundGround,
    RefundState,
    refund_problem,
    state_after_refunds,
)
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

LONGEST_REASON = 500
MAXIMUM_SHOWN = 200


class Refunds(Asking[RefundRow]):
    """Every method that a person reaches is told who asks."""

    def __init__(
        self,
        database: Database,
        catalogue: CatalogueStore,
        provider: PaymentProvider,
        clock: Clock,
        wakeups: Wakeups,
        *,
        finance_department: str,
    ) -> None:
        super().__init__(database, clock, RefundRow, "payment provider does not refund")
        self._catalogue = catalogue
        self._provider = provider
        self._wakeups = wakeups
        self._finance = finance_department

    async def order(
        self, actor: Actor, number: str, amount_fen: int | None, reason: str, key: str | None = None
    ) -> Refund:
        """An officer sends a paid order back, all that is left of it or this much. One key makes one refund."""
        if not 0 < len(reason.strip()) <= LONGEST_REASON:
            raise DomainError(
                RuntimeCode.BAD_USER_INPUT, f"Give a `reason` of at most {LONGEST_REASON} characters."
            )
        catalogue, now = await self._catalogue.current(), self._clock.now()
        refund_id = str(uuid5(NAMESPACE_URL, f"jiyi:refund/{actor.subject}/{key}") if key else uuid4())
        async with self._database.transaction() as session:
            order = await session.get(FeeOrderRow, number)
            if order is None or not self._may_refund(actor, catalogue.department(order.payee)):
                raise DomainError(RuntimeCode.NOT_FOUND, f"There is no fee order {number} that you may refund.")
            if order.applicant == actor.subject:
                raise DomainError(RuntimeCode.FORBIDDEN, "Nobody refunds a fee of their own. Ask a colleague.")
            row = await session.get_one(CaseRow, order.case_id, with_for_update=True)
            await session.refresh(order, with_for_update=True)
            before = await session.get(RefundRow, refund_id)
            if before is not None:
                return _repeated(before, number, amount_fen)
            fen = order.amount_fen - order.refunded_fen if amount_fen is None else amount_fen
            if problem := refund_problem(order_of(order), fen):
                raise DomainError(RuntimeCode.CONFLICT, problem)
            case = case_store.case_of(row)
            progress = refund_ordered(case, order_of(order), fen, reason.strip(), actor.subject, now)
            made = order_refund(
                session, order, refund_id, fen, RefundGround.OFFICER, reason.strip(), actor.subject, now
            )
            await self._record(session, row, progress)
            refund = refund_of(made)
        self._wakeups.outbox.set()
        return refund

    async def list(self, actor: Actor, state: RefundState | None, first: int) -> tuple[Refund, ...]:
        """Refunds for those who keep the fees, the newest first."""
        if not may_keep_fees(actor, self._finance):
            raise DomainError(RuntimeCode.FORBIDDEN, "Only who keeps the fees may see all refunds.")
        check_first(first, MAXIMUM_SHOWN)
        statement = select(RefundRow).order_by(col(RefundRow.ordered_at).desc(), col(RefundRow.id)).limit(first)
        if state is not None:
            statement = statement.where(col(RefundRow.state) == state)
        async with self._database.reading() as session:
            return tuple(refund_of(row) for row in (await session.exec(statement)).all())

    async def of_orders(self, numbers: Sequence[str]) -> dict[str, tuple[Refund, ...]]:
        """The refunds of orders that the caller was allowed to read."""
        statement = (
            select(RefundRow)
            .where(col(RefundRow.order_number).in_(numbers))
            .order_by(col(RefundRow.ordered_at), col(RefundRow.id))
        )
        found: dict[str, list[Refund]] = {number: [] for number in numbers}
        async with self._database.reading() as session:
            for row in (await session.exec(statement)).all():
                found[row.order_number or ""].append(refund_of(row))
        return {number: tuple(refunds) for number, refunds in found.items()}

    async def _ask(self, row: RefundRow, payment: str | None) -> None:
        request = RefundRequest(row.id, payment or "", row.amount_fen, row.ground)
        await self.reported(await self._provider.refund(request))

    async def reported(self, report: RefundReport) -> bool | None:
        """Take note of how a refund stands; ``None`` when the key is not ours, ``False`` when nothing is new."""
        async with self._database.transaction() as session:
            refund = await session.get(RefundRow, report.key, with_for_update=True)
            if refund is None:
                return None
            if refund.state != RefundState.ORDERED or report.state is RefundState.ORDERED:
                return False
            if refund.amount_fen != report.amount_fen:
                log.warning("a refund was reported with another amount", refund=refund.id)
                return False
            await self._end(session, refund, report)
        self._wakeups.outbox.set()
        log.info("refund report", refund=report.key, state=report.state.value)
        return True

    async def _end(self, session: AsyncSession, refund: RefundRow, report: RefundReport) -> None:
        now = self._clock.now()
        refund.state, refund.refusal = report.state, report.refusal
        await self._tell_finance(session, refund, now)
        if report.state is RefundState.DONE:
            refund.done_at = report.done_at or now
            book(session, ledger.refund_done(refund.id, refund.amount_fen), now)
        else:
            book(session, ledger.refund_refused(refund.id, refund.payee, refund.amount_fen), now)
        if refund.order_number is None:
            return
        order = await session.get_one(FeeOrderRow, refund.order_number)
        row = await session.get_one(CaseRow, order.case_id, with_for_update=True)
        await session.refresh(order, with_for_update=True)
        statement = select(RefundRow).where(col(RefundRow.order_number) == order.number)
        all_of_it = [(each.amount_fen, RefundState(each.state)) for each in (await session.exec(statement)).all()]
        order.state, order.refunded_fen = state_after_refunds(order.amount_fen, all_of_it)
        if report.state is RefundState.DONE:
            reversal_receipt(session, refund.id, order.number, refund.amount_fen)
            progress = refund_done(case_store.case_of(row), order.number, refund.amount_fen, now)
            await self._record(session, row, progress)

    async def _tell_finance(self, session: AsyncSession, refund: RefundRow, now: datetime) -> None:
        """Whoever keeps the fees reads of each refund that is done or refused; its payer of one that is done."""
        is_done = refund.state == RefundState.DONE
        text = refund_ended(
            refund.order_number or "-", refund.amount_fen, None if is_done else refund.refusal or "-"
        )
        key = f"refund/{refund.id}/{refund.state}"
        put_notice(session, department_desk(self._finance), NoticeKind.REFUND, key, text, now)
        payer = (await session.get_one(PaymentRow, refund.payment_id)).payer
        if is_done:
            put_notice(session, citizen(payer), NoticeKind.REFUND, key, text, now)

    async def _record(self, session: AsyncSession, row: CaseRow, progress: Progress) -> None:
        catalogue = await self._catalogue.current()
        item = catalogue.item_version(row.item_code, row.item_version)
        await case_store.record(session, row, progress, case_store.Setting(catalogue, item))

    def _may_refund(self, actor: Actor, department: str | None) -> bool:
        """The payee's own officers for its fees, and those who keep all of them."""
        return may_keep_fees(actor, self._finance) or may_keep_fees(actor, department)


def refund_of(row: RefundRow) -> Refund:
    return Refund(
        id=row.id,
        payment=row.payment_id,
        order=row.order_number,
        payee=row.payee,
        amount_fen=row.amount_fen,
        ground=RefundGround(row.ground),
        reason=row.reason,
        state=RefundState(row.state),
        ordered_at=row.ordered_at,
        ordered_by=row.ordered_by,
        done_at=row.done_at,
        refusal=row.refusal,
    )


def _repeated(row: RefundRow, number: str, amount_fen: int | None) -> Refund:
    if row.order_number != number or (amount_fen is not None and row.amount_fen != amount_fen):
        message = "This `idempotencyKey` was used for another refund. Use a new key for a new refund."
        raise DomainError(RuntimeCode.IDEMPOTENCY_KEY_REUSED, message)
    return refund_of(row)

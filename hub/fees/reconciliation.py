"""Daily reconciliation: our books of a day against the provider's statement, kept with each difference by name.

The worker compares each day once it is over, an officer any day at any time. What differs only because a call was
missed is mended by asking; the rest waits for an officer's explanation, which a later comparison of the day keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid4, uuid5

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.fees.books import Books, read_books
from hub.fees.holds import Holds
from hub.fees.payment_provider import PaymentProvider, ProviderFailure
from hub.fees.payments import Payments
from hub.fees.refunds import Refunds
from hub.fees.settled_movements import held_numbers, holds_left, movements_of
from hub.people.who import may_keep_fees
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.fee import ReconciliationDifferenceRow, ReconciliationRow
from schema.domain.page import check_first
from schema.domain.reconciliation import Difference, DifferenceKind, MovementKind, Reconciliation, reconcile
from schema.domain.working_days import day_of
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

WORKER = "worker"
STATEMENT_READY = timedelta(minutes=30)
"""How long after midnight in Beijing the provider's statement of the day before is asked for."""
LOOKS_BACK_DAYS = 7
MAXIMUM_SHOWN = 90
LONGEST_EXPLANATION = 1000


class DifferenceState(StrEnum):
    OPEN = "OPEN"
    MENDED = "MENDED"
    """The provider was asked, and what was missed is noted now."""
    EXPLAINED = "EXPLAINED"


@dataclass(frozen=True, slots=True)
class DayReconciliation:
    """One comparison with its differences, the open ones first."""

    row: ReconciliationRow
    differences: tuple[ReconciliationDifferenceRow, ...]


class Reconciliations:
    """Every method that a person reaches is told who asks."""

    def __init__(
        self,
        database: Database,
        provider: PaymentProvider,
        payments: Payments,
        refunds: Refunds,
        holds: Holds,
        clock: Clock,
        finance_department: str,
    ) -> None:
        self._database = database
        self._provider = provider
        self._payments = payments
        self._refunds = refunds
        self._holds = holds
        self._clock = clock
        self._finance = finance_department

    async def reconcile(self, actor: Actor, day: date) -> DayReconciliation:
        """Compare a day that has begun, now."""
        self._check(actor)
        if day > day_of(self._clock.now()):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"{day} has not begun yet. Name a day that has.")
        try:
            return await self._run(day, actor.subject, str(uuid4()))
        except ProviderFailure as failure:
            message = f"The cashier gives no statement now. Try again in a moment. ({failure})"
            raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, message) from failure

    async def reconcile_past_days(self) -> int:
        """The worker's step: the days of the last week that were not compared yet; how many are now."""
        last = day_of(self._clock.now() - STATEMENT_READY) - timedelta(days=1)
        days = [last - timedelta(days=back) for back in reversed(range(LOOKS_BACK_DAYS))]
        statement = select(ReconciliationRow).where(
            col(ReconciliationRow.by) == WORKER, col(ReconciliationRow.day) >= days[0]
        )
        async with self._database.reading() as session:
            done = {row.day for row in (await session.exec(statement)).all()}
        # What lies before the first comparison is not looked for: the hub may not have been there.
        waiting = [day for day in days if day not in done and day > min(done)] if done else [last]
        for day in waiting:
            try:
                await self._run(day, WORKER, str(uuid5(NAMESPACE_URL, f"jiyi:reconciliation/{day}")))
            except ProviderFailure as failure:
                log.warning("no statement from the payment provider", day=day.isoformat(), why=str(failure))
                return 0
        return len(waiting)

    async def newest(self, actor: Actor, first: int) -> tuple[DayReconciliation, ...]:
        """The last comparisons, the newest first."""
        self._check(actor)
        check_first(first, MAXIMUM_SHOWN)
        statement = select(ReconciliationRow).order_by(col(ReconciliationRow.at).desc(), col(ReconciliationRow.id))
        async with self._database.reading() as session:
            rows = (await session.exec(statement.limit(first))).all()
            found = await _differences(session, [row.id for row in rows])
        return tuple(DayReconciliation(row, tuple(found.get(row.id, ()))) for row in rows)

    async def explain(self, actor: Actor, id: str, explanation: str) -> ReconciliationDifferenceRow:
        """An officer says what an open difference is, once it is known."""
        self._check(actor)
        text = explanation.strip()
        if not 0 < len(text) <= LONGEST_EXPLANATION:
            message = f"Give an `explanation` of at most {LONGEST_EXPLANATION} characters."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        async with self._database.transaction() as session:
            row = await session.get(ReconciliationDifferenceRow, id, with_for_update=True)
            if row is None:
                raise DomainError(RuntimeCode.NOT_FOUND, "There is no such difference.")
            if row.state != DifferenceState.OPEN:
                raise DomainError(RuntimeCode.CONFLICT, f"This difference is {row.state} already.")
            row.state, row.explanation = DifferenceState.EXPLAINED, text
            row.explained_by, row.explained_at = actor.subject, self._clock.now()
            return row

    async def books(self, actor: Actor) -> Books:
        """The balances of all accounts, and what is wrong with them."""
        self._check(actor)
        async with self._database.reading() as session:
            return await read_books(session)

    async def _run(self, day: date, by: str, id: str) -> DayReconciliation:
        statement = await self._provider.statement(day)
        async with self._database.reading() as session:
            here = await movements_of(session, day, statement)
            left, held = await holds_left(session, self._clock.now()), await held_numbers(session, statement)
        result = await asyncio.to_thread(reconcile, here, statement, left, held)
        mended = {each for each in result.differences if await self._mends(each)}
        async with self._database.transaction() as session:
            before = await _explained_before(session, day)
            row = _row(id, day, by, result, self._clock.now())
            if await insert_if_absent(session, ReconciliationRow, row.model_dump()):
                session.add_all(_difference_row(row, each, each in mended, before) for each in result.differences)
        log.info("reconciled", day=day.isoformat(), differences=len(result.differences), mended=len(mended))
        async with self._database.reading() as session:
            kept = await session.get_one(ReconciliationRow, id)
            return DayReconciliation(kept, tuple((await _differences(session, [id])).get(id, ())))

    async def _mends(self, difference: Difference) -> bool:
        """Whether asking the provider settles it: a call of theirs was missed, nothing else is wrong."""
        if difference.kind is not DifferenceKind.STATE_DIFFERS:
            return False
        try:
            match difference.movement:
                case MovementKind.PAYMENT | MovementKind.AUTHORISATION:
                    is_held = difference.movement is MovementKind.AUTHORISATION
                    return await self._payments.ask_now(difference.key, held=is_held)
                case MovementKind.CAPTURE | MovementKind.VOID:
                    return await self._holds.ask_now(difference.key)
                case MovementKind.REFUND:
                    return await self._refunds.ask_now(difference.key)
        except (ProviderFailure, DomainError) as failure:
            log.warning("a difference could not be asked about", number=difference.number, why=str(failure))
            return False

    def _check(self, actor: Actor) -> None:
        if not may_keep_fees(actor, self._finance):
            message = "Only finance's officers and operators see the books and their differences."
            raise DomainError(RuntimeCode.FORBIDDEN, message)


async def _differences(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[ReconciliationDifferenceRow]]:
    statement = select(ReconciliationDifferenceRow).where(
        col(ReconciliationDifferenceRow.reconciliation_id).in_(ids)
    )
    found: dict[str, list[ReconciliationDifferenceRow]] = {}
    rows = (await session.exec(statement)).all()
    for row in sorted(rows, key=lambda each: (each.state != DifferenceState.OPEN, each.kind, each.number)):
        found.setdefault(row.reconciliation_id, []).append(row)
    return found


async def _explained_before(
    session: AsyncSession, day: date
) -> dict[tuple[str, str, str], ReconciliationDifferenceRow]:
    """What an earlier comparison of the day has an explanation for."""
    statement = select(ReconciliationDifferenceRow).where(
        col(ReconciliationDifferenceRow.day) == day,
        col(ReconciliationDifferenceRow.state) == DifferenceState.EXPLAINED,
    )
    return {(row.kind, row.movement, row.number): row for row in (await session.exec(statement)).all()}


def _row(id: str, day: date, by: str, result: Reconciliation, at: datetime) -> ReconciliationRow:
    return ReconciliationRow(
        id=id,
        day=day,
        at=at,
        by=by,
        movements_here=result.movements_here,
        movements_there=result.movements_there,
        amount_here_fen=result.amount_here_fen,
        amount_there_fen=result.amount_there_fen,
    )


def _difference_row(
    row: ReconciliationRow,
    difference: Difference,
    is_mended: bool,
    before: dict[tuple[str, str, str], ReconciliationDifferenceRow],
) -> ReconciliationDifferenceRow:
    known = before.get((difference.kind, difference.movement, difference.number))
    state = DifferenceState.MENDED if is_mended else DifferenceState.EXPLAINED if known else DifferenceState.OPEN
    return ReconciliationDifferenceRow(
        id=str(uuid5(NAMESPACE_URL, f"{row.id}/{difference.kind}/{difference.movement}/{difference.key}")),
        reconciliation_id=row.id,
        day=row.day,
        kind=difference.kind,
        movement=difference.movement,
        number=difference.number,
        here=difference.here,
        there=difference.there,
        state=state,
        explanation=known.explanation if known else None,
        explained_by=known.explained_by if known else None,
        explained_at=known.explained_at if known else None,
    )

"""The movements of money of one day in Beijing as we have them, those that a statement names of other days, and
what is held still though it was decided about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.tables.case import CaseRow
from hub.tables.fee import FeeOrderRow, HoldCommandRow, PaymentRow, RefundRow
from schema.domain.case import FINISHED, CaseState
from schema.domain.fee import FeeState
from schema.domain.hold import HoldAct, HoldCommandState
from schema.domain.payment import PaymentState
from schema.domain.reconciliation import Movement, MovementKind
from schema.domain.refund import RefundState
from schema.domain.working_days import beginning_of, end_of

KEYS_AT_ONCE = 500
Columns = tuple[Any, ...]
DONE_WITHIN = timedelta(days=1)
"""A provider that has not taken or let go what it was told to within this time is spoken to."""
_TAKEN_AT_ONCE = (PaymentState.PAID, PaymentState.TO_REFUND)


async def movements_of(session: AsyncSession, day: date, statement: Sequence[Movement]) -> list[Movement]:
    """Columns are read, not rows: a day may have a hundred thousand."""
    begin, end = beginning_of(day), end_of(day)
    here: list[Movement] = []
    for source in _SOURCES.values():
        of_day = source.statement.where(*source.is_settled, source.at >= begin, source.at < end)
        here += [source.movement(*row) for row in await session.exec(of_day)]
    known = {(each.kind, each.key) for each in here}
    unknown = [each for each in statement if (each.kind, each.key) not in known]
    for kind, source in _SOURCES.items():
        for keys in _chunks(sorted({each.key for each in unknown if each.kind is kind})):
            rows = await session.exec(source.statement.where(source.key.in_(keys)))
            here += [source.movement(*row) for row in rows]
    return here


async def held_numbers(session: AsyncSession, statement: Sequence[Movement]) -> frozenset[str]:
    """Of the payments that the statement says were captured, those that we know to be held, or to have been."""
    found: set[str] = set()
    captured = sorted({each.number for each in statement if each.kind is MovementKind.CAPTURE})
    for numbers in _chunks(captured):
        held = col(PaymentRow.number).in_(numbers), col(PaymentRow.authorised_at).is_not(None)
        found.update(number for number in await session.exec(select(PaymentRow.number).where(*held)) if number)
    return frozenset(found)


async def holds_left(session: AsyncSession, now: datetime) -> list[Movement]:
    """What is held of a case that is decided, and what the provider was told of long ago and has not done."""
    decided = col(CaseRow.state).in_((*FINISHED, CaseState.APPROVED))
    undecided_about = (
        select(FeeOrderRow.number, PaymentRow.number, FeeOrderRow.amount_fen, FeeOrderRow.state)
        .join(CaseRow, col(CaseRow.id) == col(FeeOrderRow.case_id))
        .join(PaymentRow, col(PaymentRow.id) == col(FeeOrderRow.payment))
        .where(col(FeeOrderRow.state) == FeeState.AUTHORISED, decided)
    )
    state = col(HoldCommandRow.state)
    late = (state == HoldCommandState.ORDERED) & (col(HoldCommandRow.ordered_at) < now - DONE_WITHIN)
    not_done = (
        select(HoldCommandRow.id, PaymentRow.number, HoldCommandRow.amount_fen, HoldCommandRow.act)
        .join(PaymentRow, col(PaymentRow.id) == col(HoldCommandRow.payment_id))
        .where(or_(late, (state == HoldCommandState.REFUSED) & (col(HoldCommandRow.act) == HoldAct.VOID)))
        .where(col(PaymentRow.hold_ends_at) > now)
    )
    rows = [*await session.exec(undecided_about), *await session.exec(not_done)]
    return [
        Movement(MovementKind.AUTHORISATION, key, number or key, fen, state=said)
        for key, number, fen, said in rows
    ]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where movements of one kind are read: their columns, what makes one settled, and when it was."""

    kind: MovementKind
    statement: Any
    key: Any
    at: Any
    is_settled: tuple[Any, ...]
    settled_states: frozenset[str]

    def movement(self, id: str, number: str | None, amount_fen: int, state: str, is_of_kind: bool) -> Movement:
        return Movement(
            self.kind, id, number or id, amount_fen, is_of_kind and state in self.settled_states, state
        )


def _payments(kind: MovementKind, at: Any, is_of_kind: Any, states: Iterable[PaymentState]) -> _Source:
    columns: Columns = (PaymentRow.id, PaymentRow.number, PaymentRow.amount_fen, PaymentRow.state, is_of_kind)
    settled = frozenset(states)
    is_settled = is_of_kind, col(PaymentRow.state).in_(settled)
    return _Source(kind, select(*columns), col(PaymentRow.id), at, is_settled, settled)


def _commands(kind: MovementKind, act: HoldAct) -> _Source:
    row, is_of_kind = HoldCommandRow, col(HoldCommandRow.act) == act
    columns: Columns = (row.id, PaymentRow.number, row.amount_fen, row.state, is_of_kind)
    statement = select(*columns).join(PaymentRow, col(PaymentRow.id) == col(row.payment_id))
    is_settled = is_of_kind, col(row.state) == HoldCommandState.DONE
    return _Source(kind, statement, col(row.id), col(row.done_at), is_settled, frozenset({HoldCommandState.DONE}))


def _refunds() -> _Source:
    row, done = RefundRow, col(RefundRow.state) == RefundState.DONE
    columns: Columns = (row.id, PaymentRow.number, row.amount_fen, row.state, col(row.id).is_not(None))
    statement = select(*columns).join(PaymentRow, col(PaymentRow.id) == col(row.payment_id))
    settled = frozenset({RefundState.DONE})
    return _Source(MovementKind.REFUND, statement, col(row.id), col(row.done_at), (done,), settled)


_AT_ONCE = col(PaymentRow.authorised_at).is_(None)
_HELD = col(PaymentRow.authorised_at).is_not(None)
_WAS_HELD = (PaymentState.AUTHORISED, PaymentState.PAID, PaymentState.VOIDED, PaymentState.TO_VOID)
_SOURCES: Mapping[MovementKind, _Source] = {
    each.kind: each
    for each in (
        _payments(MovementKind.PAYMENT, col(PaymentRow.paid_at), _AT_ONCE, _TAKEN_AT_ONCE),
        _payments(MovementKind.AUTHORISATION, col(PaymentRow.authorised_at), _HELD, _WAS_HELD),
        _commands(MovementKind.CAPTURE, HoldAct.CAPTURE),
        _commands(MovementKind.VOID, HoldAct.VOID),
        _refunds(),
    )
}


def _chunks(keys: Sequence[str]) -> Iterator[Iterable[str]]:
    return (keys[begin : begin + KEYS_AT_ONCE] for begin in range(0, len(keys), KEYS_AT_ONCE))

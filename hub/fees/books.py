"""The books of all fees as rows: entries are written in the transaction of what they tell of, once.

Source: ``schema.domain.ledger``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.tables.fee import FeeOrderRow, HoldCommandRow, LedgerPostingRow, PaymentRow, RefundRow
from schema.domain import ledger
from schema.domain.fee import FeeState
from schema.domain.hold import HoldAct, HoldCommandState
from schema.domain.ledger import Entry
from schema.domain.payment import PaymentState
from schema.domain.refund import RefundState


@dataclass(frozen=True, slots=True)
class Account:
    """What an account holds, in fen: money we have is positive, money we owe is negative."""

    name: str
    balance_fen: int


@dataclass(frozen=True, slots=True)
class Books:
    """All accounts, and what is wrong with them: nothing, unless somebody wrote into the tables by hand."""

    accounts: tuple[Account, ...]
    problems: tuple[str, ...]


def book(session: AsyncSession, entry: Entry, at: datetime) -> None:
    """Write an entry. Booked twice it fails the transaction: whoever books has looked under a lock before."""
    for posting in entry.postings:
        row = LedgerPostingRow(entry=entry.key, account=posting.account, amount_fen=posting.amount_fen, at=at)
        session.add(row)


async def read_books(session: AsyncSession) -> Books:
    """Balances, held against the payments, orders and refunds that they must follow from."""
    statement = select(LedgerPostingRow.account, _total(LedgerPostingRow.amount_fen)).group_by(
        col(LedgerPostingRow.account)
    )
    held = {account: int(fen) for account, fen in (await session.exec(statement)).all()}
    wanted = await _wanted(session)
    problems = [f"all accounts together are off by {off} fen"] if (off := sum(held.values())) else []
    problems += [
        f"account {name} holds {held.get(name, 0)} fen, its orders and refunds come to {wanted.get(name, 0)}"
        for name in sorted(held.keys() | wanted.keys())
        if held.get(name, 0) != wanted.get(name, 0)
    ]
    return Books(tuple(Account(name, fen) for name, fen in sorted(held.items())), tuple(problems))


async def _wanted(session: AsyncSession) -> dict[str, int]:
    """What each account must hold, computed from the states alone."""
    arrived, held = await _arrived(session), await _held(session)
    live = col(RefundRow.state) != RefundState.REFUSED
    back = select(_total(RefundRow.amount_fen)).where(col(RefundRow.state) == RefundState.DONE)
    waiting = select(_total(RefundRow.amount_fen)).where(col(RefundRow.state) == RefundState.ORDERED)
    unowed = select(_total(PaymentRow.amount_fen)).where(col(PaymentRow.state) == PaymentState.TO_REFUND)
    unowed_back = select(_total(RefundRow.amount_fen)).where(live, col(RefundRow.order_number).is_(None))
    wanted = {
        ledger.HOLDS: held,
        ledger.PLEDGED: -held,
        ledger.CASHIER: arrived - await _sum(session, back),
        ledger.REFUNDS: -await _sum(session, waiting),
        ledger.UNOWED: await _sum(session, unowed_back) - await _sum(session, unowed),
    }
    paid = col(FeeOrderRow.state).in_((FeeState.PAID, FeeState.REFUNDING, FeeState.REFUNDED))
    owed = _total(FeeOrderRow.amount_fen) - _total(FeeOrderRow.refunded_fen)
    statement = select(FeeOrderRow.payee, owed).where(paid).group_by(col(FeeOrderRow.payee))
    for payee, fen in (await session.exec(statement)).all():
        wanted[ledger.payee_account(payee)] = -int(fen)
    return wanted


async def _arrived(session: AsyncSession) -> int:
    """What was paid at once, and what was taken of holds."""
    state, is_captured = col(PaymentRow.state), col(HoldCommandRow.act) == HoldAct.CAPTURE
    at_once = col(PaymentRow.authorised_at).is_(None), state.in_((PaymentState.PAID, PaymentState.TO_REFUND))
    captured = is_captured, col(HoldCommandRow.state) == HoldCommandState.DONE
    paid = await _sum(session, select(_total(PaymentRow.amount_fen)).where(*at_once))
    return paid + await _sum(session, select(_total(HoldCommandRow.amount_fen)).where(*captured))


async def _held(session: AsyncSession) -> int:
    """What is held still: neither taken nor let go."""
    held = select(_total(PaymentRow.amount_fen)).where(col(PaymentRow.authorised_at).is_not(None))
    is_over = col(HoldCommandRow.state) != HoldCommandState.ORDERED
    return await _sum(session, held) - await _sum(
        session, select(_total(HoldCommandRow.amount_fen)).where(is_over)
    )


def _total(column: int) -> Any:
    """``column`` is a table's attribute, which is a column only at run time."""
    return func.coalesce(func.sum(col(column)), 0)


async def _sum(session: AsyncSession, statement: Any) -> int:
    return int((await session.exec(statement)).one())

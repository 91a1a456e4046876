"""Receipts of fees as rows: due with the payment or refund, numbered and signed by the worker soon after.

A receipt is due from the transaction in which its money moved, so that none is forgotten. The series of a year is
locked while numbers are given out, so that none is left out or given twice, on any number of workers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.keys import KeyRing
from auth.signed_licences import sign
from connectors.clock import Clock
from hub.fees.fee_store import order_of
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.fee import FeeOrderRow, FeeReceiptRow, FeeReceiptSeriesRow, PaymentRow
from schema.domain.fee_receipt import RECEIPT_TYPE, FeeReceipt, receipt_claims, receipt_number
from schema.domain.working_days import day_of

Keys = Callable[[], Awaitable[KeyRing]]


def order_receipt(session: AsyncSession, order: FeeOrderRow) -> None:
    """The order was paid: its receipt is due."""
    row = FeeReceiptRow(subject=f"order/{order.number}", order_number=order.number, amount_fen=order.amount_fen)
    session.add(row)


def reversal_receipt(session: AsyncSession, refund: str, order_number: str, amount_fen: int) -> None:
    """A refund of the order is done: its receipt is due."""
    session.add(FeeReceiptRow(subject=f"refund/{refund}", order_number=order_number, amount_fen=-amount_fen))


class FeeReceipts:
    def __init__(self, database: Database, keys: Keys, clock: Clock, issuer: str) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._issuer = issuer

    async def issue(self, limit: int = 50) -> int:
        """Number and sign what is due; how many."""
        due = (
            select(FeeReceiptRow)
            .where(col(FeeReceiptRow.issued_at).is_(None))
            .order_by(col(FeeReceiptRow.subject))
        )
        async with self._database.reading() as session:
            if (await session.exec(due.limit(1))).first() is None:
                return 0
        ring, now = await self._keys(), self._clock.now()
        async with self._database.transaction() as session:
            series = await _locked_series(session, day_of(now).year)
            rows = (await session.exec(due.limit(limit).with_for_update())).all()
            for row in rows:
                series.last += 1
                row.number, row.issued_at = receipt_number(series.year, series.last), now
                row.signed = await self._signed(session, row, ring, now)
        return len(rows)

    async def of_orders(self, numbers: Sequence[str]) -> dict[str, tuple[FeeReceipt, ...]]:
        """Receipts of orders that the caller was allowed to read, as far as they are given out."""
        statement = (
            select(FeeReceiptRow)
            .where(col(FeeReceiptRow.order_number).in_(numbers), col(FeeReceiptRow.issued_at).is_not(None))
            .order_by(col(FeeReceiptRow.number))
        )
        found: dict[str, list[FeeReceipt]] = {number: [] for number in numbers}
        async with self._database.reading() as session:
            for row in (await session.exec(statement)).all():
                found[row.order_number].append(receipt_of(row))
        return {number: tuple(receipts) for number, receipts in found.items()}

    async def _signed(self, session: AsyncSession, row: FeeReceiptRow, ring: KeyRing, at: datetime) -> str:
        order = await session.get_one(FeeOrderRow, row.order_number)
        payment = await session.get_one(PaymentRow, order.payment)
        number = payment.number or payment.id
        claims = receipt_claims(self._issuer, row.number or "", order_of(order), number, row.amount_fen, at)
        return sign(ring.current, RECEIPT_TYPE, claims)


def receipt_of(row: FeeReceiptRow) -> FeeReceipt:
    if row.number is None or row.issued_at is None or row.signed is None:
        raise ValueError(f"The receipt of {row.subject} is not given out yet.")
    return FeeReceipt(row.number, row.order_number, row.amount_fen, row.issued_at, row.signed)


async def _locked_series(session: AsyncSession, year: int) -> FeeReceiptSeriesRow:
    await insert_if_absent(session, FeeReceiptSeriesRow, {"year": year, "last": 0})
    statement = select(FeeReceiptSeriesRow).where(col(FeeReceiptSeriesRow.year) == year).with_for_update()
    return (await session.exec(statement)).one()

"""Ask the payment provider about what it was told to do and has not done yet: again and again, ever less often.

A row is that something is to be done; its id is the key under which the provider does it once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog
from sqlmodel import col, func, select

from connectors.clock import Clock
from hub.fees.payment_provider import ProviderFailure
from hub.storage.database import Database
from hub.tables.fee import HoldCommandRow, PaymentRow, RefundRow

log = structlog.get_logger(__name__)

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
ORDERED = "ORDERED"
DONE = "DONE"
Asked = TypeVar("Asked", RefundRow, HoldCommandRow)


def pause_after(asked: int) -> timedelta:
    """``asked`` is how often it was asked before."""
    doublings: int = 2 ** min(asked, 12)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


class Asking(ABC, Generic[Asked]):
    """The base of what has one table of them. ``unanswered`` is what the log says where the provider fails."""

    def __init__(self, database: Database, clock: Clock, table: type[Asked], unanswered: str) -> None:
        self._database = database
        self._clock = clock
        self._table: type[Asked] = table
        self._unanswered = unanswered

    @abstractmethod
    async def _ask(self, row: Asked, payment: str | None) -> None:
        """About a part of the payment that has this number there; note the answer. Raises ``ProviderFailure``."""

    async def step(self, limit: int = 20) -> int:
        """Ask about those whose time has come; how many."""
        table, now = self._table, self._clock.now()
        due = (
            select(table, PaymentRow.number)
            .join(PaymentRow, col(PaymentRow.id) == col(table.payment_id))
            .where(col(table.state) == ORDERED, col(table.next_ask_at) <= now)
            .order_by(col(table.next_ask_at))
            .limit(limit)
        )
        async with self._database.reading() as session:
            waiting = (await session.exec(due)).all()
        for row, payment in waiting:
            await self._postpone(row.id, now)
            try:
                await self._ask(row, payment)
            except ProviderFailure as failure:
                log.warning(self._unanswered, id=row.id, why=str(failure))
        return len(waiting)

    async def next_ask(self) -> timedelta | None:
        """How long from now nothing need be asked; ``None`` where nothing is open."""
        waiting = select(func.min(self._table.next_ask_at)).where(col(self._table.state) == ORDERED)
        async with self._database.reading() as session:
            first = (await session.exec(waiting)).one()
        return first - self._clock.now() if first is not None else None

    async def ask_now(self, id: str) -> bool:
        """Ask about one now; whether it is done after that. Raises :class:`ProviderFailure`."""
        async with self._database.reading() as session:
            row = await session.get_one(self._table, id)
            payment = await session.get_one(PaymentRow, row.payment_id)
        await self._ask(row, payment.number)
        async with self._database.reading() as session:
            row = await session.get_one(self._table, id)
        return str(row.state) == DONE

    async def _postpone(self, id: str, now: datetime) -> None:
        async with self._database.transaction() as session:
            row = await session.get_one(self._table, id, with_for_update=True)
            row.next_ask_at = now + pause_after(row.asked)
            row.asked += 1

"""What happens by itself: unpaid fees lapse, and what was only kept for a time is deleted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col, select

from connectors.clock import Clock
from hub.cases import case_store
from hub.catalogue.catalogue import CatalogueStore
from hub.storage.change_feed import forget_changes
from hub.storage.database import Database
from hub.storage.forgetting import forget_old
from hub.storage.wakeups import Wakeups
from hub.tables.case import CaseDraftRow, CaseRow
from hub.tables.enquiry import EnquiryRow
from hub.tables.fee import FeeOrderRow
from hub.tables.inbox import SeenRow
from hub.tables.outbox import OutboxRow
from hub.tables.watch import AlertRow
from schema.domain import case_flow
from schema.domain.case import ImpossibleTransition
from schema.domain.enquiry import OPEN
from schema.domain.fee import FEE_DUE, FeeState

KEPT_FOR = timedelta(days=30)
"""How long doubles are recognised and changes can be read again."""


class Deadlines:
    """Steps that the worker takes now and then; each may be taken twice without harm."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._wakeups = wakeups

    async def lapse_unpaid(self, limit: int = 50) -> int:
        """Close cases whose fee was due and is not being paid; how many orders ended so."""
        now = self._clock.now()
        overdue = select(FeeOrderRow.number).where(
            col(FeeOrderRow.state) == FeeState.DUE, col(FeeOrderRow.due_at) <= now
        )
        async with self._database.reading() as session:
            numbers = (await session.exec(overdue.limit(limit))).all()
        for number in numbers:
            await self._lapse(number)
        return len(numbers)

    async def forget(self) -> None:
        """Delete drafts, seen ids, finished messages, placed changes and callers' numbers that are older than is
        promised."""
        before = self._clock.now() - KEPT_FOR
        for table, at in (
            (SeenRow, col(SeenRow.at)),
            (OutboxRow, col(OutboxRow.done_at)),
            (CaseDraftRow, col(CaseDraftRow.saved_at)),
            (AlertRow, col(AlertRow.created_at)),
        ):
            await forget_old(self._database, table, at < before)
        await forget_changes(self._database, before)
        async with self._database.transaction() as session:
            called = (col(EnquiryRow.callback).is_not(None), col(EnquiryRow.state).not_in(OPEN))
            old = update(EnquiryRow).where(*called, col(EnquiryRow.updated_at) < before)
            await session.exec(old.values(callback=None))

    async def _lapse(self, number: str) -> None:
        catalogue = await self._catalogue.current()
        async with self._database.transaction() as session:
            now = self._clock.now()
            order = await session.get_one(FeeOrderRow, number)
            row = await session.get_one(CaseRow, order.case_id, with_for_update=True)
            await session.refresh(order, with_for_update=True)
            if order.state != FeeState.DUE:
                return
            order.state = FeeState.EXPIRED
            item = catalogue.item_version(row.item_code, row.item_version)
            reason = f"Fee order {number} was not paid within {FEE_DUE.days} days."
            try:
                progress = case_flow.lapse(case_store.case_of(row), reason, now)
            except ImpossibleTransition as refused:
                case_store.refuse(session, refused, "system", now)
                return
            await case_store.record(session, row, progress, case_store.Setting(catalogue, item))
        self._wakeups.outbox.set()

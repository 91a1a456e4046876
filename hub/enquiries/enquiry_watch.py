"""The worker's eye on enquiries: cards at their moment, complaints that close, dates that another calendar moves.

Any number of workers may watch: each takes an enquiry under its lock and finds it done where another was faster.
"""

from __future__ import annotations

from sqlalchemy import or_
from sqlmodel import col, select

from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.enquiries import enquiry_store
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.enquiry import EnquiryRow
from schema.domain.enquiry import OPEN, EnquiryActor, EnquiryEventType, EnquiryStep, transition

BATCH = 100


class EnquiryWatch:
    """``look`` is taken every few seconds, and may be taken twice without harm."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._wakeups = wakeups

    async def look(self) -> int:
        """Take care of the enquiries whose moment has come; how many there were."""
        version = (await self._catalogue.current()).timing.calendar.version
        recounted = col(EnquiryRow.state).in_(OPEN) & (col(EnquiryRow.calendar_version) < version)
        due = select(EnquiryRow.id).where(or_(col(EnquiryRow.clock_at) <= self._clock.now(), recounted))
        async with self._database.reading() as session:
            ids = (await session.exec(due.order_by(col(EnquiryRow.clock_at)).limit(BATCH))).all()
        for each in ids:
            await self._take_care(each)
        if ids:
            self._wakeups.outbox.set()
        return len(ids)

    async def _take_care(self, id: str) -> None:
        timing, now = (await self._catalogue.current()).timing, self._clock.now()
        async with self._database.transaction() as session:
            statement = select(EnquiryRow).where(col(EnquiryRow.id) == id).with_for_update(skip_locked=True)
            row = (await session.exec(statement)).first()
            if row is None:
                return
            moments = await enquiry_store.wind(session, row, timing)
            if row.state in OPEN:
                await enquiry_store.raise_cards(session, row, moments, now)
                row.clock_seen = now
                await enquiry_store.wind(session, row, timing)
            elif row.clock_at is not None and row.clock_at <= now:
                # The one moment of an answered complaint: nobody reopened it in time.
                step = EnquiryStep(EnquiryEventType.CLOSED, EnquiryActor.SYSTEM, now)
                after, event = transition(enquiry_store.enquiry_of(row), step)
                await enquiry_store.record(session, row, after, event, timing)

"""Move one enquiry by one step: read it under a lock, decide, write. Whoever may not know of it is told that there
is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.enquiries import enquiry_store
from hub.enquiries.enquiry_access import may_know, no_such_enquiry
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.enquiry import EnquiryRow
from schema.domain.catalogue import Catalogue
from schema.domain.enquiry import Enquiry, EnquiryStep, ImpossibleStep, transition
from schema.errors import DomainError, RuntimeCode


@dataclass(frozen=True, slots=True)
class Before:
    """What a decision sees."""

    session: AsyncSession
    row: EnquiryRow
    enquiry: Enquiry
    catalogue: Catalogue
    at: datetime


Decide = Callable[[Before], Awaitable[EnquiryStep]]
"""Raises :class:`DomainError` for who may not."""


class EnquiryMoves:
    """The one road on which enquiries move."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock, wakeups: Wakeups) -> None:
        self.database = database
        self.catalogue = catalogue
        self.clock = clock
        self.wakeups = wakeups

    async def move(self, actor: Actor, enquiry: str, decide: Decide) -> EnquiryRow:
        """The enquiry after the step. Raises ``DomainError``: NOT_FOUND, FORBIDDEN, INVALID_TRANSITION."""
        catalogue = await self.catalogue.current()
        async with self.database.transaction() as session:
            row = await enquiry_store.find(session, enquiry, lock=True)
            if row is None or not may_know(actor, enquiry_store.enquiry_of(row)):
                raise no_such_enquiry()
            before = Before(session, row, enquiry_store.enquiry_of(row), catalogue, self.clock.now())
            step = await decide(before)
            try:
                after, event = transition(before.enquiry, step)
            except ImpossibleStep as refused:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
            await enquiry_store.record(session, row, after, event, catalogue.timing)
        self.wakeups.outbox.set()
        return row

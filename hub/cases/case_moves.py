"""Move one case by one decision: read it under a lock, decide, write, or keep the trace of a refusal.

Whoever may not know of a case is told that there is none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.clock import Clock
from hub.cases import case_store
from hub.cases.case_steps import take_due_steps
from hub.catalogue.catalogue import CatalogueStore
from hub.people.people import People
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.case import CaseRow
from schema.domain.case import Case, CaseActor, ImpossibleTransition
from schema.domain.case_flow import Progress
from schema.domain.catalogue import Catalogue
from schema.domain.service_item import ServiceItem
from schema.errors import DomainError, RuntimeCode


@dataclass(frozen=True, slots=True)
class Before:
    """What a decision sees: the case as it stands, its item, its row, and the moment."""

    session: AsyncSession
    row: CaseRow
    case: Case
    item: ServiceItem
    at: datetime
    catalogue: Catalogue


Decide = Callable[[Before], Awaitable[Progress]]
"""Raises :class:`DomainError` for who may not, :class:`ImpossibleTransition` for what cannot be."""


class CaseMoves:
    """The one road on which persons move a case."""

    def __init__(
        self, database: Database, catalogue: CatalogueStore, people: People, clock: Clock, wakeups: Wakeups
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._people = people
        self._clock = clock
        self._wakeups = wakeups

    async def move(self, case: str, decide: Decide, actor: CaseActor) -> Case:
        """The case after the decision. Raises :class:`DomainError`; what is impossible leaves a trace."""
        catalogue = await self._catalogue.current()
        async with self._database.transaction() as session:
            row = await case_store.find(session, case, lock=True)
            if row is None:
                raise no_such_case()
            item, at = catalogue.item_version(row.item_code, row.item_version), self._clock.now()
            number = await self._people.identity_of(row.applicant)
            setting = case_store.Setting(catalogue, item, number or "", row.form)
            # A limit that has passed counts before what comes after it, be the worker late.
            await take_due_steps(session, row, setting, at)
            before = Before(session, row, case_store.case_of(row), item, at, catalogue)
            try:
                outcome: Progress | ImpossibleTransition = await decide(before)
            except ImpossibleTransition as refused:
                outcome = refused
            if isinstance(outcome, ImpossibleTransition):
                case_store.refuse(session, outcome, actor, before.at)
            else:
                after = await case_store.record(session, row, outcome, replace(setting, form=row.form))
        if isinstance(outcome, ImpossibleTransition):
            raise DomainError(RuntimeCode.INVALID_TRANSITION, str(outcome)) from None
        self._wakeups.outbox.set()
        return after


def no_such_case() -> DomainError:
    """For a case that is not there, and for one that the actor may not know of."""
    return DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")

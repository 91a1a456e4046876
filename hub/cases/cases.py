"""File and read cases.

``submit_case`` is one transaction: case, first event, outbox row; the receipt number is there at once and
the department hears of it later. Nobody sees that another person's case exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from auth.actor import Actor
from auth.agency import Agency
from auth.roles import OFFICER
from connectors.clock import Clock
from hub.cases import case_pages, case_store
from hub.cases.case_content import content_problems, wrong_content
from hub.cases.case_filing import CaseFiling, Filed, Submission
from hub.catalogue.catalogue import CatalogueStore
from hub.materials.material_references import graded
from hub.people.people import People, identity_number
from hub.people.who import may_act, may_read, may_read_case, operator
from hub.storage.change_feed import Change
from hub.storage.database import Database
from hub.storage.shared_reads import SharedReads
from hub.storage.wakeups import Wakeups
from hub.tables.case import CaseRefusalRow, CaseRow
from schema.domain.case import Case, CaseEvent, Channel, fold
from schema.domain.catalogue import Catalogue
from schema.domain.form_problem import FormProblem
from schema.domain.mandate import Power
from schema.domain.page import Page, PageRequest
from schema.domain.service_item import ServiceItem
from schema.errors import DomainError, RuntimeCode

MAXIMUM_KEY = 200
TOLD_CASES = 500
NEWEST = 100
"""How many cases of a person are told at once; all of them are read by the page."""


class Cases:
    """The cases of all people; every method is told who asks."""

    def __init__(
        self, database: Database, catalogue: CatalogueStore, people: People, clock: Clock, wakeups: Wakeups
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._people = people
        self._clock = clock
        self._wakeups = wakeups
        self._filing = CaseFiling(database, clock)
        self._told: SharedReads[Case | None] = SharedReads(TOLD_CASES)

    async def submit_case(self, actor: Actor, submission: Submission) -> Case:
        """File a case for the actor, or for the party that the actor acts for.

        Raises :class:`DomainError` with everything that is wrong.
        """
        may_act(actor, Power.HANDLE_CASES, submission.item_code)
        return await self._submit(actor.subject, submission, agency=actor.agency)

    async def submit_for(self, officer: Actor, id_number: str, submission: Submission) -> Case:
        """An officer of a comprehensive window files for whoever walks in or calls (art. 12, 13).

        The applicant owns the case; the officer is its agent, and answers for it first (首问负责制, art. 17).
        """
        if not officer.has_role(OFFICER):
            raise DomainError(RuntimeCode.FORBIDDEN, "Only an officer of a comprehensive window files for others.")
        if submission.channel not in (Channel.WINDOW, Channel.TELEPHONE):
            wrong = "An officer files at the WINDOW or by TELEPHONE; on other channels applicants file themselves."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
        applicant = await self._people.introduced(id_number)
        if applicant is None:
            unknown = "The identity department knows nobody of this number. Check the number."
            raise DomainError(RuntimeCode.NOT_FOUND, unknown)
        if applicant == officer.subject:
            raise DomainError(RuntimeCode.FORBIDDEN, "File your own case as anybody else does, not as an officer.")
        return await self._submit(applicant, submission, officer.subject)

    async def _submit(
        self, applicant: str, submission: Submission, officer: str | None = None, agency: Agency | None = None
    ) -> Case:
        catalogue = await self._catalogue.current()
        try:
            item = item_to_file(catalogue, submission, self._clock.now())
        except DomainError:
            # Who did not hear the answer sends again; by then the item may have changed or left the catalogue.
            known = await self._filed_before(applicant, submission, officer)
            if known is None:
                raise
            return known
        if agency is not None and agency.kind not in item.who_may_apply:
            wrong = f"{item.code} is not for a party of this kind, but for: {', '.join(item.who_may_apply)}."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
        id_number = await identity_number(self._people, applicant)
        submission = await self._graded(applicant, submission, officer)
        setting = case_store.Setting(catalogue, item, id_number, submission.form)
        case = await self._filing.file(Filed(applicant, submission, setting, officer, agency))
        self._wakeups.outbox.set()
        return case

    async def _graded(self, applicant: str, submission: Submission, officer: str | None) -> Submission:
        if not submission.materials:
            return submission
        async with self._database.reading() as session:
            given = await graded(session, applicant, submission.item_code, submission.materials, officer)
        return replace(submission, materials=given)

    async def _filed_before(self, applicant: str, submission: Submission, officer: str | None) -> Case | None:
        if submission.idempotency_key is None:
            return None
        return await self._filing.known(applicant, await self._graded(applicant, submission, officer))

    async def case(self, actor: Actor, id_or_receipt: str) -> Case | None:
        """A case that the actor may read, else ``None``."""
        async with self._database.reading() as session:
            row = await case_store.find(session, id_or_receipt)
        if row is None or not may_read_case(actor, row.applicant, row.department, row.item_code):
            return None
        return case_store.case_of(row)

    async def cases_of(self, actor: Actor, applicant: str) -> tuple[Case, ...]:
        """The newest cases of one person, newest first, at most :data:`NEWEST`."""
        _check_reader(actor, applicant)
        async with self._database.reading() as session:
            return await case_pages.newest(session, applicant, NEWEST, _items(actor))

    async def page_of(self, actor: Actor, applicant: str, wanted: PageRequest) -> Page[Case]:
        """A page of one person's cases, newest first, however many there are."""
        _check_reader(actor, applicant)
        async with self._database.reading() as session:
            return await case_pages.page(session, applicant, wanted, _items(actor))

    async def last_changed(self, actor: Actor) -> Case | None:
        """The actor's own case that something happened to last."""
        own = select(CaseRow).where(col(CaseRow.applicant) == actor.subject, *case_pages.of_items(_items(actor)))
        newest = own.order_by(col(CaseRow.updated_at).desc(), col(CaseRow.receipt_number)).limit(1)
        async with self._database.reading() as session:
            row = (await session.exec(newest)).first()
        return case_store.case_of(row) if row is not None else None

    async def events_of(self, case_ids: Iterable[str]) -> dict[str, tuple[CaseEvent, ...]]:
        """The events of cases that the caller was allowed to read."""
        async with self._database.reading() as session:
            return await case_store.events(session, case_ids)

    async def form_of(self, case_id: str) -> Any:
        """The filled form of a case whose content the caller was allowed to read."""
        async with self._database.reading() as session:
            return (await session.exec(select(CaseRow.form).where(col(CaseRow.id) == case_id))).first()

    async def refusals_of(self, case_id: str) -> Sequence[CaseRefusalRow]:
        """Attempts that the rules refused, the newest first, for those who supervise."""
        statement = (
            select(CaseRefusalRow)
            .where(col(CaseRefusalRow.case_id) == case_id)
            .order_by(col(CaseRefusalRow.id).desc())
            .limit(100)
        )
        async with self._database.reading() as session:
            return (await session.exec(statement)).all()

    async def at_version(self, case_id: str, version: int) -> Case | None:
        """The case as it stood after one event, for those whom a change feed has told of it: read once for all."""
        return await self._told.once((case_id, version), lambda: self._at_version(case_id, version))

    def read_ahead(self, change: Change) -> None:
        """Begin to read a case at a version for which somebody will ask in a moment."""
        key = (change.subject, change.version)
        self._told.begin(key, lambda: self._at_version(*key))

    async def _at_version(self, case_id: str, version: int) -> Case | None:
        async with self._database.apart.reading() as session:
            row = await case_store.find(session, case_id)
            if row is None:
                return None
            happened = (await case_store.events(session, (case_id,)))[case_id]
        return fold(case_store.beginning(case_store.case_of(row)), happened[:version])

    async def counts(self, actor: Actor) -> dict[str, int]:
        """How many cases are in each state; states without cases are absent."""
        operator(actor)
        statement = select(col(CaseRow.state), func.count()).group_by(col(CaseRow.state))
        async with self._database.reading() as session:
            return dict(list(await session.exec(statement)))


def _check_reader(actor: Actor, applicant: str) -> None:
    may = may_read(actor, applicant) if actor.agency is None else _handles_cases_of(actor, applicant)
    if not may:
        raise DomainError(RuntimeCode.FORBIDDEN, "These are another person's cases.")


def _handles_cases_of(actor: Actor, party: str) -> bool:
    """Some of them at least; :func:`_items` says which."""
    agency = actor.agency
    return agency is not None and actor.subject == party and Power.HANDLE_CASES in agency.scope.powers


def _items(actor: Actor) -> frozenset[str]:
    """Of which items an agent sees cases; empty where of all."""
    return actor.agency.scope.items if actor.agency else frozenset()


def item_to_file(catalogue: Catalogue, submission: Submission, now: datetime) -> ServiceItem:
    """The item in force. Raises :class:`DomainError` with all that is wrong with the submission."""
    item = catalogue.item(submission.item_code, now)
    if item is None:
        raise DomainError(RuntimeCode.NOT_FOUND, catalogue.why_not_offered(submission.item_code, now))
    wrong: list[str | FormProblem] = []
    if submission.channel not in item.channels:
        wrong.append(f"{item.code} is not offered on {submission.channel}, but on: {', '.join(item.channels)}.")
    elif any(catalogue.missing_commands(item)):
        wrong.append(f"{item.code} cannot be filed online yet. Go to the window.")
    if submission.idempotency_key is not None and not 0 < len(submission.idempotency_key) <= MAXIMUM_KEY:
        wrong.append(f"`idempotencyKey` has 1 to {MAXIMUM_KEY} characters.")
    wrong += content_problems(item, submission.form, submission.materials)
    if wrong:
        raise wrong_content(wrong)
    return item

"""Propose, review, admit, suspend, merge and let go of service items; each step one transaction with its event.

What is admitted becomes a row of the catalogue, which every process reads within seconds: an item with its form
goes live by data alone. A version once published is never written again. Source: docs/domain.md, "Admission".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.roles import LEGAL_REVIEWER, OPERATOR, PRICE_REVIEWER, SUPERVISOR
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.catalogue.catalogue_data import BadContent, read_item
from hub.people.who import operator
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.admission import AdmissionEventRow, ItemProposalRow
from hub.tables.catalogue import CatalogueEntryRow
from schema.domain import admission
from schema.domain.admission import (
    AdmissionEvent,
    AdmissionRefused,
    AdmissionStep,
    Office,
    Proposal,
    ProposalState,
)
from schema.domain.catalogue import Catalogue
from schema.domain.catalogue_lint import CatalogueFinding, has_errors, lint
from schema.domain.service_item import ServiceItem
from schema.errors import DomainError, RuntimeCode

MAXIMUM_REASON = 1_000
_REVIEWERS = {LEGAL_REVIEWER: Office.LEGAL_REVIEWER, PRICE_REVIEWER: Office.PRICE_REVIEWER}
_READERS = (OPERATOR, LEGAL_REVIEWER, PRICE_REVIEWER, SUPERVISOR)


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """Content read as an item of the catalogue that it is meant for, with what the lint says of it."""

    item: ServiceItem
    content: Mapping[str, Any]
    findings: tuple[CatalogueFinding, ...]


class Admissions:
    """The life of all items. Every method is told who asks; raises :class:`DomainError`."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock) -> None:
        self.database = database
        self._catalogue = catalogue
        self._clock = clock

    async def check(self, content: Any) -> CheckedItem:
        """Content as it would be admitted now. Errors of the lint are findings, not refusals."""
        catalogue = await self._catalogue.current()
        item = _item_of(content, self._clock.now())
        return CheckedItem(item, content, lint(catalogue, item))

    async def propose(self, actor: Actor, content: Any, reason: str) -> Proposal:
        """For the owner's department, or an operator. What has errors is not taken."""
        catalogue = await self._catalogue.current()
        checked = await self.check(content)
        office = _may_propose(actor, catalogue, checked.item)
        if has_errors(checked.findings):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "\n".join(map(str, checked.findings)))
        now = self._clock.now()
        proposal = Proposal(
            id=str(uuid4()),
            item=checked.item.code,
            content=checked.content,
            proposed_by=actor.subject,
            proposed_at=now,
            charges_fee=checked.item.fee_fen > 0,
        )
        async with self._step(proposal.item) as (session, sequence):
            session.add(ItemProposalRow(**_columns(proposal)))
            event = _event(proposal, sequence, AdmissionStep.PROPOSED, actor, office, now, _reason(reason))
            session.add(AdmissionEventRow(**asdict(event)))
        return proposal

    async def review(self, actor: Actor, proposal_id: str, reason: str, *, approves: bool) -> Proposal:
        """By the legal or the price reviewer, whose turn it is."""
        async with self._proposal(proposal_id) as (session, proposal, sequence):
            office = _reviewing_office(actor, proposal)
            try:
                reviewed, steps = admission.review(proposal, office, actor.subject, approves=approves)
            except AdmissionRefused as refused:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
            now = self._clock.now()
            for number, step in enumerate(steps):
                event = _event(reviewed, sequence + number, step, actor, office, now, _reason(reason))
                session.add(AdmissionEventRow(**asdict(event)))
            await _keep(session, reviewed)
        return reviewed

    async def admit(
        self, actor: Actor, proposal_id: str, reason: str, effective_from: datetime | None
    ) -> Proposal:
        """By an operator: from now or a coming moment on, in every process within seconds."""
        operator(actor)
        catalogue = await self._catalogue.current()
        async with self._proposal(proposal_id) as (session, proposal, sequence):
            now = self._clock.now()
            since = effective_from or now
            findings = lint(catalogue, _item_of(proposal.content, since))
            if has_errors(findings):  # The catalogue may have changed since the proposal.
                raise DomainError(RuntimeCode.CONFLICT, "\n".join(map(str, findings)))
            version = await _next_version(session, "item", proposal.item)
            try:
                admitted = admission.admit(proposal, version, since, now)
            except AdmissionRefused as refused:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
            await _publish(session, "item", proposal.item, version, proposal.content, since)
            event = _event(
                admitted, sequence, AdmissionStep.ADMITTED, actor, Office.OPERATOR, now, _reason(reason)
            )
            session.add(AdmissionEventRow(**asdict(replace(event, effective_from=since, version=version))))
            await _keep(session, admitted)
        self._catalogue.forget()
        return admitted

    async def withdraw(self, actor: Actor, proposal_id: str, reason: str) -> Proposal:
        """By whoever proposed it."""
        async with self._proposal(proposal_id) as (session, proposal, sequence):
            if proposal.proposed_by != actor.subject:
                raise DomainError(RuntimeCode.FORBIDDEN, "Only whoever proposed it withdraws it.")
            try:
                withdrawn = admission.withdraw(proposal)
            except AdmissionRefused as refused:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
            now = self._clock.now()
            event = _event(
                withdrawn, sequence, AdmissionStep.WITHDRAWN, actor, Office.DEPARTMENT, now, _reason(reason)
            )
            session.add(AdmissionEventRow(**asdict(event)))
            await _keep(session, withdrawn)
        return withdrawn

    async def change_standing(
        self,
        actor: Actor,
        code: str,
        step: AdmissionStep,
        reason: str,
        effective_from: datetime | None = None,
        successor: str | None = None,
    ) -> None:
        """By an operator: suspend, resume, merge into a successor, or let go. Running cases go on as they are."""
        operator(actor)
        catalogue, now = await self._catalogue.current(), self._clock.now()
        since = effective_from or now
        if catalogue.newest(code, now) is None:
            raise DomainError(RuntimeCode.NOT_FOUND, f'There is no service item "{code}".')
        if since < now:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "`effectiveFrom` lies in the past.")
        if successor is not None and (successor == code or catalogue.item(successor, now) is None):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f'"{successor}" is not offered: it takes nothing over.')
        async with self._step(code) as (session, sequence):
            try:
                state = admission.next_standing(catalogue.standing(code, since).state, step)
            except AdmissionRefused as refused:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
            version = await _next_version(session, "standing", code)
            said = _reason(reason)
            content = {"item": code, "state": state, "reason": said, "successor": successor}
            await _publish(session, "standing", code, version, content, since)
            session.add(
                AdmissionEventRow(
                    item=code,
                    sequence=sequence,
                    step=step,
                    by=actor.subject,
                    office=Office.OPERATOR,
                    at=now,
                    reason=said,
                    effective_from=since,
                    successor=successor,
                )
            )
        self._catalogue.forget()

    async def proposals(self, actor: Actor, state: ProposalState | None = None) -> tuple[Proposal, ...]:
        """Those that the actor may read, the newest first."""
        statement = select(ItemProposalRow).order_by(
            col(ItemProposalRow.proposed_at).desc(), col(ItemProposalRow.id)
        )
        if state is not None:
            statement = statement.where(col(ItemProposalRow.state) == state)
        catalogue = await self._catalogue.current()
        async with self.database.reading() as session:
            found = [_proposal_of(row) for row in (await session.exec(statement)).all()]
        return tuple(each for each in found if _may_read(actor, catalogue, each))

    async def history(self, codes: Iterable[str]) -> dict[str, tuple[AdmissionEvent, ...]]:
        """Every step in the life of these items, in order."""
        wanted = tuple(codes)
        statement = (
            select(AdmissionEventRow)
            .where(col(AdmissionEventRow.item).in_(wanted))
            .order_by(col(AdmissionEventRow.item), col(AdmissionEventRow.sequence))
        )
        found: dict[str, list[AdmissionEvent]] = {code: [] for code in wanted}
        async with self.database.reading() as session:
            for row in (await session.exec(statement)).all():
                found[row.item].append(_event_of(row))
        return {code: tuple(events) for code, events in found.items()}

    @asynccontextmanager
    async def _step(self, code: str) -> AsyncIterator[tuple[AsyncSession, int]]:
        """A transaction, and the number of the next step of this item."""
        try:
            async with self.database.transaction() as session:
                yield session, await _next_sequence(session, code)
        except IntegrityError:
            raise DomainError(RuntimeCode.CONFLICT, f'"{code}" was changed meanwhile. Read it again.') from None

    @asynccontextmanager
    async def _proposal(self, proposal_id: str) -> AsyncIterator[tuple[AsyncSession, Proposal, int]]:
        """The same for an item's proposal, which nobody else can move meanwhile."""
        try:
            async with self.database.transaction() as session:
                statement = select(ItemProposalRow).where(col(ItemProposalRow.id) == proposal_id).with_for_update()
                row = (await session.exec(statement)).first()
                if row is None:
                    raise DomainError(RuntimeCode.NOT_FOUND, "There is no such proposal.")
                yield session, _proposal_of(row), await _next_sequence(session, row.item)
        except IntegrityError:
            raise DomainError(RuntimeCode.CONFLICT, "The item was changed meanwhile. Read it again.") from None


def may_try(actor: Actor, catalogue: Catalogue, item: ServiceItem) -> bool:
    """Whether the actor may see what a change would do: its proposers and its reviewers."""
    return any(actor.has_role(role) for role in _READERS) or _is_owner(actor, catalogue, item.organisation)


def _is_owner(actor: Actor, catalogue: Catalogue, organisation: str) -> bool:
    department = catalogue.department(organisation)
    return department is not None and actor.department == department


def _may_propose(actor: Actor, catalogue: Catalogue, item: ServiceItem) -> Office:
    versions = catalogue.versions.get(item.code, ())
    owners = {item.organisation, *(version.organisation for version in versions[-1:])}
    if actor.has_role(OPERATOR):
        return Office.OPERATOR
    if all(_is_owner(actor, catalogue, owner) for owner in owners):
        return Office.DEPARTMENT
    raise DomainError(RuntimeCode.FORBIDDEN, "Only the department that owns an item, or an operator, proposes it.")


def _may_read(actor: Actor, catalogue: Catalogue, proposal: Proposal) -> bool:
    if any(actor.has_role(role) for role in _READERS) or proposal.proposed_by == actor.subject:
        return True
    return _is_owner(actor, catalogue, proposal.content["organisation"])


def _reviewing_office(actor: Actor, proposal: Proposal) -> Office:
    """The office whose turn it is if the actor holds it, else one that they hold, to be told whose turn it is."""
    held = [office for role, office in _REVIEWERS.items() if actor.has_role(role)]
    if not held:
        raise DomainError(RuntimeCode.FORBIDDEN, "Only the legal and the price reviewers review.")
    due = admission.REVIEWS[proposal.state][0] if proposal.state in admission.REVIEWS else held[0]
    return due if due in held else held[0]


def _item_of(content: Any, since: datetime) -> ServiceItem:
    if not isinstance(content, Mapping):
        raise DomainError(RuntimeCode.BAD_USER_INPUT, "`content` is an object with the keys of a service item.")
    try:
        return read_item(content, 0, since)
    except BadContent as problem:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, str(problem)) from None


def _reason(reason: str) -> str:
    if not 0 < len(reason.strip()) <= MAXIMUM_REASON:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`reason` has 1 to {MAXIMUM_REASON} characters.")
    return reason.strip()


def _event(
    proposal: Proposal, sequence: int, step: AdmissionStep, actor: Actor, office: Office, at: datetime, reason: str
) -> AdmissionEvent:
    return AdmissionEvent(
        item=proposal.item,
        sequence=sequence,
        step=step,
        by=actor.subject,
        office=office,
        at=at,
        reason=reason,
        proposal=proposal.id,
    )


async def _next_sequence(session: AsyncSession, code: str) -> int:
    statement = select(func.max(AdmissionEventRow.sequence)).where(col(AdmissionEventRow.item) == code)
    return ((await session.exec(statement)).first() or 0) + 1


async def _next_version(session: AsyncSession, kind: str, code: str) -> int:
    statement = select(func.max(CatalogueEntryRow.version)).where(
        col(CatalogueEntryRow.kind) == kind, col(CatalogueEntryRow.code) == code
    )
    return ((await session.exec(statement)).first() or 0) + 1


async def _publish(
    session: AsyncSession, kind: str, code: str, version: int, content: Mapping[str, Any], since: datetime
) -> None:
    """A row of the catalogue. One that is there already is never written over."""
    row = CatalogueEntryRow(kind=kind, code=code, version=version, content=dict(content), in_force_since=since)
    if not await insert_if_absent(session, CatalogueEntryRow, row.model_dump()):
        raise DomainError(RuntimeCode.CONFLICT, f'"{code}" was changed meanwhile. Read it again.')


async def _keep(session: AsyncSession, proposal: Proposal) -> None:
    row = await session.get_one(ItemProposalRow, proposal.id)
    row.state, row.version = proposal.state, proposal.version
    session.add(row)


def _columns(proposal: Proposal) -> dict[str, Any]:
    return {**asdict(proposal), "content": dict(proposal.content)}


def _proposal_of(row: ItemProposalRow) -> Proposal:
    return Proposal(**{**row.model_dump(), "state": ProposalState(row.state)})


def _event_of(row: AdmissionEventRow) -> AdmissionEvent:
    return AdmissionEvent(**{**row.model_dump(), "step": AdmissionStep(row.step), "office": Office(row.office)})

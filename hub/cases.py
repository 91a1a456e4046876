"""File, withdraw and read cases.

``submit_case`` is one transaction: case, first event, outbox row; the receipt number is there at once and
the department hears of it later. Nobody sees that another person's case exists.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import randbelow
from typing import Any
from uuid import uuid4

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub import case_store
from hub.catalogue import CatalogueStore
from hub.database import Database
from hub.people import People, identity_number
from hub.tables.case import CaseRow
from hub.wakeups import Wakeups
from hub.who import may_read, operator
from schema.domain import case_flow, form
from schema.domain.case import Case, CaseActor, CaseEvent, Channel, ImpossibleTransition, fold
from schema.domain.case_flow import Progress
from schema.domain.catalogue import Catalogue
from schema.domain.receipt_number import SERIAL_DIGITS, receipt_number
from schema.domain.service_item import ServiceItem, Step
from schema.errors import DomainError, RuntimeCode

MAXIMUM_KEY = 200
MAXIMUM_FORM_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Submission:
    """What an applicant files. The same ``idempotency_key`` gives the same case."""

    item_code: str
    form: Any
    channel: Channel = Channel.WEB
    idempotency_key: str | None = None


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

    async def submit_case(self, actor: Actor, submission: Submission) -> Case:
        """File a case for the actor. Raises :class:`DomainError` with everything that is wrong."""
        catalogue = await self._catalogue.current()
        item = _item_to_file(catalogue, submission, self._clock)
        id_number = await identity_number(self._people, actor.subject)
        setting = case_store.Setting(catalogue, item, id_number, submission.form)
        try:
            case = await self._file(actor, submission, setting)
        except IntegrityError:
            # The same key was used at the same moment, or a receipt number exists: look again, draw again.
            case = await self._file(actor, submission, setting)
        self._wakeups.outbox.set()
        return case

    async def _file(self, actor: Actor, submission: Submission, setting: case_store.Setting) -> Case:
        digest = _digest(submission)
        async with self._database.transaction() as session:
            repeated = await _repeated(session, actor, submission.idempotency_key, digest)
            if repeated is not None:
                return repeated
            at, item = self._clock.now(), setting.item
            number = receipt_number(at, randbelow(10**SERIAL_DIGITS))
            draft = Case(str(uuid4()), number, item.code, item.version, actor.subject)
            progress = case_flow.submit(draft, submission.channel, at)
            row = case_store.new_row(progress.case, submission.form, digest, submission.idempotency_key)
            await case_store.record(session, row, progress, setting)
        return progress.case

    async def withdraw_case(self, actor: Actor, case: str, reason: str | None) -> Case:
        """Take an own case back before it is decided."""
        catalogue = await self._catalogue.current()
        async with self._database.transaction() as session:
            row = await _own(session, actor, case)
            at = self._clock.now()
            item = catalogue.item_version(row.item_code, row.item_version)
            outcome = _try_to_withdraw(case_store.case_of(row), reason, at)
            if isinstance(outcome, ImpossibleTransition):
                case_store.refuse(session, outcome, CaseActor.APPLICANT, at)
            else:
                await case_store.record(session, row, outcome, case_store.Setting(catalogue, item))
        if isinstance(outcome, ImpossibleTransition):
            raise DomainError(RuntimeCode.INVALID_TRANSITION, str(outcome))
        self._wakeups.outbox.set()
        return outcome.case

    async def case(self, actor: Actor, id_or_receipt: str) -> Case | None:
        """A case that the actor may read, else ``None``."""
        async with self._database.reading() as session:
            row = await case_store.find(session, id_or_receipt)
        return case_store.case_of(row) if row is not None and may_read(actor, row.applicant) else None

    async def cases_of(self, actor: Actor, applicant: str) -> tuple[Case, ...]:
        """All cases of one person, newest first."""
        if not may_read(actor, applicant):
            raise DomainError(RuntimeCode.FORBIDDEN, "These are another person's cases.")
        statement = (
            select(CaseRow)
            .where(col(CaseRow.applicant) == applicant)
            .order_by(col(CaseRow.submitted_at).desc(), col(CaseRow.receipt_number))
        )
        async with self._database.reading() as session:
            return tuple(case_store.case_of(row) for row in (await session.exec(statement)).all())

    async def events_of(self, case_ids: Iterable[str]) -> dict[str, tuple[CaseEvent, ...]]:
        """The events of cases that the caller was allowed to read."""
        async with self._database.reading() as session:
            return await case_store.events(session, case_ids)

    async def at_version(self, case_id: str, version: int) -> Case | None:
        """The case as it stood after one event, for the one whom a change feed has told of it."""
        async with self._database.reading() as session:
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


def _item_to_file(catalogue: Catalogue, submission: Submission, clock: Clock) -> ServiceItem:
    item = catalogue.item(submission.item_code, clock.now())
    if item is None:
        raise DomainError(RuntimeCode.NOT_FOUND, f'There is no service item "{submission.item_code}".')
    wrong = []
    if submission.channel not in item.channels:
        wrong.append(f"{item.code} is not offered on {submission.channel}, but on: {', '.join(item.channels)}.")
    elif catalogue.command(catalogue.department_of(item), Step.RECEIVE_CASE) is None:
        wrong.append(f"{item.code} cannot be filed online yet. Go to the window.")
    if submission.idempotency_key is not None and not 0 < len(submission.idempotency_key) <= MAXIMUM_KEY:
        wrong.append(f"`idempotencyKey` has 1 to {MAXIMUM_KEY} characters.")
    if len(json.dumps(submission.form)) > MAXIMUM_FORM_BYTES:
        wrong.append(f"`form` may have at most {MAXIMUM_FORM_BYTES} bytes.")
    wrong += form.problems(item.form, submission.form)
    if wrong:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))
    return item


def _digest(submission: Submission) -> str:
    content = [submission.item_code, submission.channel, submission.form]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


async def _repeated(session: AsyncSession, actor: Actor, key: str | None, digest: str) -> Case | None:
    """The case that this key has made before. Another content under the same key is a mistake."""
    if key is None:
        return None
    statement = select(CaseRow).where(col(CaseRow.applicant) == actor.subject, col(CaseRow.idempotency_key) == key)
    row = (await session.exec(statement)).first()
    if row is None:
        return None
    if row.form_digest != digest:
        message = "This `idempotencyKey` was used for another submission. Use a new key for a new case."
        raise DomainError(RuntimeCode.CONFLICT, message)
    return case_store.case_of(row)


def _try_to_withdraw(case: Case, reason: str | None, at: datetime) -> Progress | ImpossibleTransition:
    try:
        return case_flow.withdraw(case, reason, None, at)
    except ImpossibleTransition as refused:
        return refused


async def _own(session: AsyncSession, actor: Actor, case: str) -> CaseRow:
    row = await case_store.find(session, case, lock=True)
    if row is None or row.applicant != actor.subject:
        raise DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")
    return row

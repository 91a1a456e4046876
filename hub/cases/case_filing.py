"""Put filed cases into the database: what is filed while a transaction runs shares the next one.

Each case is whole or not there at all; its first event, its change and its message are in the transaction with it.
Where a shared transaction fails none of its cases is filed, and each is filed by itself: so a crowd has the effect
of its members one by one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from secrets import randbelow
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.agency import Agency
from connectors.clock import Clock
from connectors.trace import current_trace, traced
from hub.cases import case_store
from hub.cases.applicant_acts import applicant_by
from hub.cases.case_content import GivenMaterial, handed_in
from hub.storage.database import Database, is_away
from hub.tables.case import CaseRow
from schema.domain import case_flow
from schema.domain.case import Case, Channel
from schema.domain.receipt_number import SERIAL_DIGITS, receipt_number
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

MOST_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Submission:
    """What an applicant files. The same ``idempotency_key`` gives the same case."""

    item_code: str
    form: Any
    channel: Channel = Channel.WEB
    idempotency_key: str | None = None
    materials: tuple[GivenMaterial, ...] = ()

    def digest(self) -> str:
        """Tells a repeated submission from another one under the same key."""
        materials = [each.as_data() for each in self.materials]
        content = [self.item_code, self.channel, self.form, *([materials] if materials else [])]
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Filed:
    """A checked submission, and whose it is. ``officer`` filed it for the applicant, or an agent by ``agency``."""

    applicant: str
    submission: Submission
    setting: case_store.Setting
    officer: str | None = None
    agency: Agency | None = None
    trace: str | None = field(default_factory=current_trace)

    @property
    def key(self) -> tuple[str, str | None]:
        return self.applicant, self.submission.idempotency_key


Outcome = Case | DomainError
"""The case, or why there is none; the latter concerns no other case of the transaction."""


class CaseFiling:
    """One for a process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[tuple[Filed, asyncio.Future[Outcome]]] = []
        self._working: asyncio.Task[None] | None = None

    async def file(self, filed: Filed) -> Case:
        """The case, once it is committed. Raises :class:`DomainError`, and what the database raises."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((filed, outcome))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), name="case-filing")
        if isinstance(known := await outcome, DomainError):
            raise known
        return known

    async def known(self, applicant: str, submission: Submission) -> Case | None:
        """The case that this submission has made before under its key, whatever became of its item since."""
        key = applicant, submission.idempotency_key
        async with self._database.reading() as session:
            digest, case = (await _filed_before(session, (key,))).get(key, ("", None))
        return case if digest == submission.digest() else None

    async def _work(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            for (_, waiting), outcome in zip(group, await self._file([filed for filed, _ in group]), strict=True):
                if waiting.done():
                    continue
                if isinstance(outcome, Exception) and not isinstance(outcome, DomainError):
                    waiting.set_exception(outcome)
                else:
                    waiting.set_result(outcome)

    async def _file(self, group: Sequence[Filed]) -> Sequence[Outcome | Exception]:
        if len(group) > 1:
            try:
                return await self._file_together(group)
            except Exception as error:  # noqa: BLE001  told again by whichever case it was, alone
                if is_away(error):
                    return [error] * len(group)  # one after the other they would wait as long, each of them
                # Its name alone: a database's error quotes the rows, and with them what persons filed.
                log.info("cases are filed one by one", cases=len(group), why=type(error).__name__)
        return [await self._file_alone(each) for each in group]

    async def _file_alone(self, filed: Filed) -> Outcome | Exception:
        try:
            try:
                return (await self._file_together((filed,)))[0]
            except IntegrityError:
                # The same key was used at the same moment, or a receipt number exists: look again, draw again.
                return (await self._file_together((filed,)))[0]
        except Exception as error:  # noqa: BLE001  it is the answer to the one who waits
            return error

    async def _file_together(self, group: Sequence[Filed]) -> list[Outcome]:
        async with self._database.transaction() as session:
            known = await _filed_before(session, [each.key for each in group])
            outcomes: list[Outcome] = []
            for each in group:
                digest = each.submission.digest()
                digest_before, case = known.get(each.key, (digest, None))
                if digest_before != digest:
                    outcomes.append(_key_of_another())
                    continue
                if case is None:
                    with traced(each.trace):
                        case = await self._record(session, each, digest)
                    if each.submission.idempotency_key is not None:
                        known[each.key] = digest, case
                outcomes.append(case)
        return outcomes

    async def _record(self, session: AsyncSession, filed: Filed, digest: str) -> Case:
        at, item, submission = self._clock.now(), filed.setting.item, filed.submission
        number = receipt_number(at, randbelow(10**SERIAL_DIGITS))
        draft = Case(str(uuid4()), number, item.code, item.version, filed.applicant)
        materials = handed_in(item, submission.form, submission.materials)
        told = not item.is_decided_by_officers
        by = applicant_by(filed.applicant, filed.agency, at, submission.channel)
        progress = case_flow.submit(draft, by, materials, officer=filed.officer, is_told=told)
        return await case_store.begin(session, progress, filed.setting, digest, submission.idempotency_key)


async def _filed_before(
    session: AsyncSession, asked: Sequence[tuple[str, str | None]]
) -> dict[tuple[str, str | None], tuple[str, Case | None]]:
    """The cases that these keys have made before, each with the digest of what was filed."""
    keys = sorted({(applicant, key) for applicant, key in asked if key is not None})
    if not keys:
        return {}
    named = tuple_(col(CaseRow.applicant), col(CaseRow.idempotency_key))
    rows = (await session.exec(select(CaseRow).where(named.in_(keys)))).all()
    return {(row.applicant, row.idempotency_key): (row.form_digest, case_store.case_of(row)) for row in rows}


def _key_of_another() -> DomainError:
    message = "This `idempotencyKey` was used for another submission. Use a new key for a new case."
    return DomainError(RuntimeCode.IDEMPOTENCY_KEY_REUSED, message)

"""What somebody has begun to fill in: kept on the server while they type, for 30 days, for them alone.

A draft has no case number. It is filed as it stands, once: the case's idempotency key is the draft's.
Source: docs/domain.md, "Drafts"; domain.md, 9.15.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.cases.case_content import MAXIMUM_FORM_BYTES, GivenMaterial, size_problems
from hub.cases.case_filing import Submission
from hub.cases.cases import Cases
from hub.catalogue.catalogue import CatalogueStore
from hub.people.who import acts_in_case, may_act
from hub.storage.database import Database
from hub.tables.case import CaseDraftRow, CaseRow
from schema.domain.case import Case, Channel
from schema.domain.mandate import Power
from schema.domain.material import Trust
from schema.errors import DomainError, RuntimeCode

KEPT_FOR = timedelta(days=30)
MAXIMUM_DRAFTS = 50
"""For one person, so that no one fills the database with beginnings."""


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """``kept_until`` moves with each saving."""

    id: str
    item_code: str
    form: Any
    materials: tuple[GivenMaterial, ...]
    channel: Channel
    saved_at: datetime

    @property
    def kept_until(self) -> datetime:
        return self.saved_at + KEPT_FOR


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What is saved: it need not be complete nor right yet."""

    item_code: str
    form: Any
    materials: tuple[GivenMaterial, ...] = ()
    channel: Channel = Channel.WEB


class CaseDrafts:
    """Every method is for the owner, or an agent of theirs; another's draft does not exist."""

    def __init__(self, database: Database, catalogue: CatalogueStore, cases: Cases, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._cases = cases
        self._clock = clock

    async def save(self, actor: Actor, content: DraftContent, id: str | None = None) -> CaseDraft:
        """Keep it; without ``id`` as a new draft. The last one who saves wins."""
        may_act(actor, Power.HANDLE_CASES, content.item_code)
        now = self._clock.now()
        await self._check(content, now)
        async with self._database.transaction() as session:
            if id is None:
                await _check_number(session, actor)
                row = CaseDraftRow(id=str(uuid4()), owner=actor.subject, **_values(content), saved_at=now)
            else:
                row = await _own(session, actor, id, now)
                if row.item_code != content.item_code:
                    wrong = f"This draft is for {row.item_code}. Begin another for {content.item_code}."
                    raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
                row.sqlmodel_update({**_values(content), "saved_at": now})
            session.add(row)
        return _draft_of(row)

    async def drafts_of(self, actor: Actor) -> tuple[CaseDraft, ...]:
        """The actor's own, the one saved last first."""
        statement = (
            select(CaseDraftRow)
            .where(
                col(CaseDraftRow.owner) == actor.subject,
                col(CaseDraftRow.saved_at) > self._clock.now() - KEPT_FOR,
            )
            .order_by(col(CaseDraftRow.saved_at).desc(), col(CaseDraftRow.id))
        )
        async with self._database.reading() as session:
            rows = (await session.exec(statement)).all()
            return tuple(_draft_of(row) for row in rows if acts_in_case(actor, row.owner, row.item_code))

    async def draft(self, actor: Actor, id: str) -> CaseDraft | None:
        async with self._database.reading() as session:
            row = await session.get(CaseDraftRow, id)
        is_theirs = row is not None and acts_in_case(actor, row.owner, row.item_code)
        return _draft_of(row) if row and is_theirs and _is_kept(row, self._clock.now()) else None

    async def discard(self, actor: Actor, id: str) -> None:
        async with self._database.transaction() as session:
            await session.delete(await _own(session, actor, id, self._clock.now()))

    async def submit(self, actor: Actor, id: str, channel: Channel | None = None) -> Case:
        """File it as it stands. Sent twice, it is one case; the draft is gone once it is filed."""
        draft = await self.draft(actor, id)
        if draft is None:
            return await self._filed(actor, id)
        submission = Submission(
            draft.item_code, draft.form, channel or draft.channel, _key(id), materials=draft.materials
        )
        case = await self._cases.submit_case(actor, submission)
        async with self._database.transaction() as session:
            mine = (col(CaseDraftRow.id) == id, col(CaseDraftRow.owner) == actor.subject)
            await session.exec(delete(CaseDraftRow).where(*mine))
        return case

    async def _filed(self, actor: Actor, id: str) -> Case:
        statement = select(CaseRow.id).where(
            col(CaseRow.applicant) == actor.subject, col(CaseRow.idempotency_key) == _key(id)
        )
        async with self._database.reading() as session:
            found = (await session.exec(statement)).first()
        case = await self._cases.case(actor, found) if found else None
        if case is None:
            raise _no_such_draft()
        return case

    async def _check(self, content: DraftContent, now: datetime) -> None:
        catalogue = await self._catalogue.current()
        if catalogue.item(content.item_code, now) is None:
            raise DomainError(RuntimeCode.NOT_FOUND, catalogue.why_not_offered(content.item_code, now))
        wrong = list(size_problems(content.materials))
        if not isinstance(content.form, dict):
            wrong.append("`form` is an object, complete or not.")
        if len(json.dumps(content.form)) > MAXIMUM_FORM_BYTES:
            wrong.append(f"`form` may have at most {MAXIMUM_FORM_BYTES} bytes.")
        if wrong:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))


def _values(content: DraftContent) -> dict[str, Any]:
    materials = [each.as_data() for each in content.materials]
    return {
        "item_code": content.item_code,
        "form": content.form,
        "materials": materials,
        "channel": content.channel,
    }


async def _own(session: AsyncSession, actor: Actor, id: str, now: datetime) -> CaseDraftRow:
    row = await session.get(CaseDraftRow, id, with_for_update=True)
    if row is None or not acts_in_case(actor, row.owner, row.item_code) or not _is_kept(row, now):
        raise _no_such_draft()
    return row


async def _check_number(session: AsyncSession, actor: Actor) -> None:
    count = select(func.count()).where(col(CaseDraftRow.owner) == actor.subject)
    if (await session.exec(count)).one() >= MAXIMUM_DRAFTS:
        message = f"You have {MAXIMUM_DRAFTS} drafts. File or discard one first."
        raise DomainError(RuntimeCode.CONFLICT, message)


def _is_kept(row: CaseDraftRow, now: datetime) -> bool:
    return row.saved_at > now - KEPT_FOR


def _no_such_draft() -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, "You have no such draft.")


def _key(id: str) -> str:
    return f"draft:{id}"


def _draft_of(row: CaseDraftRow) -> CaseDraft:
    return CaseDraft(
        row.id, row.item_code, row.form, materials_of(row.materials), Channel(row.channel), row.saved_at
    )


def materials_of(rows: Sequence[dict[str, Any]]) -> tuple[GivenMaterial, ...]:
    """As they were kept."""
    return tuple(GivenMaterial(each["code"], each.get("reference"), Trust(each["trust"])) for each in rows)

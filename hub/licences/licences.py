"""Licences that the hub issued: read them, renew, suspend, reinstate and revoke them, and what time brings.

Whoever may not know of a licence is told that there is none; nobody decides on a licence of their own.
Source: docs/licences.md; domain.md, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from uuid import uuid4

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from auth.actor import Actor
from auth.roles import CHIEF_REPRESENTATIVE, HANDLER, OPERATOR
from connectors.clock import Clock
from hub.cases.delegations import delegation_for
from hub.catalogue.catalogue import CatalogueStore
from hub.licences import licence_store
from hub.licences.licence_store import SYSTEM, licence_of, today
from hub.notices.notices import citizen, put_notice
from hub.people.who import may_handle, may_read, may_use_records
from hub.printed_numbers import printed_number
from hub.storage.database import Database
from hub.tables.case import CaseRow
from hub.tables.catalogue import CatalogueEntryRow
from hub.tables.licence import LicenceEventRow, LicenceRow
from schema.domain.licence import (
    LicenceEventType,
    LicenceState,
    LicenceType,
    due_reminder,
    may_renew_from,
    next_look,
    state_on,
    type_problems,
    valid_until,
)
from schema.domain.licence_words import reminder_text
from schema.domain.notice import NoticeKind
from schema.domain.page import check_first
from schema.errors import DomainError, RuntimeCode

MOST_LICENCES = 200
"""Of one person, that are read at once."""


class Licences:
    """The licences of all people; every method is told who asks."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock

    async def of(self, actor: Actor, holder: str) -> Sequence[LicenceRow]:
        """Of one person, in the order of issue: for themselves, or by office."""
        if not may_use_records(actor, holder):
            raise DomainError(RuntimeCode.FORBIDDEN, "Licences are shown to their holder alone.")
        statement = (
            select(LicenceRow)
            .where(col(LicenceRow.holder) == holder)
            .order_by(col(LicenceRow.status_index))
            .limit(MOST_LICENCES)
        )
        async with self._database.reading() as session:
            return (await session.exec(statement)).all()

    async def get(self, actor: Actor, issuer: str, number: str) -> LicenceRow | None:
        """One's own, or one of the department for which the actor works; else ``None``."""
        async with self._database.reading() as session:
            row = (await session.exec(_named(issuer, number))).first()
        return row if row is not None and _may_know(actor, row) else None

    async def of_department(self, actor: Actor, kind: str | None, first: int) -> Sequence[LicenceRow]:
        """What the actor's department has issued here, the newest first."""
        check_first(first)
        if not may_handle(actor, actor.department):
            return ()
        statement = select(LicenceRow).where(col(LicenceRow.department) == actor.department)
        if kind is not None:
            statement = statement.where(col(LicenceRow.kind) == kind)
        ordered = statement.order_by(col(LicenceRow.status_index).desc()).limit(first)
        async with self._database.reading() as session:
            return (await session.exec(ordered)).all()

    async def events_of(self, licence: str) -> Sequence[LicenceEventRow]:
        """What happened to a licence that the caller was allowed to read, the first first."""
        statement = select(LicenceEventRow).where(col(LicenceEventRow.licence_id) == licence)
        async with self._database.reading() as session:
            return (await session.exec(statement.order_by(col(LicenceEventRow.version)))).all()

    def state_now(self, row: LicenceRow) -> LicenceState:
        """How it stands at this moment: over by itself, whether it was noted yet or not."""
        return state_on(licence_of(row), today(self._clock.now()))

    async def suspend(self, actor: Actor, issuer: str, number: str, reason: str) -> LicenceRow:
        return await self._decide(actor, issuer, number, LicenceEventType.SUSPENDED, reason)

    async def reinstate(self, actor: Actor, issuer: str, number: str, reason: str | None) -> LicenceRow:
        return await self._decide(actor, issuer, number, LicenceEventType.REINSTATED, reason)

    async def revoke(self, actor: Actor, issuer: str, number: str, reason: str) -> LicenceRow:
        return await self._decide(actor, issuer, number, LicenceEventType.REVOKED, reason)

    async def renew(self, actor: Actor, issuer: str, number: str, until: date | None) -> LicenceRow:
        """A new licence in the place of one that ends; it says the same, and begins today. A completed case of the
        renewal item does the same by itself."""
        types = (await self._catalogue.current()).licence_types
        now = self._clock.now()
        async with self._database.transaction() as session:
            row = await self._decided(session, actor, issuer, number)
            known = types.get(row.kind)
            if known is None:
                wrong = f'There is no licence type "{row.kind}" any more. Issue another by a case.'
                raise DomainError(RuntimeCode.CONFLICT, wrong)
            begins = may_renew_from(known, row.valid_until)
            if begins is None or today(now) < begins:
                when = f"from {begins} on" if begins else "never: it has no end"
                wrong = f"Licence {row.number} is renewed {when}."
                raise DomainError(RuntimeCode.INVALID_TRANSITION, wrong)
            if not known.is_single:
                await licence_store.move(session, row, LicenceEventType.SUPERSEDED, actor.subject, now)
            renewed = replace(
                licence_of(row),
                id=str(uuid4()),
                number=printed_number(known.number_prefix, now),
                state=LicenceState.VALID,
                version=1,
                valid_from=today(now),
                valid_until=until or valid_until(known, today(now)),
            )
            new = await licence_store.issue(
                session, renewed, known, actor.subject, now, tuple(row.said), row.department, row.case_id
            )
            new.succeeds = row.id
            return new

    async def publish_type(self, actor: Actor, type: LicenceType) -> LicenceType:
        """A new type of licence, or a new version of one, that every process knows within seconds. Licences keep
        what they were issued with. Raises ``DomainError`` BAD_USER_INPUT with every mistake."""
        if not actor.has_role(OPERATOR):
            raise DomainError(RuntimeCode.FORBIDDEN, "Only an operator publishes types of licences.")
        if wrong := " ".join(type_problems(type)):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
        async with self._database.transaction() as session:
            this = (col(CatalogueEntryRow.kind) == "licence-type", col(CatalogueEntryRow.code) == type.code)
            last = (await session.exec(select(func.max(CatalogueEntryRow.version)).where(*this))).one()
            session.add(
                CatalogueEntryRow(
                    kind="licence-type",
                    code=type.code,
                    version=(last or 0) + 1,
                    content=asdict(type),
                    in_force_since=self._clock.now(),
                )
            )
        self._catalogue.forget()
        return type

    async def look(self, limit: int = 200) -> int:
        """Remind of what ends soon, and note what has ended; how many. The worker calls it now and then; again it
        does nothing, since each look moves the day of the next."""
        types = (await self._catalogue.current()).licence_types
        day = today(self._clock.now())
        due = select(LicenceRow.id).where(col(LicenceRow.look_on) <= day).order_by(col(LicenceRow.look_on))
        async with self._database.reading() as session:
            found = (await session.exec(due.limit(limit))).all()
        for licence in found:
            async with self._database.transaction() as session:
                row = await session.get_one(LicenceRow, licence, with_for_update=True)
                if row.look_on is not None and row.look_on <= day:
                    await self._look_at(session, row, types.get(row.kind), day)
        return len(found)

    async def _look_at(self, session: AsyncSession, row: LicenceRow, type: LicenceType | None, day: date) -> None:
        licence, now = licence_of(row), self._clock.now()
        if state_on(licence, day) is LicenceState.EXPIRED:
            await licence_store.move(session, row, LicenceEventType.EXPIRED, SYSTEM, now)
            return
        until = licence.valid_until
        days = due_reminder(type, until, day) if type is not None and until is not None else None
        if days is not None and until is not None:
            text = reminder_text(row.name, row.name_en, row.number, until, (until - day).days)
            key = f"licence/{row.id}/expires/{days}"
            put_notice(session, citizen(row.holder), NoticeKind.LICENCE_EXPIRES, key, text, now)
        row.look_on = next_look(licence, type, day)
        session.add(row)

    async def _decide(
        self, actor: Actor, issuer: str, number: str, type: LicenceEventType, reason: str | None
    ) -> LicenceRow:
        async with self._database.transaction() as session:
            row = await self._decided(session, actor, issuer, number)
            await licence_store.move(session, row, type, actor.subject, self._clock.now(), reason)
            return row

    async def _decided(self, session: AsyncSession, actor: Actor, issuer: str, number: str) -> LicenceRow:
        """The licence, locked, on which the actor may decide: as a handler of the department that issued it, or as
        its chief representative under a delegation for the item."""
        row = (await session.exec(_named(issuer, number).with_for_update())).first()
        if row is None or not _may_know(actor, row):
            raise DomainError(RuntimeCode.NOT_FOUND, "There is no such licence of your department.")
        if actor.subject == row.holder:
            raise DomainError(RuntimeCode.FORBIDDEN, "Nobody decides on a licence of their own.")
        if not may_handle(actor, row.department):
            raise DomainError(RuntimeCode.FORBIDDEN, "Only the department that issued a licence decides on it.")
        if actor.has_role(CHIEF_REPRESENTATIVE) and not actor.has_role(HANDLER):
            case = await session.get(CaseRow, row.case_id) if row.case_id else None
            item, department = case.item_code if case else "", row.department or ""
            if await delegation_for(session, actor.subject, department, item, self._clock.now()) is None:
                wrong = f'No delegation of "{department}" covers {item} now. Ask the department for one.'
                raise DomainError(RuntimeCode.FORBIDDEN, wrong)
        return row


def _named(issuer: str, number: str) -> SelectOfScalar[LicenceRow]:
    return select(LicenceRow).where(col(LicenceRow.issuer) == issuer, col(LicenceRow.number) == number)


def _may_know(actor: Actor, row: LicenceRow) -> bool:
    return may_read(actor, row.holder) or may_handle(actor, row.department)

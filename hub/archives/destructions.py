"""Destroy archives that need not be kept any longer: list, review, approve, wait, destroy, certify.

A list is carried out by the worker, case after case; whoever comes twice finds what is done. The certificate is
signed by the key that seals packages. Source: docs/materials.md, "Destruction" (art. 14; domain.md, 9.11).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from uuid import uuid4

from joserfc import jws
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.keys import SIGNING_ALGORITHM, KeyRing
from auth.roles import ARCHIVIST, LEGAL_REVIEWER, SUPERVISOR
from connectors.clock import Clock
from hub.archives.case_wiping import wipe_case
from hub.archives.reopening import is_reopened
from hub.materials.file_store import FileStore
from hub.materials.uploads import SEGMENT_BYTES
from hub.printed_numbers import printed_number
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.storage.pending_rows import insert_later
from hub.tables.case import CaseRow
from hub.tables.destruction import DestructionEntryRow, DestructionEventRow, DestructionListRow
from hub.tables.stored_file import CaseArchiveRow
from schema.domain.destruction import (
    LONGEST_TEXT,
    MOST_LISTED,
    DestructionEvent,
    DestructionEventType,
    DestructionList,
    DestructionState,
    DestructionStep,
    ImpossibleDestructionStep,
    drafted,
    may_be_listed,
    transition,
)
from schema.domain.page import check_first
from schema.errors import DomainError, RuntimeCode

CERTIFICATE_TYPE = "destruction+jws"
WORKER = "system"
_T = DestructionEventType


class Destructions:
    """Every method is told who asks, but the worker's round."""

    def __init__(
        self, database: Database, store: FileStore, clock: Clock, keys: Callable[[], Awaitable[KeyRing]]
    ) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._keys = keys

    async def destroyable(self, actor: Actor, first: int = 100) -> Sequence[tuple[CaseArchiveRow, CaseRow]]:
        """Archives that need not be kept any longer and stand in no list, the longest overdue first."""
        _office(actor, ARCHIVIST)
        check_first(first, MOST_LISTED)
        listed = select(DestructionEntryRow.case_id).where(
            col(DestructionEntryRow.case_id) == col(CaseArchiveRow.case_id)
        )
        due = (
            select(CaseArchiveRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(CaseArchiveRow.case_id))
            .where(col(CaseArchiveRow.retained_until) <= self._clock.now(), ~listed.exists(), ~is_reopened())
            .order_by(col(CaseArchiveRow.retained_until), col(CaseArchiveRow.case_id))
            .limit(first)
        )
        async with self._database.reading() as session:
            return (await session.exec(due)).all()

    async def draft(self, actor: Actor, cases: Sequence[str], reason: str) -> DestructionListRow:
        """List archives by their cases. Raises ``DomainError`` CONFLICT naming what must be kept or is listed."""
        _office(actor, ARCHIVIST)
        if not 0 < len(set(cases)) <= MOST_LISTED or not 0 < len(reason.strip()) <= LONGEST_TEXT:
            message = f"List 1 to {MOST_LISTED} archives, with a reason of at most {LONGEST_TEXT} characters."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        now = self._clock.now()
        beginning = DestructionList(printed_number("DL", now))
        after, event = drafted(beginning, DestructionStep(_T.DRAFTED, now, actor.subject, reason))
        row = DestructionListRow(
            id=str(uuid4()), number=after.number, state=after.state, version=0, author="", drafted_at=now
        )
        async with self._database.transaction() as session:
            await _record(session, row, after, event)
            for each in sorted(set(cases)):
                archive = await _archive(session, each)
                case = await session.get(CaseRow, each)
                if archive is None or case is None or not may_be_listed(archive.retained_until, now):
                    raise DomainError(RuntimeCode.CONFLICT, f"Archive {each} is not there, or must be kept on.")
                values = {
                    "case_id": each,
                    "list_id": row.id,
                    "receipt_number": case.receipt_number,
                    "item_code": case.item_code,
                    "state": case.state,
                    "sha256": archive.sha256,
                    "retained_until": archive.retained_until,
                }
                if not await insert_if_absent(session, DestructionEntryRow, values):
                    raise DomainError(RuntimeCode.CONFLICT, f"{case.receipt_number} stands in another list.")
        return row

    async def review(self, actor: Actor, id: str, remark: str | None) -> DestructionListRow:
        """A legal reviewer or an archivist, another person than the author."""
        _office(actor, ARCHIVIST, LEGAL_REVIEWER)
        return await self._move(actor, id, _T.REVIEWED, remark)

    async def approve(self, actor: Actor, id: str, remark: str | None) -> DestructionListRow:
        """An archivist, a third person; the waiting begins."""
        _office(actor, ARCHIVIST)
        return await self._move(actor, id, _T.APPROVED, remark)

    async def stop(self, actor: Actor, id: str, reason: str) -> DestructionListRow:
        """Before the waiting is over; its archives stand in no list any more."""
        _office(actor, ARCHIVIST, LEGAL_REVIEWER, SUPERVISOR)
        return await self._move(actor, id, _T.STOPPED, reason)

    async def list(self, actor: Actor, first: int = 20) -> Sequence[DestructionListRow]:
        """The newest first."""
        _office(actor, ARCHIVIST, LEGAL_REVIEWER, SUPERVISOR)
        check_first(first)
        newest = col(DestructionListRow.drafted_at).desc()
        statement = select(DestructionListRow).order_by(newest, col(DestructionListRow.id)).limit(first)
        async with self._database.reading() as session:
            return (await session.exec(statement)).all()

    async def entries(self, row: DestructionListRow) -> Sequence[DestructionEntryRow]:
        """Of a list that the caller was allowed to read."""
        async with self._database.reading() as session:
            return await _entries(session, row.id)

    async def execute_due(self) -> int:
        """The worker's round: destroy what was approved and waited for; how many archives."""
        now, done = self._clock.now(), 0
        state, until = col(DestructionListRow.state), col(DestructionListRow.waits_until)
        due = select(DestructionListRow.id).where(state == DestructionState.APPROVED, until <= now).limit(5)
        async with self._database.reading() as session:
            ids = (await session.exec(due)).all()
        for each in ids:
            async with self._database.reading() as session:
                entries = await _entries(session, each)
            for entry in entries:
                if entry.destroyed_at is None:
                    done += await self._destroy(entry.case_id)
            await self._certify(each)
        return done

    async def _destroy(self, case_id: str) -> bool:
        """The package's objects first: a round that broke off finds the row and goes on. False for a case that was
        reopened meanwhile: it is kept, and stands in no list any more."""
        async with self._database.transaction() as session:
            archive = await session.get(CaseArchiveRow, case_id, with_for_update=True)
            if archive is not None and await _archive(session, case_id) is None:
                await session.exec(delete(DestructionEntryRow).where(col(DestructionEntryRow.case_id) == case_id))
                return False
        if archive is not None:
            for at in range(0, archive.size_bytes, SEGMENT_BYTES):
                await self._store.delete(f"{archive.object_name}/{at:09d}")
        async with self._database.transaction() as session:
            entry = await session.get_one(DestructionEntryRow, case_id, with_for_update=True)
            await wipe_case(session, case_id)
            entry.destroyed_at = entry.destroyed_at or self._clock.now()
        return True

    async def _certify(self, id: str) -> None:
        key = (await self._keys()).current
        async with self._database.transaction() as session:
            row = await session.get_one(DestructionListRow, id, with_for_update=True)
            if row.state != DestructionState.APPROVED:
                return
            after, event = transition(_list_of(row), DestructionStep(_T.EXECUTED, self._clock.now(), WORKER))
            told = {
                "number": row.number,
                "author": row.author,
                "reviewer": row.reviewer,
                "archivist": row.archivist,
                "executedAt": event.at.isoformat(),
                "destroyed": [
                    {
                        "receiptNumber": entry.receipt_number,
                        "itemCode": entry.item_code,
                        "state": entry.state,
                        "sha256": entry.sha256,
                        "retainedUntil": entry.retained_until.isoformat(),
                    }
                    for entry in await _entries(session, id)
                ],
            }
            header = {"alg": SIGNING_ALGORITHM, "typ": CERTIFICATE_TYPE, "kid": str(key.kid)}
            text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
            row.certificate = jws.serialize_compact(header, text, key, algorithms=[SIGNING_ALGORITHM])
            await _record(session, row, after, event)

    async def _move(
        self, actor: Actor, id: str, type: DestructionEventType, text: str | None
    ) -> DestructionListRow:
        async with self._database.transaction() as session:
            row = await session.get(DestructionListRow, id, with_for_update=True)
            if row is None:
                raise DomainError(RuntimeCode.NOT_FOUND, "There is no such list.")
            step = DestructionStep(type, self._clock.now(), actor.subject, text)
            try:
                after, event = transition(_list_of(row), step)
            except ImpossibleDestructionStep as refused:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
            await _record(session, row, after, event)
            if after.state is DestructionState.STOPPED:
                await session.exec(delete(DestructionEntryRow).where(col(DestructionEntryRow.list_id) == id))
        return row


async def _record(
    session: AsyncSession, row: DestructionListRow, after: DestructionList, event: DestructionEvent
) -> None:
    row.state, row.version, row.author = after.state, after.version, after.author or ""
    row.reviewer, row.archivist = after.reviewer, after.archivist
    row.waits_until, row.executed_at = after.waits_until, after.executed_at
    session.add(row)
    await session.flush()
    values = {"list_id": row.id, "version": event.version, "type": event.type.value, "state": event.state.value}
    insert_later(session, DestructionEventRow, {**values, "at": event.at, "by": event.by, "text": event.text})


async def _archive(session: AsyncSession, case_id: str) -> CaseArchiveRow | None:
    """The package of a case that was not reopened since."""
    statement = select(CaseArchiveRow).where(col(CaseArchiveRow.case_id) == case_id, ~is_reopened())
    return (await session.exec(statement)).first()


async def _entries(session: AsyncSession, list_id: str) -> Sequence[DestructionEntryRow]:
    statement = select(DestructionEntryRow).where(col(DestructionEntryRow.list_id) == list_id)
    return (await session.exec(statement.order_by(col(DestructionEntryRow.receipt_number)))).all()


def _list_of(row: DestructionListRow) -> DestructionList:
    return DestructionList(
        number=row.number,
        state=DestructionState(row.state),
        version=row.version,
        author=row.author,
        reviewer=row.reviewer,
        archivist=row.archivist,
        waits_until=row.waits_until,
        executed_at=row.executed_at,
    )


def _office(actor: Actor, *roles: str) -> None:
    if not any(actor.has_role(role) for role in roles):
        message = f"Only {' or '.join(roles)} may see or do this. Have an operator grant the role."
        raise DomainError(RuntimeCode.FORBIDDEN, message)

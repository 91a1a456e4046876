"""Share a licence, take it back, read what was shared; each reading is recorded before anything is handed out.

A share ends everywhere at once: at the graph by its row, for documents by the status list and their own end.
Source: docs/licences.md, "Sharing"; domain.md, section 6 and 9.12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import update
from sqlmodel import col, func, select

from auth.access_log import AccessLog, AccessNotLogged, AccessRecord, log_access
from auth.actor import Actor
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.licences.gathered_licences import OWN, ToldLicence
from hub.licences.licence_documents import LicenceDocuments, Presentation
from hub.licences.licence_store import new_status
from hub.people.who import may_handle
from hub.storage.database import Database
from hub.tables.licence import LicenceRow, LicenceShareRow, LicenceStatusRow
from schema.domain.licence import LicenceState
from schema.domain.licence_share import MOST_OPEN, RecipientKind, ShareState, share_problems, share_state
from schema.domain.licence_verification import (
    Reason,
    SharedFor,
    ShownLicence,
    StatusReading,
    Verdict,
    judge,
)
from schema.domain.status_list import STATUS_OF, Status
from schema.errors import DomainError, RuntimeCode

FRESH_FOR = timedelta(hours=1)
"""How old what a department told may be before it is asked again at a reading."""
MOST_READ = 100


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """``recipient`` is an organisation's code, or the name of somebody outside; ``shows`` as in a presentation."""

    issuer: str
    number: str
    kind: RecipientKind
    recipient: str
    purpose: str
    ends_at: datetime
    shows: tuple[str, ...] = ()


class LicenceShares:
    """The shares of all people; every method is told who asks."""

    def __init__(
        self,
        database: Database,
        catalogue: CatalogueStore,
        clock: Clock,
        documents: LicenceDocuments,
        access_log: AccessLog,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._documents = documents
        self._access_log = access_log

    async def share(self, actor: Actor, asked: ShareRequest) -> LicenceShareRow:
        """Show an own licence, of any register, to one recipient. Raises ``DomainError``."""
        now = self._clock.now()
        if wrong := " ".join(share_problems(asked.recipient, asked.purpose, asked.ends_at, now)):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
        name = await self._recipient_name(asked)
        # What is shown must be there to be shown; this is where another's licence is refused.
        own = await self._documents.own(actor, asked.issuer, asked.number)
        told = None
        if own is not None:
            await self._documents.of_row(own, asked.shows)
        else:
            told = await self._documents.told(actor, asked.issuer, asked.number)
            await self._documents.of_told(told, actor.subject, asked.shows)
        async with self._database.transaction() as session:
            is_open = (
                col(LicenceShareRow.holder) == actor.subject,
                col(LicenceShareRow.withdrawn_at).is_(None),
                col(LicenceShareRow.ends_at) > now,
            )
            held = await session.exec(select(func.count()).select_from(LicenceShareRow).where(*is_open))
            if held.one() >= MOST_OPEN:
                wrong = f"You have {MOST_OPEN} open shares. Withdraw one first."
                raise DomainError(RuntimeCode.CONFLICT, wrong)
            row = LicenceShareRow(
                id=str(uuid4()),
                issuer=asked.issuer,
                number=asked.number,
                licence_id=own.id if own is not None else None,
                copy_=_kept(told) if told is not None else None,
                told_at=told.told_at if told is not None else None,
                source=told.source if told is not None else OWN,
                holder=actor.subject,
                recipient_kind=asked.kind,
                recipient=asked.recipient,
                recipient_name=name,
                purpose=asked.purpose.strip(),
                shows=list(asked.shows),
                begins_at=now,
                ends_at=asked.ends_at,
                status_index=await new_status(session),
            )
            if own is not None:
                # Suspended or revoked meanwhile: the new place says so too.
                fresh = await session.get_one(LicenceRow, own.id, with_for_update=True)
                await session.exec(_set(row.status_index, STATUS_OF[LicenceState(fresh.state)]))
            session.add(row)
        return row

    async def withdraw(self, actor: Actor, id: str) -> LicenceShareRow:
        """Take a share back; from this moment it is read nowhere. Again it changes nothing."""
        async with self._database.transaction() as session:
            row = await session.get(LicenceShareRow, id, with_for_update=True)
            if row is None or row.holder != actor.subject:
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such share.")
            if row.withdrawn_at is None:
                row.withdrawn_at = self._clock.now()
                session.add(row)
                await session.exec(_set(row.status_index, Status.WITHDRAWN))
            return row

    async def of(self, actor: Actor) -> Sequence[LicenceShareRow]:
        """One's own, the newest first."""
        mine = select(LicenceShareRow).where(col(LicenceShareRow.holder) == actor.subject)
        newest = mine.order_by(col(LicenceShareRow.status_index).desc()).limit(MOST_READ)
        async with self._database.reading() as session:
            return (await session.exec(newest)).all()

    async def received(self, actor: Actor) -> Sequence[LicenceShareRow]:
        """What is open to the organisation for which the actor works, the newest first."""
        catalogue = await self._catalogue.current()
        codes = [
            each.code
            for each in catalogue.organisations.values()
            if each.department is not None and may_handle(actor, each.department)
        ]
        open_to = (
            select(LicenceShareRow)
            .where(
                col(LicenceShareRow.recipient_kind) == RecipientKind.ORGANISATION,
                col(LicenceShareRow.recipient).in_(codes),
                col(LicenceShareRow.withdrawn_at).is_(None),
                col(LicenceShareRow.ends_at) > self._clock.now(),
            )
            .order_by(col(LicenceShareRow.status_index).desc())
            .limit(MOST_READ)
        )
        async with self._database.reading() as session:
            return (await session.exec(open_to)).all()

    async def read(self, actor: Actor, id: str) -> Verdict:
        """What was shared with the actor's organisation, as it stands now. Raises ``DomainError`` NOT_FOUND for a
        share that is another's, over or withdrawn; SERVICE_UNAVAILABLE where the reading cannot be recorded."""
        row = next((each for each in await self.received(actor) if each.id == id), None)
        if row is None:
            raise DomainError(RuntimeCode.NOT_FOUND, "Nothing of this number is shared with you now.")
        await self._record(row, actor.subject, actor.client_id)
        return await self._verdict(row)

    async def document(self, actor: Actor, id: str) -> Presentation:
        """The signed document of an own open share for somebody outside: what the holder hands on."""
        async with self._database.reading() as session:
            row = await session.get(LicenceShareRow, id)
        is_theirs = row is not None and row.holder == actor.subject
        if row is None or not is_theirs or row.recipient_kind != RecipientKind.BEARER:
            raise DomainError(RuntimeCode.NOT_FOUND, "You have no such share for somebody outside.")
        if self.state(row) is not ShareState.OPEN:
            raise DomainError(RuntimeCode.INVALID_TRANSITION, f"The share is {self.state(row)}. Make a new one.")
        return await self._documents.signed(await self._shown(row), row.holder)

    async def verify(self, text: str) -> Verdict:
        """Of any document. What was shared is recorded as read by whom it was shared with, and asked for anew."""
        verdict = await self._documents.verify(text)
        shared = verdict.shown.share if verdict.shown is not None else None
        if shared is None:
            return verdict
        async with self._database.reading() as session:
            row = await session.get(LicenceShareRow, shared.id)
        if row is None:
            return Verdict(Reason.MALFORMED)
        if verdict.reason not in (Reason.VALID, Reason.STATUS_TOO_OLD):
            # Over or withdrawn: nothing of the licence is told any more.
            return Verdict(verdict.reason, None, verdict.status_as_of)
        await self._record(row, f"share:{row.id}", "verification")
        return await self._verdict(row)

    def state(self, row: LicenceShareRow) -> ShareState:
        return share_state(row.ends_at, row.withdrawn_at, self._clock.now())

    async def _verdict(self, row: LicenceShareRow) -> Verdict:
        row = await self._refreshed(row)
        async with self._database.reading() as session:
            status = await session.get(LicenceStatusRow, row.status_index)
        now = self._clock.now()
        return judge(await self._shown(row), now, StatusReading(status.value, now) if status else None)

    async def _shown(self, row: LicenceShareRow) -> ShownLicence:
        """What the share says: the licence as it is, for no longer than the share lasts."""
        if row.licence_id is not None:
            async with self._database.reading() as session:
                licence = await session.get_one(LicenceRow, row.licence_id)
            shown = await self._documents.of_row(licence, row.shows)
        else:
            shown = await self._documents.of_told(_told(row), row.holder, row.shows)
        share = SharedFor(id=row.id, recipient=row.recipient_name, purpose=row.purpose)
        place = self._documents.place(row.status_index)
        return replace(shown, share=share, ends_at=row.ends_at, status=place)

    async def _refreshed(self, row: LicenceShareRow) -> LicenceShareRow:
        """With what the department says now, where what it said is old: as the holder, who shared it."""
        now = self._clock.now()
        if row.told_at is None or now - row.told_at <= FRESH_FOR:
            return row
        holder = Actor(row.holder, "licence-share", frozenset({"citizen"}), frozenset({"citizen"}), row.ends_at)
        try:
            told = await self._documents.told_in_any_state(holder, row.issuer, row.number)
        except DomainError:
            # Its department is silent, or says nothing of it: what was told grows old, and the verdict says so.
            return row
        async with self._database.transaction() as session:
            kept = await session.get_one(LicenceShareRow, row.id, with_for_update=True)
            kept.copy_, kept.told_at = _kept(told), told.told_at
            session.add(kept)
            if kept.withdrawn_at is None:
                await session.exec(_set(kept.status_index, STATUS_OF[told.state]))
        return kept

    async def _record(self, row: LicenceShareRow, reader: str, client: str) -> None:
        fields = ("Licence.kind", "Licence.number", *(f"Licence.{code}" for code in row.shows))
        purpose = f"{row.recipient_name}: {row.purpose}"
        now = self._clock.now()
        record = AccessRecord(reader, client, row.holder, purpose, fields, (row.source,), now, row.id)
        try:
            await log_access(self._access_log, [record])
        except AccessNotLogged as error:
            raise DomainError(RuntimeCode.SERVICE_UNAVAILABLE, str(error)) from error

    async def _recipient_name(self, asked: ShareRequest) -> str:
        if asked.kind is RecipientKind.BEARER:
            return asked.recipient.strip()
        found = (await self._catalogue.current()).organisations.get(asked.recipient)
        if found is None or found.department is None:
            wrong = f'"{asked.recipient}" is no organisation that reads here. Choose another, or BEARER.'
            raise DomainError(RuntimeCode.NOT_FOUND, wrong)
        return found.name


def _set(index: int, status: Status) -> Any:
    return update(LicenceStatusRow).where(col(LicenceStatusRow.index) == index).values(value=status.value)


def _kept(told: ToldLicence) -> dict[str, Any]:
    return {
        "issuerName": told.issuer_name,
        "kind": told.kind,
        "name": told.name,
        "nameEn": told.name_en,
        "state": told.state.value,
        "validFrom": told.valid_from.isoformat() if told.valid_from else None,
        "validUntil": told.valid_until.isoformat() if told.valid_until else None,
        "enterprise": told.enterprise,
    }


def _told(row: LicenceShareRow) -> ToldLicence:
    kept, told_at = row.copy_, row.told_at
    if kept is None or told_at is None:
        raise LookupError(f"Share {row.id} keeps nothing of what its department told.")
    first, last = kept["validFrom"], kept["validUntil"]
    return ToldLicence(
        issuer=row.issuer,
        issuer_name=kept["issuerName"],
        number=row.number,
        kind=kept["kind"],
        name=kept["name"],
        name_en=kept["nameEn"],
        state=LicenceState(kept["state"]),
        valid_from=date.fromisoformat(first) if first else None,
        valid_until=date.fromisoformat(last) if last else None,
        enterprise=kept["enterprise"],
        source=row.source,
        told_at=told_at,
    )

"""Licences as rows: issue one, change one with its event, its place in the status list and word to the holder.

Everything runs in the caller's transaction, so that a case's result and its licence become true together.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.notices.notices import citizen, put_notice
from hub.tables.case import CaseRow
from hub.tables.licence import LicenceEventRow, LicenceRow, LicenceShareRow, LicenceStatusRow
from schema.domain.case import CaseEvent
from schema.domain.catalogue import Catalogue
from schema.domain.licence import (
    MOST_NUMBER,
    ImpossibleLicenceChange,
    Licence,
    LicenceEvent,
    LicenceEventType,
    LicenceState,
    LicenceType,
    change,
    issued,
    next_look,
    said,
)
from schema.domain.licence_words import changed_text, issued_text
from schema.domain.notice import NoticeKind
from schema.domain.receipt_number import SHANGHAI
from schema.domain.service_item import ServiceItem
from schema.domain.status_list import STATUS_OF, Status
from schema.errors import DomainError, RuntimeCode

SYSTEM = "system"


def today(now: datetime) -> date:
    """The day at Beijing."""
    return now.astimezone(SHANGHAI).date()


async def issue_for_case(
    session: AsyncSession, row: CaseRow, event: CaseEvent, item: ServiceItem, catalogue: Catalogue
) -> None:
    """The licence that an officer's case has come to, where its kind is one of the hub's types. The licence of a
    department that keeps its own register is there, and gathered from there."""
    of_type = catalogue.licence_types.get(str(event.data.get("kind")))
    if of_type is None or not item.is_decided_by_officers:
        return
    until = event.data.get("validUntil")
    licence = Licence(
        id=str(uuid4()),
        number=str(event.data["number"]),
        kind=of_type.code,
        issuer=item.organisation,
        holder=row.applicant,
        state=LicenceState.VALID,
        version=1,
        valid_from=today(event.at),
        valid_until=date.fromisoformat(str(until)) if until else None,
    )
    by = str(event.data.get("officer") or SYSTEM)
    department = catalogue.department_of(item)
    await issue(session, licence, of_type, by, event.at, said(of_type, row.form), department, row.id)


async def issue(
    session: AsyncSession,
    licence: Licence,
    type: LicenceType,
    by: str,
    at: datetime,
    says: tuple[dict[str, str], ...],
    department: str | None,
    case_id: str | None,
) -> LicenceRow:
    """A new licence. One of a single kind takes the place of the one before. Raises ``DomainError`` CONFLICT for a
    number that is taken, INVALID_TRANSITION where the one before is suspended."""
    await _check(session, licence, at)
    succeeded = await _succeed(session, licence, by, at) if type.is_single else None
    row = LicenceRow(
        id=licence.id,
        number=licence.number,
        kind=licence.kind,
        name=type.name,
        name_en=type.name_en,
        issuer=licence.issuer,
        department=department,
        holder=licence.holder,
        case_id=case_id,
        state=licence.state,
        version=licence.version,
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        said=list(says),
        issued_at=at,
        changed_at=at,
        succeeds=succeeded,
        look_on=next_look(licence, type, today(at)),
        status_index=await new_status(session),
    )
    session.add(row)
    await session.flush()
    _add_event(session, licence.id, issued(licence, by, at))
    text = issued_text(type.name, type.name_en, licence.number, licence.valid_until)
    put_notice(session, citizen(licence.holder), NoticeKind.LICENCE, f"licence/{licence.id}/1", text, at)
    return row


async def move(
    session: AsyncSession,
    row: LicenceRow,
    type: LicenceEventType,
    by: str,
    at: datetime,
    reason: str | None = None,
) -> LicenceEvent:
    """One change of a licence that was read with a lock. Raises ``DomainError`` INVALID_TRANSITION."""
    try:
        after, event = change(licence_of(row), type, by, at, today(at), reason)
    except ImpossibleLicenceChange as impossible:
        raise DomainError(RuntimeCode.INVALID_TRANSITION, str(impossible)) from None
    row.state, row.version, row.changed_at, row.reason = after.state, after.version, at, event.reason
    if after.state not in (LicenceState.VALID, LicenceState.SUSPENDED):
        row.look_on = None
    elif row.valid_until is not None:
        # The worker finds out what comes next: the type's reminders are not read here.
        row.look_on = today(at)
    session.add(row)
    await _set_status(session, row, STATUS_OF[after.state])
    _add_event(session, row.id, event)
    text = changed_text(row.name, row.name_en, row.number, type, event.reason)
    key = f"licence/{row.id}/{event.version}"
    put_notice(session, citizen(row.holder), NoticeKind.LICENCE, key, text, at)
    return event


async def new_status(session: AsyncSession) -> int:
    """A new place in the status list, which says that all is well."""
    row = LicenceStatusRow(value=Status.VALID.value)
    session.add(row)
    await session.flush()
    if row.index is None:
        raise LookupError("The database gave the new place no number.")
    return row.index


def licence_of(row: LicenceRow) -> Licence:
    return Licence(
        id=row.id,
        number=row.number,
        kind=row.kind,
        issuer=row.issuer,
        holder=row.holder,
        state=LicenceState(row.state),
        version=row.version,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


async def _check(session: AsyncSession, licence: Licence, at: datetime) -> None:
    if not 0 < len(licence.number.strip()) <= MOST_NUMBER:
        wrong = f"A licence's number has 1 to {MOST_NUMBER} characters."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
    if licence.valid_until is not None and licence.valid_until < today(at):
        wrong = "The last day of a new licence is not past. Give a later `validUntil`."
        raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
    same = select(LicenceRow.id).where(
        col(LicenceRow.issuer) == licence.issuer, col(LicenceRow.number) == licence.number
    )
    if (await session.exec(same)).first() is not None:
        wrong = f"{licence.issuer} has issued a licence of the number {licence.number}. Give another."
        raise DomainError(RuntimeCode.CONFLICT, wrong)


async def _succeed(session: AsyncSession, licence: Licence, by: str, at: datetime) -> str | None:
    """The earlier ones of the same kind, holder and issuer give way; the id of the newest of them."""
    runs = (LicenceState.VALID, LicenceState.SUSPENDED, LicenceState.EXPIRED)
    earlier = (
        select(LicenceRow)
        .where(
            col(LicenceRow.holder) == licence.holder,
            col(LicenceRow.kind) == licence.kind,
            col(LicenceRow.issuer) == licence.issuer,
            col(LicenceRow.state).in_(runs),
        )
        .order_by(col(LicenceRow.status_index))
        .with_for_update()
    )
    newest = None
    for row in (await session.exec(earlier)).all():
        await move(session, row, LicenceEventType.SUPERSEDED, by, at)
        newest = row.id
    return newest


async def _set_status(session: AsyncSession, row: LicenceRow, status: Status) -> None:
    """Its own place, and those of what is shared of it and was not withdrawn."""
    shared = select(LicenceShareRow.status_index).where(
        col(LicenceShareRow.licence_id) == row.id, col(LicenceShareRow.withdrawn_at).is_(None)
    )
    places = (row.status_index, *(await session.exec(shared)).all())
    await session.exec(
        update(LicenceStatusRow).where(col(LicenceStatusRow.index).in_(places)).values(value=status.value)
    )


def _add_event(session: AsyncSession, licence: str, event: LicenceEvent) -> None:
    session.add(
        LicenceEventRow(
            licence_id=licence,
            version=event.version,
            type=event.type,
            state=event.state,
            by=event.by,
            at=event.at,
            reason=event.reason,
        )
    )

"""Order inspections for cases, dispatch them, add evidence, report; and the worker's eye on their limit.

An inspector is at one place at a time: the hours come from the officer's calendar
(``hub/appointments/engagements.py``).
Evidence is a file that the inspector uploaded; from then on it belongs to the case.
Source: docs/inspections.md (art. 14).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.roles import SUPERVISOR
from connectors.clock import Clock
from hub.appointments.engagements import engage, release
from hub.cases import case_store
from hub.catalogue.catalogue import CatalogueStore
from hub.notices.notices import SUPERVISORS, citizen, department_desk, put_notice
from hub.people.colleagues import check_handler
from hub.people.who import may_handle, may_read_content
from hub.printed_numbers import printed_number
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.storage.pending_rows import insert_later, insert_pending
from hub.storage.wakeups import Wakeups
from hub.supervision.card_store import Supervised, lift_cards, put_card
from hub.tables.case import CaseRow
from hub.tables.inspection import InspectionEventRow, InspectionRow
from hub.tables.stored_file import CaseFileRow, StoredFileRow
from schema.domain.case import CaseState
from schema.domain.inspection import (
    OPEN,
    RESULTS,
    Coordinates,
    ImpossibleInspectionStep,
    Inspection,
    InspectionEvent,
    InspectionEventType,
    InspectionState,
    InspectionStep,
    InspectionWay,
    begun,
    due_at,
    transition,
)
from schema.domain.notice import NoticeKind, NoticeText, card_text
from schema.domain.page import check_first
from schema.domain.stored_file import FileState
from schema.domain.supervision import CardLevel, CardMoment, CardTrigger
from schema.errors import DomainError, RuntimeCode

LONGEST_TEXT = 2000
PICTURES = ("image/jpeg", "image/png", "application/pdf")
_IN_REVIEW = (CaseState.ACCEPTED, CaseState.IN_REVIEW, CaseState.SUSPENDED)
_WHAT = NoticeText("勘查", "inspection")
_T = InspectionEventType


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be inspected. ``place`` is where; a picture on site is compared with it."""

    case: str
    way: InspectionWay
    address: str
    reason: str
    place: Coordinates | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A picture: which file, where and when it was taken."""

    file: str
    taken_at: datetime
    place: Coordinates | None = None
    remark: str | None = None


class Inspections:
    """Every method is told who asks; who may not know of a case is told that there is none."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._wakeups = wakeups

    async def order(self, actor: Actor, order: Order) -> InspectionRow:
        """By who handles the case, while it is in review. Raises ``DomainError``."""
        _check(order)
        calendar = (await self._catalogue.current()).timing.calendar
        async with self._database.transaction() as session:
            case = await case_store.find(session, order.case, lock=True)
            if case is None or case.department is None or not may_handle(actor, case.department):
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")
            if case.state not in _IN_REVIEW or actor.subject == case.applicant:
                message = f"An inspection is ordered for another's case in: {', '.join(_IN_REVIEW)}."
                raise DomainError(RuntimeCode.INVALID_TRANSITION, message)
            now = self._clock.now()
            beginning = Inspection(
                str(uuid4()), printed_number("IN", now), case.id, case.applicant, order.way, order.place
            )
            step = InspectionStep(_T.ORDERED, now, order.reason, {"officer": actor.subject})
            after, event = begun(beginning, step)
            due = due_at(now, calendar)
            row = InspectionRow(
                id=after.id,
                number=after.number,
                case_id=case.id,
                applicant=case.applicant,
                department=case.department,
                way=order.way,
                address=order.address.strip(),
                latitude=order.place.latitude if order.place else None,
                longitude=order.place.longitude if order.place else None,
                state=after.state,
                version=0,
                ordered_at=now,
                due_at=due,
                clock_at=due,
            )
            await self._record(session, row, after, event)
        return row

    async def schedule(
        self, actor: Actor, inspection: str, inspector: str, begins_at: datetime, ends_at: datetime
    ) -> InspectionRow:
        """Dispatch an inspector of the department at a time, or at another.

        Raises ``DomainError``: BAD_USER_INPUT for anybody else, CONFLICT where the inspector is busy.
        """
        data = {"inspector": inspector, "beginsAt": begins_at.isoformat(), "endsAt": ends_at.isoformat()}

        async def take_time(session: AsyncSession, row: InspectionRow) -> None:
            await check_handler(session, inspector, row.department)
            if begins_at < ends_at:
                await engage(session, inspector, _engagement(row), row.number, begins_at, ends_at)

        return await self._move(actor, inspection, InspectionEventType.SCHEDULED, None, data, take_time)

    async def add_evidence(self, actor: Actor, inspection: str, evidence: Evidence) -> InspectionRow:
        """A checked picture of the inspector's own; it is kept with the case."""
        data = {
            "file": evidence.file,
            "takenAt": evidence.taken_at.isoformat(),
            "latitude": evidence.place.latitude if evidence.place else None,
            "longitude": evidence.place.longitude if evidence.place else None,
            "remark": evidence.remark,
        }

        async def is_a_picture(session: AsyncSession, row: InspectionRow) -> None:
            file = await session.get(StoredFileRow, evidence.file)
            is_own = file is not None and file.owner == actor.subject and file.state == FileState.READY
            if file is None or not is_own or file.media_type not in PICTURES:
                message = f"You have no checked file of this id that is one of: {', '.join(PICTURES)}."
                raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
            used = {"case_id": row.case_id, "file_id": evidence.file}
            await insert_if_absent(session, CaseFileRow, used)

        return await self._move(actor, inspection, InspectionEventType.EVIDENCE_ADDED, None, data, is_a_picture)

    async def report(self, actor: Actor, inspection: str, *, passed: bool, findings: str) -> InspectionRow:
        """The result, by the inspector, over evidence."""
        if len(findings) > LONGEST_TEXT:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`findings` have at most {LONGEST_TEXT} characters.")
        kind = InspectionEventType.PASSED if passed else InspectionEventType.FAILED
        return await self._move(actor, inspection, kind, None, {"findings": findings})

    async def cancel(self, actor: Actor, inspection: str, reason: str) -> InspectionRow:
        return await self._move(actor, inspection, InspectionEventType.CANCELLED, reason, {})

    async def of_case(self, actor: Actor, case_id: str) -> Sequence[InspectionRow]:
        """For who may read the case's content; the newest first."""
        async with self._database.reading() as session:
            case = await session.get(CaseRow, case_id)
            if case is None or not may_read_content(actor, case.applicant, case.department, case.item_code):
                return ()
            statement = select(InspectionRow).where(col(InspectionRow.case_id) == case_id)
            return (await session.exec(statement.order_by(col(InspectionRow.ordered_at).desc()))).all()

    async def work(self, actor: Actor, *, mine: bool, first: int = 50) -> Sequence[InspectionRow]:
        """Open ones of the actor's department, or those they are dispatched to; the next visit first."""
        check_first(first)
        statement = select(InspectionRow).where(col(InspectionRow.state).in_(OPEN))
        if not actor.has_role(SUPERVISOR):
            statement = statement.where(col(InspectionRow.department) == (actor.department or "-"))
        if mine:
            statement = statement.where(col(InspectionRow.inspector) == actor.subject)
        ordered = statement.order_by(col(InspectionRow.due_at), col(InspectionRow.id)).limit(first)
        async with self._database.reading() as session:
            found = (await session.exec(ordered)).all()
        return [row for row in found if may_handle(actor, row.department) or actor.has_role(SUPERVISOR)]

    async def get(self, actor: Actor, inspection: str) -> InspectionRow | None:
        """By id; for who handles the case, supervises, or applied."""
        async with self._database.reading() as session:
            row = await session.get(InspectionRow, inspection)
        return row if row is not None and _may_know(actor, row) else None

    async def events(self, row: InspectionRow) -> tuple[InspectionEvent, ...]:
        """Of one that the caller was allowed to read."""
        async with self._database.reading() as session:
            return await _events(session, row.id)

    async def look(self) -> int:
        """The worker's round: a red card for each that has no result in its time; how many."""
        now = self._clock.now()
        due = select(InspectionRow.id).where(col(InspectionRow.clock_at) <= now).limit(100)
        async with self._database.reading() as session:
            ids = (await session.exec(due)).all()
        for each in ids:
            async with self._database.transaction() as session:
                row = await session.get_one(InspectionRow, each, with_for_update=True)
                if row.clock_at is not None and row.state in OPEN:
                    await _raise_card(session, row, now)
                row.clock_at = None
        if ids:
            self._wakeups.outbox.set()
        return len(ids)

    async def _move(
        self,
        actor: Actor,
        inspection: str,
        kind: InspectionEventType,
        reason: str | None,
        data: dict[str, Any],
        check: Any = None,
    ) -> InspectionRow:
        async with self._database.transaction() as session:
            row = await session.get(InspectionRow, inspection, with_for_update=True)
            if row is None or not may_handle(actor, row.department) or actor.subject == row.applicant:
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such inspection.")
            if check is not None:
                await check(session, row)
            step = InspectionStep(kind, self._clock.now(), reason, {"officer": actor.subject, **data})
            try:
                after, event = transition(inspection_of(row), step)
            except ImpossibleInspectionStep as refused:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
            await self._record(session, row, after, event)
        return row

    async def _record(
        self, session: AsyncSession, row: InspectionRow, after: Inspection, event: InspectionEvent
    ) -> None:
        row.state, row.version, row.inspector = after.state, after.version, after.inspector
        row.begins_at, row.ends_at, row.evidence = after.begins_at, after.ends_at, after.evidence
        row.findings, row.ended_at = after.findings, after.ended_at
        row.clock_at = row.clock_at if after.state in OPEN else None
        if after.state not in OPEN:
            await release(session, _engagement(row))
        session.add(row)
        await session.flush()
        insert_later(session, InspectionEventRow, _values(row.id, event))
        if event.type in RESULTS or event.type is InspectionEventType.CANCELLED:
            await lift_cards(session, row.id, event.type.value, event.at)
        for recipient, text in _told(row, after, event):
            key = f"inspection/{row.id}/{event.version}"
            put_notice(session, recipient, NoticeKind.INSPECTION, key, text, event.at)
        self._wakeups.outbox.set()


def inspection_of(row: InspectionRow) -> Inspection:
    has_place = row.latitude is not None and row.longitude is not None
    return Inspection(
        id=row.id,
        number=row.number,
        case_id=row.case_id,
        applicant=row.applicant,
        way=InspectionWay(row.way),
        place=Coordinates(row.latitude or 0.0, row.longitude or 0.0) if has_place else None,
        state=InspectionState(row.state),
        version=row.version,
        inspector=row.inspector,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        evidence=row.evidence,
        findings=row.findings,
        ordered_at=row.ordered_at,
        ended_at=row.ended_at,
    )


def _engagement(row: InspectionRow) -> str:
    """Under which name the inspector's calendar has it."""
    return f"inspection/{row.id}"


def _may_know(actor: Actor, row: InspectionRow) -> bool:
    return actor.subject == row.applicant or may_handle(actor, row.department) or actor.has_role(SUPERVISOR)


def _check(order: Order) -> None:
    wrong = []
    if not 1 <= len(order.address.strip()) <= 200:
        wrong.append("`address` has 1 to 200 characters.")
    if not 1 <= len(order.reason.strip()) <= LONGEST_TEXT:
        wrong.append(f"`reason` has 1 to {LONGEST_TEXT} characters.")
    if wrong:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))


def _told(row: InspectionRow, after: Inspection, event: InspectionEvent) -> Sequence[tuple[str, NoticeText]]:
    number = row.number
    match event.type:
        case InspectionEventType.SCHEDULED:
            told = NoticeText(f"勘查 {number} 已安排时间。", f"Inspection {number} has a time.")
            yours = NoticeText(f"勘查 {number} 由您前往。", f"Inspection {number} is yours.")
            return ((citizen(row.applicant), told), (citizen(after.inspector or ""), yours))
        case InspectionEventType.PASSED | InspectionEventType.FAILED:
            told = NoticeText(f"勘查 {number} 已有结果。", f"Inspection {number} has a result.")
            return ((citizen(row.applicant), told), (department_desk(row.department), told))
        case InspectionEventType.CANCELLED:
            told = NoticeText(f"勘查 {number} 已取消。", f"Inspection {number} was cancelled.")
            return ((citizen(row.applicant), told),)
        case _:
            return ()


async def _raise_card(session: AsyncSession, row: InspectionRow, now: datetime) -> None:
    of = Supervised(row.id, row.number, row.department, "INSPECTION")
    moment = CardMoment(row.due_at, CardTrigger.INSPECTION_LIMIT, CardLevel.RED, row.due_at)
    text = card_text(moment.trigger, moment.level, row.number, moment.due_at, _WHAT)
    told = (department_desk(row.department), SUPERVISORS, citizen(row.applicant))
    await put_card(session, of, moment, now, text, told)


async def _events(session: AsyncSession, id: str) -> tuple[InspectionEvent, ...]:
    await insert_pending(session)
    statement = select(InspectionEventRow).where(col(InspectionEventRow.inspection_id) == id)
    rows = (await session.exec(statement.order_by(col(InspectionEventRow.version)))).all()
    return tuple(
        InspectionEvent(
            row.version, InspectionEventType(row.type), InspectionState(row.state), row.at, row.reason, row.data
        )
        for row in rows
    )


def _values(id: str, event: InspectionEvent) -> dict[str, Any]:
    return {
        "inspection_id": id,
        "version": event.version,
        "type": event.type.value,
        "state": event.state.value,
        "at": event.at,
        "reason": event.reason,
        "data": dict(event.data),
    }

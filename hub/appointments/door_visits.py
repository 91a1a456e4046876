"""Dispatch named officers to visits at the door, follow each to its end, and see what nobody went to.

Source: docs/appointments.md, "At the door" (art. 12, 13, 14).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.appointments.appointment_moves import move_appointment
from hub.appointments.visit_store import record, visit_of
from hub.notices.notices import SUPERVISORS, citizen, department_desk
from hub.people.colleagues import check_server
from hub.people.who import may_serve
from hub.printed_numbers import printed_number
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.supervision.card_store import Supervised, put_card
from hub.tables.appointment import AppointmentRow, AppointmentSlotRow
from hub.tables.auth import PersonRow
from hub.tables.door_visit import DoorVisitRow
from hub.tables.supervision import CardRow
from schema.domain.appointment import AppointmentState
from schema.domain.door_visit import (
    OVERDUE_AFTER,
    RULES,
    UNDER_WAY,
    ImpossibleVisitStep,
    Visit,
    VisitEventType,
    VisitStep,
    transition,
)
from schema.domain.notice import NoticeText, card_text
from schema.domain.page import check_first
from schema.domain.service_item import ServiceForm
from schema.domain.supervision import CardLevel, CardMoment, CardTrigger
from schema.errors import DomainError, RuntimeCode

ABOUT = "VISIT"
BATCH = 100
_WHAT = NoticeText("上门服务", "visit at the door")
_T = VisitEventType


class DoorVisits:
    """Every method is told who asks; who may not know of an appointment is told that there is none."""

    def __init__(self, database: Database, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups

    async def dispatch(self, actor: Actor, appointment: str, officer: str) -> DoorVisitRow:
        """Send this officer to a booked visit, or in the place of another who has not set out.

        Raises ``DomainError``: NOT_FOUND, INVALID_TRANSITION, BAD_USER_INPUT for who is none of its officers, and
        CONFLICT where the officer is busy then.
        """
        async with self._database.transaction() as session:
            booked, slot = await self._booked(session, actor, appointment)
            await check_server(session, officer, slot.department)
            row = await session.get(DoorVisitRow, appointment, with_for_update=True)
            if row is None:
                row = DoorVisitRow(
                    appointment_id=booked.id,
                    number=printed_number("VI", self._clock.now()),
                    resident=booked.owner,
                    department=slot.department,
                    case_id=booked.case_id,
                    officer=officer,
                    state="",
                    version=0,
                    begins_at=slot.begins_at,
                    ends_at=slot.ends_at,
                )
            before = visit_of(row) if row.version else Visit(row.number, row.resident, row.begins_at)
            step = VisitStep(_T.DISPATCHED, self._clock.now(), actor.subject, officer)
            await _take(session, row, before, step)
        self._wakeups.outbox.set()
        return row

    async def set_out(self, actor: Actor, appointment: str) -> DoorVisitRow:
        """The officer who was sent is on the way; the resident is told."""
        return await self._by_officer(actor, appointment, _T.SET_OUT, None)

    async def finish(self, actor: Actor, appointment: str, *, served: bool, note: str | None) -> DoorVisitRow:
        """What came of it; the appointment is used, or was missed."""
        return await self._by_officer(actor, appointment, _T.SERVED if served else _T.NOT_MET, note)

    async def work(self, actor: Actor, *, mine: bool = False, first: int = 50) -> Sequence[DoorVisitRow]:
        """Visits under way of the actor's department, or those that they go to; the next first."""
        check_first(first)
        statement = select(DoorVisitRow).where(col(DoorVisitRow.state).in_(UNDER_WAY))
        if mine:
            statement = statement.where(col(DoorVisitRow.officer) == actor.subject)
        ordered = statement.order_by(col(DoorVisitRow.begins_at), col(DoorVisitRow.number)).limit(2 * first)
        async with self._database.reading() as session:
            found = (await session.exec(ordered)).all()
        return [row for row in found if row.officer == actor.subject or may_serve(actor, row.department)][:first]

    async def of(self, appointments: Iterable[str]) -> dict[str, DoorVisitRow]:
        """Of appointments that the caller was allowed to read."""
        wanted = col(DoorVisitRow.appointment_id).in_(sorted(set(appointments)))
        async with self._database.reading() as session:
            rows = (await session.exec(select(DoorVisitRow).where(wanted))).all()
        return {row.appointment_id: row for row in rows}

    async def name_of(self, officer: str) -> str | None:
        """The name of an officer, for whose door they come to."""
        async with self._database.reading() as session:
            person = await session.get(PersonRow, officer)
        return person.name if person is not None else None

    async def look(self) -> int:
        """The worker's round: a red card for each booked visit that nobody has ended two hours after its time; how
        many are new."""
        now, found = self._clock.now(), 0
        had = select(CardRow.id).where(col(CardRow.case_id) == col(AppointmentRow.id))
        late = (
            select(AppointmentRow, AppointmentSlotRow)
            .join(AppointmentSlotRow, col(AppointmentSlotRow.id) == col(AppointmentRow.slot_id))
            .where(
                col(AppointmentRow.state) == AppointmentState.BOOKED,
                col(AppointmentSlotRow.service_form) == ServiceForm.AT_THE_DOOR,
                col(AppointmentSlotRow.ends_at) <= now - OVERDUE_AFTER,
                ~had.exists(),
            )
            .limit(BATCH)
        )
        async with self._database.reading() as session:
            waiting = (await session.exec(late)).all()
        for row, slot in waiting:
            async with self._database.transaction() as session:
                found += await _raise_card(session, row, slot)
        if found:
            self._wakeups.outbox.set()
        return found

    async def _booked(
        self, session: AsyncSession, actor: Actor, appointment: str
    ) -> tuple[AppointmentRow, AppointmentSlotRow]:
        row = await session.get(AppointmentRow, appointment, with_for_update=True)
        slot = await session.get(AppointmentSlotRow, row.slot_id) if row is not None else None
        if row is None or slot is None or not may_serve(actor, slot.department):
            raise _none()
        if slot.service_form != ServiceForm.AT_THE_DOOR or row.state != AppointmentState.BOOKED:
            message = f"Appointment {row.number} is {row.state}, {slot.service_form}. Only booked visits are made."
            raise DomainError(RuntimeCode.INVALID_TRANSITION, message)
        return row, slot

    async def _by_officer(
        self, actor: Actor, appointment: str, type: VisitEventType, note: str | None
    ) -> DoorVisitRow:
        async with self._database.transaction() as session:
            booked = await session.get(AppointmentRow, appointment, with_for_update=True)
            row = await session.get(DoorVisitRow, appointment, with_for_update=True)
            if (
                booked is None
                or row is None
                or not (row.officer == actor.subject or may_serve(actor, row.department))
            ):
                raise _none()
            now = self._clock.now()
            await _take(session, row, visit_of(row), VisitStep(type, now, actor.subject, note=note))
            if (becomes := RULES[type].appointment) is not None:
                await move_appointment(session, booked, becomes, actor.subject, None, now)
        self._wakeups.outbox.set()
        return row


async def _take(session: AsyncSession, row: DoorVisitRow, before: Visit, step: VisitStep) -> None:
    try:
        after, event = transition(before, step)
    except ImpossibleVisitStep as refused:
        raise DomainError(RuntimeCode.INVALID_TRANSITION, str(refused)) from None
    await record(session, row, after, event)


async def _raise_card(session: AsyncSession, row: AppointmentRow, slot: AppointmentSlotRow) -> bool:
    due = slot.ends_at + OVERDUE_AFTER
    moment = CardMoment(due, CardTrigger.VISIT_LIMIT, CardLevel.RED, due)
    of = Supervised(row.id, row.number, slot.department, ABOUT, row.item_code or "")
    text = card_text(moment.trigger, moment.level, row.number, moment.due_at, _WHAT)
    desks = [department_desk(slot.department)] if slot.department else []
    return await put_card(session, of, moment, due, text, (*desks, SUPERVISORS, citizen(row.owner)))


def _none() -> DomainError:
    return DomainError(RuntimeCode.NOT_FOUND, "There is no such visit of yours, or of your department.")

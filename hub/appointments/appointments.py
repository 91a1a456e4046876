"""Appointments: open slots, book one, cancel it, show up.

A slot is taken by one guarded statement in the transaction that writes the booking, so that it is never
overbooked however many ask at once. Source: docs/appointments.md; articles 13 and 17.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.appointments.appointment_moves import MOST_TEXT, move_appointment
from hub.appointments.appointment_slots import slot_of
from hub.cases.case_store import find
from hub.people.who import may_read, may_serve
from hub.printed_numbers import printed_number
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.appointment import AppointmentKeyRow, AppointmentRow, AppointmentSlotRow
from schema.domain.appointment import (
    AppointmentState,
    barred_until,
    booking_problem,
    cancelling_problem,
    is_missed,
)
from schema.domain.case import Channel
from schema.domain.receipt_number import SHANGHAI
from schema.domain.service_item import ServiceForm
from schema.errors import DomainError, RuntimeCode

MOST_HELD = 5
"""Appointments that one person holds at once."""
ALTERNATIVES = 3
_S = AppointmentState


@dataclass(frozen=True, slots=True)
class Booking:
    """What a person asks for. ``address`` is needed where somebody comes to the door (上门)."""

    slot: str
    item_code: str | None = None
    case: str | None = None
    address: str | None = None
    channel: Channel = Channel.WEB
    idempotency_key: str | None = None


class Appointments:
    """The appointments of all people; every method is told who asks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def book(self, actor: Actor, booking: Booking) -> AppointmentRow:
        """Take a place of the slot. Raises ``DomainError``: CONFLICT where it is full, with free ones nearby."""
        if full := await self._known_full(actor, booking):
            raise full
        try:
            async with self._database.transaction() as session:
                return await self._book(session, actor, booking)
        except IntegrityError:
            # The same person at the same moment: the other request has it.
            async with self._database.transaction() as session:
                return await self._book(session, actor, booking)

    async def cancel(self, actor: Actor, id: str, reason: str | None = None) -> AppointmentRow:
        """Give the place back, in time."""
        async with self._database.transaction() as session:
            row, slot = await self._own(session, actor, id)
            if row.state == _S.CANCELLED:
                return row
            problem = cancelling_problem(slot_of(slot), _S(row.state), self._clock.now())
            if problem is not None:
                raise DomainError(RuntimeCode.INVALID_TRANSITION, problem)
            await self._move(session, row, _S.CANCELLED, actor.subject, reason)
            return row

    async def note_arrival(self, actor: Actor, id: str, *, came: bool) -> AppointmentRow:
        """An officer of the place notes who came, or did not."""
        async with self._database.transaction() as session:
            row = await session.get(AppointmentRow, id, with_for_update=True)
            slot = await session.get(AppointmentSlotRow, row.slot_id) if row is not None else None
            if row is None or slot is None or not may_serve(actor, slot.department):
                raise DomainError(RuntimeCode.NOT_FOUND, "There is no such appointment at a place of yours.")
            wanted = _S.USED if came else _S.MISSED
            if row.state == wanted:
                return row
            if not came and self._clock.now() < slot.begins_at:
                message = "Nobody is late before the appointment begins."
                raise DomainError(RuntimeCode.INVALID_TRANSITION, message)
            await self._move(session, row, wanted, actor.subject, None)
            return row

    async def mark_missed(self, limit: int = 200) -> int:
        """Note what nobody came to; how many. The worker calls it now and then."""
        now = self._clock.now()
        late = (
            select(AppointmentRow, AppointmentSlotRow)
            .join(AppointmentSlotRow, col(AppointmentSlotRow.id) == col(AppointmentRow.slot_id))
            .where(
                col(AppointmentRow.state) == _S.BOOKED,
                col(AppointmentRow.begins_at) < now,
                # At the door it is the officer who comes, and who says whether anybody was there.
                col(AppointmentSlotRow.service_form) != ServiceForm.AT_THE_DOOR,
            )
            .order_by(col(AppointmentRow.begins_at))
            .limit(limit)
        )
        async with self._database.reading() as session:
            found = [
                row.id
                for row, slot in (await session.exec(late)).all()
                if is_missed(slot_of(slot), _S.BOOKED, now)
            ]
        for missed in found:
            async with self._database.transaction() as session:
                row = await session.get_one(AppointmentRow, missed, with_for_update=True)
                if row.state == _S.BOOKED:
                    await self._move(session, row, _S.MISSED, "system", None)
        return len(found)

    async def of(self, actor: Actor, first: int = 20) -> Sequence[AppointmentRow]:
        """One's own: those to come first, then the last ones."""
        statement = (
            select(AppointmentRow)
            .where(col(AppointmentRow.owner) == actor.subject)
            .order_by(col(AppointmentRow.begins_at).desc(), col(AppointmentRow.id))
            .limit(first)
        )
        async with self._database.reading() as session:
            return (await session.exec(statement)).all()

    async def get(self, actor: Actor, id: str) -> AppointmentRow | None:
        """One's own, or one at a place where the actor works; else ``None``."""
        async with self._database.reading() as session:
            row = await session.get(AppointmentRow, id)
            slot = await session.get(AppointmentSlotRow, row.slot_id) if row is not None else None
        if row is None or slot is None:
            return None
        return row if may_read(actor, row.owner) or may_serve(actor, slot.department) else None

    async def at(self, actor: Actor, place: str, day: datetime) -> Sequence[AppointmentRow]:
        """Who is expected at a place on the day (Asia/Shanghai) of this moment."""
        begin = day.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        statement = (
            select(AppointmentRow, AppointmentSlotRow)
            .join(AppointmentSlotRow, col(AppointmentSlotRow.id) == col(AppointmentRow.slot_id))
            .where(
                col(AppointmentSlotRow.place) == place,
                col(AppointmentRow.begins_at) >= begin,
                col(AppointmentRow.begins_at) < begin + timedelta(days=1),
            )
            .order_by(col(AppointmentRow.begins_at), col(AppointmentRow.number))
        )
        async with self._database.reading() as session:
            found = (await session.exec(statement)).all()
        return [row for row, slot in found if may_serve(actor, slot.department)]

    async def slots_of(self, ids: Sequence[str]) -> dict[str, AppointmentSlotRow]:
        """The slots of appointments that the caller was allowed to read."""
        async with self._database.reading() as session:
            statement = select(AppointmentSlotRow).where(col(AppointmentSlotRow.id).in_(ids))
            return {row.id: row for row in (await session.exec(statement)).all()}

    async def _known_full(self, actor: Actor, booking: Booking) -> DomainError | None:
        """Most who come too late are told without taking the lock that a booking needs."""
        async with self._database.reading() as session:
            slot = await session.get(AppointmentSlotRow, booking.slot)
            if slot is None or slot.booked < slot.capacity:
                return None
            if await _repeated(session, actor, booking) is not None:
                return None
            return await self._full(session, slot)

    async def _book(self, session: AsyncSession, actor: Actor, booking: Booking) -> AppointmentRow:
        now = self._clock.now()
        if (repeated := await _repeated(session, actor, booking)) is not None:
            await _answer_alike(session, actor, booking, repeated)
            return repeated
        slot = await session.get(AppointmentSlotRow, booking.slot)
        if slot is None:
            raise DomainError(RuntimeCode.NOT_FOUND, "There is no such slot. Read the free ones again.")
        _check(slot, booking)
        problem = slot.closed_because or booking_problem(slot_of(slot), now)
        if problem is not None:
            raise DomainError(RuntimeCode.CONFLICT, problem)
        await self._check_person(session, actor, now)
        case_id = await _case_of(session, actor, booking.case)
        taken = await session.exec(
            update(AppointmentSlotRow)
            .where(
                col(AppointmentSlotRow.id) == slot.id,
                col(AppointmentSlotRow.booked) < col(AppointmentSlotRow.capacity),
                col(AppointmentSlotRow.closed_because).is_(None),
            )
            .values(booked=col(AppointmentSlotRow.booked) + 1)
            .execution_options(synchronize_session=False)
        )
        if not taken.rowcount:
            raise await self._full(session, slot)
        row = AppointmentRow(
            id=str(uuid4()),
            number=printed_number("AP", now),
            slot_id=slot.id,
            owner=actor.subject,
            item_code=booking.item_code or slot.item_code or None,
            case_id=case_id,
            address=booking.address,
            state=_S.BOOKED,
            begins_at=slot.begins_at,
            booked_at=now,
            changed_at=now,
            changed_by=actor.subject,
            channel=booking.channel,
            idempotency_key=booking.idempotency_key,
        )
        session.add(row)
        await session.flush()
        return row

    async def _check_person(self, session: AsyncSession, actor: Actor, now: datetime) -> None:
        own = col(AppointmentRow.owner) == actor.subject
        missed = await session.exec(
            select(AppointmentRow.begins_at).where(own, col(AppointmentRow.state) == _S.MISSED)
        )
        if (until := barred_until(missed.all(), now)) is not None:
            day = until.astimezone(SHANGHAI)
            message = f"Too many appointments were missed. Book again from {day:%Y-%m-%d}, or come to the window."
            raise DomainError(RuntimeCode.CONFLICT, message)
        held = await session.exec(
            select(func.count())
            .select_from(AppointmentRow)
            .where(own, col(AppointmentRow.state) == _S.BOOKED, col(AppointmentRow.begins_at) > now)
        )
        if held.one() >= MOST_HELD:
            message = f"You hold {MOST_HELD} appointments. Use or cancel one first."
            raise DomainError(RuntimeCode.CONFLICT, message)

    async def _full(self, session: AsyncSession, slot: AppointmentSlotRow) -> DomainError:
        nearby = await session.exec(
            select(AppointmentSlotRow.begins_at)
            .where(
                col(AppointmentSlotRow.place) == slot.place,
                col(AppointmentSlotRow.department) == slot.department,
                col(AppointmentSlotRow.service_form) == slot.service_form,
                col(AppointmentSlotRow.item_code) == slot.item_code,
                col(AppointmentSlotRow.booked) < col(AppointmentSlotRow.capacity),
                col(AppointmentSlotRow.closed_because).is_(None),
                col(AppointmentSlotRow.begins_at) > self._clock.now(),
            )
            .order_by(col(AppointmentSlotRow.begins_at))
            .limit(ALTERNATIVES)
        )
        free = ", ".join(f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for at in nearby.all())
        mend = f"Free at the same place: {free}." if free else "Nothing is free there; choose another place."
        return DomainError(RuntimeCode.CONFLICT, f"The slot is full. {mend}")

    async def _own(
        self, session: AsyncSession, actor: Actor, id: str
    ) -> tuple[AppointmentRow, AppointmentSlotRow]:
        row = await session.get(AppointmentRow, id, with_for_update=True)
        if row is None or row.owner != actor.subject:
            raise DomainError(RuntimeCode.NOT_FOUND, "You have no such appointment.")
        return row, await session.get_one(AppointmentSlotRow, row.slot_id)

    async def _move(
        self, session: AsyncSession, row: AppointmentRow, to: AppointmentState, by: str, reason: str | None
    ) -> None:
        await move_appointment(session, row, to, by, reason, self._clock.now())


def _check(slot: AppointmentSlotRow, booking: Booking) -> None:
    wrong = []
    if slot.item_code and booking.item_code not in {None, slot.item_code}:
        wrong.append(f"The slot is for {slot.item_code} alone.")
    if slot.service_form == ServiceForm.AT_THE_DOOR and not (booking.address or "").strip():
        wrong.append("`address` is needed: somebody comes to the door.")
    if len(booking.address or "") > MOST_TEXT:
        wrong.append(f"`address` has at most {MOST_TEXT} characters.")
    if booking.idempotency_key is not None and not 0 < len(booking.idempotency_key) <= MOST_TEXT:
        wrong.append(f"`idempotencyKey` has 1 to {MOST_TEXT} characters.")
    if wrong:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))


async def _repeated(session: AsyncSession, actor: Actor, booking: Booking) -> AppointmentRow | None:
    """What the person has already: by the key, or by holding the slot."""
    own = select(AppointmentRow).where(col(AppointmentRow.owner) == actor.subject)
    if booking.idempotency_key is not None:
        answered = select(AppointmentKeyRow.appointment_id).where(
            col(AppointmentKeyRow.owner) == actor.subject,
            col(AppointmentKeyRow.idempotency_key) == booking.idempotency_key,
        )
        by_key = (col(AppointmentRow.idempotency_key) == booking.idempotency_key) | col(AppointmentRow.id).in_(
            answered
        )
        found = (await session.exec(own.where(by_key))).first()
        if found is not None and found.slot_id != booking.slot:
            message = "This `idempotencyKey` was used for another slot. Use a new key."
            raise DomainError(RuntimeCode.IDEMPOTENCY_KEY_REUSED, message)
        if found is not None:
            return found
    held = own.where(col(AppointmentRow.slot_id) == booking.slot, col(AppointmentRow.state) == _S.BOOKED)
    return (await session.exec(held)).first()


async def _answer_alike(session: AsyncSession, actor: Actor, booking: Booking, answer: AppointmentRow) -> None:
    """A key that was answered with what its owner held already is answered so when that is given back, too."""
    key = booking.idempotency_key
    if key is not None and key != answer.idempotency_key:
        values = {"owner": actor.subject, "idempotency_key": key, "appointment_id": answer.id}
        await insert_if_absent(session, AppointmentKeyRow, values)


async def _case_of(session: AsyncSession, actor: Actor, case: str | None) -> str | None:
    if case is None:
        return None
    row = await find(session, case)
    if row is None or row.applicant != actor.subject:
        raise DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")
    return row.id

"""The slots that can be booked: opened by those who work at a place, read by everybody, closed with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import col, select

from auth.actor import Actor
from connectors.clock import Clock
from hub.appointments.appointment_moves import MOST_TEXT, move_appointment
from hub.catalogue.catalogue import CatalogueStore
from hub.people.who import may_serve
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.appointment import AppointmentRow, AppointmentSlotRow
from schema.domain.appointment import AppointmentState, Slot
from schema.domain.catalogue import Catalogue
from schema.domain.receipt_number import SHANGHAI
from schema.domain.service_item import ServiceForm
from schema.errors import DomainError, RuntimeCode

MOST_SLOTS = 2_000
"""That are opened at once."""
MOST_DAYS = 92
MOST_READ = 200
FORMS = (ServiceForm.BY_APPOINTMENT, ServiceForm.AT_THE_DOOR)


@dataclass(frozen=True, slots=True)
class SlotSeries:
    """Slots of ``minutes`` each, from ``opens`` to ``closes`` (local time) of each day of ``weekdays`` (1 is
    Monday) from ``first_day`` to ``last_day``."""

    place: str
    first_day: date
    last_day: date
    opens: time
    closes: time
    minutes: int
    capacity: int
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    service_form: ServiceForm = ServiceForm.BY_APPOINTMENT
    item_code: str | None = None


class AppointmentSlots:
    """Open, read and close; whoever opens works at the place."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock

    async def open(self, actor: Actor, series: SlotSeries) -> int:
        """How many are new; opening the same again adds none and changes none."""
        catalogue = await self._catalogue.current()
        department = _department_at(catalogue, series.place, actor)
        _may_open(actor, department, series.place)
        _check(catalogue, series, self._clock.now())
        made = 0
        async with self._database.transaction() as session:
            for begins_at, ends_at in _times(series):
                served = f"{series.place}/{department}/{series.service_form}/{series.item_code or ''}"
                key = f"{served}/{begins_at.isoformat()}"
                values = {
                    "id": str(uuid5(NAMESPACE_URL, f"https://jiyi.dev/slot/{key}")),
                    "place": series.place,
                    "department": department,
                    "service_form": series.service_form,
                    "item_code": series.item_code or "",
                    "begins_at": begins_at,
                    "ends_at": ends_at,
                    "capacity": series.capacity,
                    "booked": 0,
                    "closed_because": None,
                    "opened_by": actor.subject,
                }
                made += await insert_if_absent(session, AppointmentSlotRow, values)
        return made

    async def free(
        self,
        place: str | None,
        item_code: str | None,
        begin: datetime | None,
        end: datetime | None,
        service_form: ServiceForm = ServiceForm.BY_APPOINTMENT,
    ) -> Sequence[AppointmentSlotRow]:
        """Slots with a place left, the earliest first; for an item those for any item too."""
        now = self._clock.now()
        statement = select(AppointmentSlotRow).where(
            col(AppointmentSlotRow.begins_at) > max(now, begin or now),
            col(AppointmentSlotRow.booked) < col(AppointmentSlotRow.capacity),
            col(AppointmentSlotRow.closed_because).is_(None),
            col(AppointmentSlotRow.service_form) == service_form,
        )
        if place is not None:
            statement = statement.where(col(AppointmentSlotRow.place) == place)
        if item_code is not None:
            statement = statement.where(col(AppointmentSlotRow.item_code).in_(("", item_code)))
        if end is not None:
            statement = statement.where(col(AppointmentSlotRow.begins_at) < end)
        ordered = statement.order_by(col(AppointmentSlotRow.begins_at), col(AppointmentSlotRow.id))
        async with self._database.reading() as session:
            return (await session.exec(ordered.limit(MOST_READ))).all()

    async def close(self, actor: Actor, slot: str, reason: str) -> Sequence[AppointmentRow]:
        """Nobody books it any more; who holds it is told and may book again. Returns whose it was."""
        if not reason.strip() or len(reason) > MOST_TEXT:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"Say why, in at most {MOST_TEXT} characters.")
        async with self._database.transaction() as session:
            row = await session.get(AppointmentSlotRow, slot, with_for_update=True)
            if row is None:
                raise DomainError(RuntimeCode.NOT_FOUND, "There is no such slot.")
            _may_open(actor, row.department, row.place)
            row.closed_because = reason
            await session.flush()
            held = await session.exec(
                select(AppointmentRow)
                .where(col(AppointmentRow.slot_id) == slot, col(AppointmentRow.state) == AppointmentState.BOOKED)
                .with_for_update()
            )
            appointments = held.all()
            for each in appointments:
                await move_appointment(
                    session, each, AppointmentState.CANCELLED, actor.subject, reason, self._clock.now()
                )
        return appointments


def slot_of(row: AppointmentSlotRow) -> Slot:
    return Slot(row.id, row.place, row.item_code or None, row.begins_at, row.ends_at, row.capacity)


def _department_at(catalogue: Catalogue, place: str, actor: Actor) -> str:
    """Who serves there: the department whose place it is, in a common hall each officer's own. Raises
    ``DomainError`` NOT_FOUND."""
    found = catalogue.places.get(place)
    if found is None:
        raise DomainError(RuntimeCode.NOT_FOUND, f'There is no place "{place}".')
    return catalogue.organisations[found.organisation].department or actor.department or ""


def _may_open(actor: Actor, department: str, place: str) -> None:
    if not may_serve(actor, department):
        message = f'Only who works at "{place}" opens and closes its slots.'
        raise DomainError(RuntimeCode.FORBIDDEN, message)


def _check(catalogue: Catalogue, series: SlotSeries, now: datetime) -> None:
    wrong = []
    if series.item_code is not None and catalogue.item(series.item_code, now) is None:
        wrong.append(f'There is no service item "{series.item_code}".')
    if series.service_form not in FORMS:
        wrong.append(f"Slots are opened for {' or '.join(FORMS)}.")
    if not 0 <= (series.last_day - series.first_day).days < MOST_DAYS:
        wrong.append(f"`lastDay` is on or after `firstDay`, at most {MOST_DAYS} days.")
    if series.first_day < now.astimezone(SHANGHAI).date():
        wrong.append("`firstDay` is today or later.")
    if not 5 <= series.minutes <= 480:
        wrong.append("`minutes` is between 5 and 480.")
    if not 1 <= series.capacity <= 1000:
        wrong.append("`capacity` is between 1 and 1000.")
    if series.opens >= series.closes:
        wrong.append("`opens` is before `closes`.")
    if not series.weekdays or not set(series.weekdays) <= set(range(1, 8)):
        wrong.append("`weekdays` are numbers from 1 (Monday) to 7.")
    if not wrong and sum(1 for _ in _times(series)) > MOST_SLOTS:
        wrong.append(f"That is more than {MOST_SLOTS} slots. Open them in parts.")
    if wrong:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, " ".join(wrong))


def _times(series: SlotSeries) -> Iterator[tuple[datetime, datetime]]:
    length = timedelta(minutes=series.minutes)
    for offset in range((series.last_day - series.first_day).days + 1):
        day = series.first_day + timedelta(days=offset)
        if day.isoweekday() not in series.weekdays:
            continue
        at = datetime.combine(day, series.opens, SHANGHAI)
        while at + length <= datetime.combine(day, series.closes, SHANGHAI):
            yield at, at + length
            at += length

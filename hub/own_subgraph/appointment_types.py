"""GraphQL types of appointments. Whoever holds one was allowed to read it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Self

import strawberry

from hub.appointments.appointment_slots import SlotSeries
from hub.appointments.appointments import Booking
from hub.own_subgraph.enums import Channel, ServiceForm
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.place_types import Place
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.visit_fields import DoorVisit
from hub.tables.appointment import AppointmentRow, AppointmentSlotRow
from schema.domain.appointment import AppointmentState

strawberry.enum(AppointmentState, description="Where an appointment stands.")


@strawberry.type(description="A time at a place that can be booked.")
class AppointmentSlot:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    place_code: strawberry.Private[str]
    service_form: ServiceForm = strawberry.field(description="BY_APPOINTMENT at the place, or AT_THE_DOOR.")
    item_code: str | None = strawberry.field(description="The service item it is for; null for any.")
    begins_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    free: int = strawberry.field(description="How many can still book it.")

    @resolved("Where it is.")
    async def place(self, info: Info) -> Place:
        return Place.of((await services(info).catalogue.current()).places[self.place_code])

    @classmethod
    def of(cls, row: AppointmentSlotRow) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            place_code=row.place,
            service_form=ServiceForm(row.service_form),
            item_code=row.item_code or None,
            begins_at=row.begins_at,
            ends_at=row.ends_at,
            free=0 if row.closed_because else row.capacity - row.booked,
        )


@strawberry.type(description="A booked time.")
class Appointment:
    row: strawberry.Private[AppointmentRow]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    number: str = strawberry.field(description="The number to quote; its last character checks it.")
    state: AppointmentState = strawberry.field(description="Where it stands.")
    begins_at: datetime = strawberry.field(description="When it begins.")
    item_code: str | None = strawberry.field(description="The service item it is for.")
    case_id: strawberry.ID | None = strawberry.field(description="The case it is for.")
    address: str | None = strawberry.field(description="Where somebody comes to the door.")
    channel: Channel = strawberry.field(description="Where it was booked.")
    reason: str | None = strawberry.field(description="Why it was cancelled.")

    @resolved("Place and end.")
    async def slot(self, info: Info) -> AppointmentSlot:
        found = await services(info).appointments.slots_of([self.row.slot_id])
        return AppointmentSlot.of(found[self.row.slot_id])

    @resolved("Who comes to the door, once somebody was sent.")
    async def visit(self, info: Info) -> DoorVisit | None:
        found = (await services(info).door_visits.of([self.row.id])).get(self.row.id)
        return DoorVisit.of(found) if found is not None else None

    @resolved("How you rated it, once you did; null for others.")
    async def stars(self, info: Info) -> int | None:
        who = actor(info)
        if who is None or who.subject != self.row.owner:
            return None
        found = await services(info).appointment_ratings.of([self.row.id])
        return found[self.row.id].stars if self.row.id in found else None

    @classmethod
    def of(cls, row: AppointmentRow) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            number=row.number,
            state=AppointmentState(row.state),
            begins_at=row.begins_at,
            item_code=row.item_code,
            case_id=strawberry.ID(row.case_id) if row.case_id else None,
            address=row.address,
            channel=Channel(row.channel),
            reason=row.reason,
        )


@strawberry.input(description="A time to book.")
class BookAppointmentInput:
    slot: strawberry.ID = strawberry.field(description="A free slot.")
    item_code: strawberry.ID | None = strawberry.field(default=None, description="What it is for.")
    case: strawberry.ID | None = strawberry.field(default=None, description="An own case it is for.")
    address: str | None = strawberry.field(default=None, description="Where to come, AT_THE_DOOR.")
    channel: Channel | None = strawberry.field(default=Channel.WEB, description="Where it is booked.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key gives the same appointment, however often it is sent."
    )

    def booking(self) -> Booking:
        return Booking(
            self.slot, self.item_code, self.case, self.address, self.channel or Channel.WEB, self.idempotency_key
        )


@strawberry.input(description="Slots of the same length on several days.")
class AppointmentSlotsInput:
    place: str = strawberry.field(description="Code of a place where you work.")
    first_day: date = strawberry.field(description="The first day.")
    last_day: date = strawberry.field(description="The last day, included.")
    opens: time = strawberry.field(description="Local time at which the first slot begins.")
    closes: time = strawberry.field(description="Local time by which the last one has ended.")
    minutes: int = strawberry.field(description="How long each is.")
    capacity: int = strawberry.field(description="How many can book each.")
    weekdays: list[int] = strawberry.field(
        default_factory=lambda: [1, 2, 3, 4, 5], description="On which weekdays; 1 is Monday."
    )
    service_form: ServiceForm = strawberry.field(
        default=ServiceForm.BY_APPOINTMENT, description="BY_APPOINTMENT, or AT_THE_DOOR."
    )
    item_code: strawberry.ID | None = strawberry.field(default=None, description="For one service item alone.")

    def series(self) -> SlotSeries:
        return SlotSeries(
            self.place,
            self.first_day,
            self.last_day,
            self.opens,
            self.closes,
            self.minutes,
            self.capacity,
            tuple(self.weekdays),
            self.service_form,
            self.item_code,
        )

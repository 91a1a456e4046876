"""What can be done with appointments."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.appointment_types import Appointment, AppointmentSlotsInput, BookAppointmentInput
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in


@strawberry.type
class AppointmentMutation:
    @mutation("Book a free slot; booking it again gives the same appointment.")
    async def book_appointment(self, info: Info, input: BookAppointmentInput) -> Appointment:
        return Appointment.of(await services(info).appointments.book(signed_in(actor(info)), input.booking()))

    @mutation("Give an own appointment back, until two hours before it begins.")
    async def cancel_appointment(self, info: Info, id: strawberry.ID, reason: str | None = None) -> Appointment:
        return Appointment.of(await services(info).appointments.cancel(signed_in(actor(info)), id, reason))

    @mutation("Open slots at a place where you work; how many are new.")
    async def open_appointment_slots(self, info: Info, input: AppointmentSlotsInput) -> int:
        return await services(info).slots.open(signed_in(actor(info)), input.series())

    @mutation("Let nobody book a slot any more; who holds it is told. How many that were.")
    async def close_appointment_slot(self, info: Info, id: strawberry.ID, reason: str) -> int:
        return len(await services(info).slots.close(signed_in(actor(info)), id, reason))

    @mutation("Rate an own appointment that was used, once, within 90 days; one or two stars open a follow-up.")
    async def rate_appointment(
        self, info: Info, id: strawberry.ID, stars: int, comment: str | None = None
    ) -> Appointment:
        who, ratings = signed_in(actor(info)), services(info).appointment_ratings
        return Appointment.of(await ratings.rate(who, id, stars, comment))

    @mutation("Note that somebody came to their appointment, or did not.")
    async def note_arrival(self, info: Info, id: strawberry.ID, came: bool = True) -> Appointment:
        found = await services(info).appointments.note_arrival(signed_in(actor(info)), id, came=came)
        return Appointment.of(found)

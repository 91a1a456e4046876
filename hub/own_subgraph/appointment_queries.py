"""What can be asked about appointments."""

from __future__ import annotations

from datetime import datetime

import strawberry

from hub.own_subgraph.appointment_types import Appointment, AppointmentSlot
from hub.own_subgraph.enums import ServiceForm
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.page import check_first


@strawberry.type
class AppointmentQuery:
    @resolved("Slots with a place left, the earliest first, at most 200.")
    async def appointment_slots(
        self,
        info: Info,
        place: str | None = None,
        item_code: strawberry.ID | None = None,
        after: datetime | None = None,
        before: datetime | None = None,
        service_form: ServiceForm = ServiceForm.BY_APPOINTMENT,
    ) -> list[AppointmentSlot]:
        found = await services(info).slots.free(place, item_code, after, before, service_form)
        return [AppointmentSlot.of(row) for row in found]

    @resolved("Your own appointments, the latest first.")
    async def my_appointments(self, info: Info, first: int = 20) -> list[Appointment]:
        check_first(first)
        found = await services(info).appointments.of(signed_in(actor(info)), first)
        return [Appointment.of(row) for row in found]

    @resolved("One appointment; null unless it is yours or at your place.")
    async def appointment(self, info: Info, id: strawberry.ID) -> Appointment | None:
        found = await services(info).appointments.get(signed_in(actor(info)), id)
        return Appointment.of(found) if found else None

    @resolved("Who is expected at a place where you work, on the day of this moment.")
    async def expected_appointments(self, info: Info, place: str, day: datetime) -> list[Appointment]:
        found = await services(info).appointments.at(signed_in(actor(info)), place, day)
        return [Appointment.of(row) for row in found]

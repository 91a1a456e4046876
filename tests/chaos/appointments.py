"""Times at a place that citizens book beside their cases: fewer than they want, and some are given back."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from hub.demo.client import HubClient

PLACE = "110102-HALL"
CAPACITY = 3
DAYS = 3
BEIJING = timezone(timedelta(hours=8))
BOOKED = 0.2
"""Share of cases with which a time is booked; of these times so many are given back:"""
GIVEN_BACK = 0.6
OPEN = "mutation Open($input: AppointmentSlotsInput!) { openAppointmentSlots(input: $input) }"
FREE = "query Free($place: String!) { appointmentSlots(place: $place) { id } }"
BOOK = "mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { id state slot { id } } }"
CANCEL = "mutation Cancel($id: ID!) { cancelAppointment(id: $id) { id state } }"


def days() -> list[str]:
    """In Beijing, from the day after tomorrow: what is booked can be cancelled all the time."""
    today = datetime.now(BEIJING).date()
    return [str(today + timedelta(days=2 + number)) for number in range(DAYS)]


async def open_times(client: HubClient, operator: str, on: list[str]) -> tuple[str, ...]:
    """Two hours a day for everybody, on these days; the ids of the slots."""
    first, *_, last = (date.fromisoformat(day) for day in on)
    given: dict[str, Any] = {
        "place": PLACE,
        "firstDay": str(first),
        "lastDay": str(last),
        "opens": "09:00:00",
        "closes": "11:00:00",
        "minutes": 60,
        "capacity": CAPACITY,
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
    }
    await client.data(OPEN, {"input": given}, operator)
    found = (await client.data(FREE, {"place": PLACE}, operator))["appointmentSlots"]
    return tuple(each["id"] for each in found)

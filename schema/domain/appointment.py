"""Appointments (预约): slots with a capacity, cancelled in time, and what comes of not showing up.

Source: docs/appointments.md; articles 13 and 17 of the guideline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_NO_SHOWS = 3
NO_SHOW_PERIOD = timedelta(days=180)
BARRED_FOR = timedelta(days=30)
"""Whoever missed three appointments within 180 days books online again 30 days after the last; the window stays
open to them."""

CANCEL_UNTIL = timedelta(hours=2)
"""Before the beginning; later the slot cannot be given to somebody else."""

ARRIVE_UNTIL = timedelta(minutes=30)
"""After the beginning; later it counts as not shown up."""


class AppointmentState(StrEnum):
    BOOKED = "BOOKED"
    CANCELLED = "CANCELLED"
    USED = "USED"
    MISSED = "MISSED"


TRANSITIONS: Mapping[AppointmentState, frozenset[AppointmentState]] = {
    AppointmentState.BOOKED: frozenset(
        {AppointmentState.CANCELLED, AppointmentState.USED, AppointmentState.MISSED}
    ),
    AppointmentState.MISSED: frozenset({AppointmentState.USED}),
    AppointmentState.CANCELLED: frozenset(),
    AppointmentState.USED: frozenset(),
}
"""An officer may set right what was noted as missed: the person was there."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at a place for an item (or for any), which ``capacity`` persons can book."""

    id: str
    place: str
    item_code: str | None
    begins_at: datetime
    ends_at: datetime
    capacity: int


def booking_problem(slot: Slot, now: datetime) -> str | None:
    """Why the slot cannot be booked now, whoever asks; full is for the books to say."""
    if slot.begins_at <= now:
        return "The slot has begun. Choose a later one."
    return None


def cancelling_problem(slot: Slot, state: AppointmentState, now: datetime) -> str | None:
    """Why an appointment can be cancelled no more."""
    if state is not AppointmentState.BOOKED:
        return f"The appointment is {state}; only a booked one is cancelled."
    if now > slot.begins_at - CANCEL_UNTIL:
        hours = CANCEL_UNTIL // timedelta(hours=1)
        return f"An appointment is cancelled until {hours} hours before it begins. Call the place."
    return None


def is_missed(slot: Slot, state: AppointmentState, now: datetime) -> bool:
    """Whether nobody came in time."""
    return state is AppointmentState.BOOKED and now > slot.begins_at + ARRIVE_UNTIL


def barred_until(missed: Iterable[datetime], now: datetime) -> datetime | None:
    """When whoever missed appointments at these times may book online again; ``None``: now."""
    times = sorted(at for at in missed if at <= now)
    ends: datetime | None = None
    for position in range(MOST_NO_SHOWS - 1, len(times)):
        if times[position] - times[position - MOST_NO_SHOWS + 1] <= NO_SHOW_PERIOD:
            ends = times[position] + BARRED_FOR
    return ends if ends is not None and ends > now else None

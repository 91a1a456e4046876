"""The one way in which an appointment changes: by the rules, giving its place back where it is cancelled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.appointments.visit_store import call_off
from hub.tables.appointment import AppointmentRow, AppointmentSlotRow
from schema.domain.appointment import TRANSITIONS, AppointmentState
from schema.errors import DomainError, RuntimeCode

MOST_TEXT = 200
"""Characters of a reason, an address, a key."""


async def move_appointment(
    session: AsyncSession, row: AppointmentRow, to: AppointmentState, by: str, reason: str | None, at: datetime
) -> None:
    """The one way in which an appointment changes. Raises ``DomainError`` INVALID_TRANSITION."""
    state = AppointmentState(row.state)
    if to not in TRANSITIONS[state]:
        message = f"Appointment {row.number} is {state}; it cannot become {to}."
        raise DomainError(RuntimeCode.INVALID_TRANSITION, message)
    if reason is not None and len(reason) > MOST_TEXT:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"A reason has at most {MOST_TEXT} characters.")
    row.state, row.changed_at, row.changed_by, row.reason = to, at, by, reason
    if to is AppointmentState.CANCELLED:
        await session.exec(
            update(AppointmentSlotRow)
            .where(col(AppointmentSlotRow.id) == row.slot_id)
            .values(booked=col(AppointmentSlotRow.booked) - 1)
            .execution_options(synchronize_session=False)
        )
        await call_off(session, row.id, by, at)
    await session.flush()

"""Visits at the door as rows: one writer for each step, with the officer's time and the notices of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from hub.appointments.engagements import engage, release
from hub.notices.notices import citizen, put_notice
from hub.storage.pending_rows import insert_later
from hub.tables.door_visit import DoorVisitEventRow, DoorVisitRow
from schema.domain.door_visit import (
    UNDER_WAY,
    Visit,
    VisitEvent,
    VisitEventType,
    VisitState,
    VisitStep,
    transition,
)
from schema.domain.notice import NoticeKind, NoticeText


def visit_of(row: DoorVisitRow) -> Visit:
    return Visit(
        number=row.number,
        resident=row.resident,
        begins_at=row.begins_at,
        state=VisitState(row.state),
        version=row.version,
        officer=row.officer,
        note=row.note,
        ended_at=row.ended_at,
    )


async def record(session: AsyncSession, row: DoorVisitRow, after: Visit, event: VisitEvent) -> None:
    """Write one step. ``row`` is new, or was read with a lock. Raises CONFLICT for a busy officer."""
    before = row.officer if row.version else None
    row.state, row.version, row.officer = event.state, after.version, event.officer
    row.note, row.ended_at = after.note, after.ended_at
    if event.type is VisitEventType.DISPATCHED:
        await engage(session, row.officer, _engagement(row), row.number, row.begins_at, row.ends_at)
    elif event.state not in UNDER_WAY:
        await release(session, _engagement(row))
    session.add(row)
    await session.flush()
    values = {"appointment_id": row.appointment_id, "version": event.version, "type": event.type.value}
    said = {"state": event.state.value, "at": event.at, "by": event.by, "officer": event.officer}
    insert_later(session, DoorVisitEventRow, {**values, **said, "note": event.note})
    for recipient, text in _told(row, event, before):
        key = f"visit/{row.appointment_id}/{event.version}"
        put_notice(session, citizen(recipient), NoticeKind.VISIT, key, text, event.at)


async def call_off(session: AsyncSession, appointment_id: str, by: str, at: datetime) -> None:
    """The appointment is cancelled: nobody goes. Harmless where nobody was sent."""
    row = await session.get(DoorVisitRow, appointment_id, with_for_update=True)
    if row is not None and row.state in UNDER_WAY:
        after, event = transition(visit_of(row), VisitStep(VisitEventType.CALLED_OFF, at, by))
        await record(session, row, after, event)


def _engagement(row: DoorVisitRow) -> str:
    """Under which name the officer's calendar has it."""
    return f"visit/{row.appointment_id}"


def _told(row: DoorVisitRow, event: VisitEvent, before: str | None) -> Iterable[tuple[str, NoticeText]]:
    """The one who is sent, the one who was to go before, and the resident."""
    number = row.number
    instead = NoticeText(f"上门服务 {number} 改由他人前往。", f"Somebody else goes to visit {number}.")
    match event.type:
        case VisitEventType.DISPATCHED:
            yield row.officer, NoticeText(f"上门服务 {number} 由您前往。", f"Visit {number} is yours.")
            if before is not None and before != row.officer:
                yield before, instead
            yield row.resident, NoticeText(f"上门服务 {number} 已派员。", f"Somebody is sent for visit {number}.")
        case VisitEventType.SET_OUT:
            yield row.resident, NoticeText(f"上门服务 {number} 的人员已出发。", f"Visit {number} is on its way.")
        case VisitEventType.NOT_MET:
            text = NoticeText(f"上门服务 {number} 未能见到您。", f"Visit {number} did not meet you.")
            yield row.resident, text
        case VisitEventType.CALLED_OFF:
            yield row.officer, NoticeText(f"上门服务 {number} 已取消。", f"Visit {number} was called off.")
        case VisitEventType.SERVED:
            yield row.resident, NoticeText(f"上门服务 {number} 已完成。", f"Visit {number} is done.")

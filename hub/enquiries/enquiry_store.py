"""Enquiries as rows: read one, write one step with all its effects.

``record`` is the only writer. It runs in the caller's transaction: events, projection, clock, notices and the
closing of cards become true together or not at all. Source: docs/enquiries.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.notices.notices import SUPERVISORS, citizen, department_desk, put_notice
from hub.storage.pending_rows import insert_later, insert_pending
from hub.supervision.card_store import Supervised, lift_all_cards, lift_cards, passed, put_card
from hub.tables.enquiry import EnquiryEventRow, EnquiryRow
from schema.domain import enquiry_notice as words
from schema.domain.case import Channel
from schema.domain.case_timing import Timing
from schema.domain.enquiry import (
    CALLER,
    Enquiry,
    EnquiryActor,
    EnquiryEvent,
    EnquiryEventType,
    EnquiryKind,
    EnquiryState,
)
from schema.domain.enquiry_limits import card_moments, due_at, next_moment
from schema.domain.notice import NoticeKind, card_text
from schema.domain.supervision import CardLevel, CardMoment

ABOUT = "ENQUIRY"
_ENDS = frozenset({EnquiryEventType.ANSWERED, EnquiryEventType.WITHDRAWN})


async def find(session: AsyncSession, id_or_number: str, *, lock: bool = False) -> EnquiryRow | None:
    """An enquiry by id or by number as it is printed. ``lock`` makes other writers wait."""
    wanted = (col(EnquiryRow.id) == id_or_number) | (col(EnquiryRow.number) == id_or_number.strip().upper())
    statement = select(EnquiryRow).where(wanted)
    return (await session.exec(statement.with_for_update() if lock else statement)).first()


def enquiry_of(row: EnquiryRow) -> Enquiry:
    facts = row.facts
    return Enquiry(
        id=row.id,
        number=row.number,
        kind=EnquiryKind(row.kind),
        asker=row.asker,
        state=EnquiryState(row.state),
        version=row.version,
        department=row.department,
        owner=row.owner,
        is_referred=facts.get("isReferred", False),
        complained_of=frozenset(facts.get("complainedOf", ())),
        complained_department=facts.get("complainedDepartment"),
        answerers=frozenset(facts.get("answerers", ())),
        answer=row.answer,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        updated_at=row.updated_at,
        is_reopened=facts.get("isReopened", False),
        stars=row.stars,
    )


async def events_of(session: AsyncSession, enquiry_id: str) -> tuple[EnquiryEvent, ...]:
    """In order, with those that this very transaction has decided."""
    await insert_pending(session)
    statement = (
        select(EnquiryEventRow)
        .where(col(EnquiryEventRow.enquiry_id) == enquiry_id)
        .order_by(col(EnquiryEventRow.version))
    )
    return tuple(_event(row) for row in (await session.exec(statement)).all())


async def record(
    session: AsyncSession, row: EnquiryRow, after: Enquiry, event: EnquiryEvent, timing: Timing
) -> None:
    """Write one step. ``row`` is new, or was read with ``lock``."""
    _project(row, after)
    session.add(row)
    await session.flush()
    insert_later(session, EnquiryEventRow, _values(row.id, event))
    if event.type in _ENDS:
        lift = lift_all_cards if after.kind is EnquiryKind.COMPLAINT else lift_cards
        await lift(session, row.id, event.type.value, event.at)
    await wind(session, row, timing)
    await _tell(session, after, event)


async def wind(session: AsyncSession, row: EnquiryRow, timing: Timing) -> tuple[CardMoment, ...]:
    """Set due date and clock by the events and the calendar in force; the cards that lie before it."""
    kind, events = EnquiryKind(row.kind), await events_of(session, row.id)
    moments = card_moments(kind, events, timing.calendar, timing.rules.answer_working_days)
    due = due_at(kind, events, timing.calendar)
    row.due_at, row.calendar_version = due.astimezone(UTC) if due else None, timing.calendar.version
    row.clock_at = next_moment(enquiry_of(row), moments, row.clock_seen)
    return moments


async def raise_cards(session: AsyncSession, row: EnquiryRow, moments: Iterable[CardMoment], now: datetime) -> int:
    """Raise every card whose moment has come and was not seen; how many are new."""
    return sum([await _raise(session, row, each, now) for each in passed(moments, row.clock_seen, now)])


async def _raise(session: AsyncSession, row: EnquiryRow, moment: CardMoment, now: datetime) -> bool:
    kind = EnquiryKind(row.kind)
    # What department has a complaint is nobody's business there: its cards are the supervisors'.
    department = "" if kind is EnquiryKind.COMPLAINT else row.department or ""
    of = Supervised(row.id, row.number, department, ABOUT, row.item_code or "")
    text = card_text(moment.trigger, moment.level, row.number, moment.due_at, words.KINDS[kind])
    return await put_card(session, of, moment, now, text, _told_of(row, department, moment.level))


def _told_of(row: EnquiryRow, department: str, level: CardLevel) -> Sequence[str]:
    """A warning goes to who answers for it, yellow to the supervisors too, red to the asker as well."""
    desk = [department_desk(department)] if department else []
    first = [citizen(row.owner)] if row.owner else desk or [SUPERVISORS]
    supervisors = [] if level is CardLevel.WARNING else [SUPERVISORS, *desk]
    asker = [citizen(row.asker)] if level is CardLevel.RED and not row.asker.startswith(CALLER) else []
    return tuple(dict.fromkeys((*first, *supervisors, *asker)))


async def _tell(session: AsyncSession, after: Enquiry, event: EnquiryEvent) -> None:
    desk = SUPERVISORS if after.kind is EnquiryKind.COMPLAINT else None
    if desk is None and after.department is not None:
        desk = department_desk(after.department)
    owner = citizen(after.owner) if after.owner else None
    asker = None if after.asker.startswith(CALLER) else citizen(after.asker)
    told = (
        (asker, words.to_asker(event.type, after.kind, after.number)),
        (owner, words.to_owner(event.type, after.kind, after.number)),
        (
            desk if owner is None or after.is_referred else None,
            words.to_desk(event.type, after.kind, after.number),
        ),
    )
    for recipient, text in told:
        if recipient is not None and text is not None:
            key = f"enquiry/{after.id}/{event.version}"
            put_notice(session, recipient, NoticeKind.ENQUIRY, key, text, event.at)


def _project(row: EnquiryRow, after: Enquiry) -> None:
    row.state, row.version = after.state, after.version
    row.department, row.owner = after.department, after.owner
    row.answer, row.answered_at, row.stars = after.answer, after.answered_at, after.stars
    row.updated_at = after.updated_at or row.updated_at
    facts = {
        "isReferred": after.is_referred,
        "isReopened": after.is_reopened,
        "complainedOf": sorted(after.complained_of),
        "complainedDepartment": after.complained_department,
        "answerers": sorted(after.answerers),
    }
    row.facts = {name: value for name, value in facts.items() if value}


def _values(enquiry_id: str, event: EnquiryEvent) -> dict[str, object]:
    return {
        "enquiry_id": enquiry_id,
        "version": event.version,
        "type": event.type.value,
        "state": event.state.value,
        "actor": event.actor.value,
        "channel": event.channel.value if event.channel else None,
        "at": event.at,
        "reason": event.reason,
        "data": dict(event.data),
    }


def _event(row: EnquiryEventRow) -> EnquiryEvent:
    return EnquiryEvent(
        row.version,
        EnquiryEventType(row.type),
        EnquiryState(row.state),
        EnquiryActor(row.actor),
        row.at,
        Channel(row.channel) if row.channel else None,
        row.reason,
        row.data,
    )

"""Follow-ups as rows: opened in the transaction of the rating, and moved by one writer with all effects of a step.

Source: docs/ratings.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.notices.notices import SUPERVISORS, citizen, department_desk, put_notice
from hub.printed_numbers import printed_number
from hub.storage.pending_rows import insert_later, insert_pending
from hub.supervision.card_store import Supervised, lift_cards, put_card
from hub.tables.follow_up import FollowUpEventRow, FollowUpRow
from schema.domain.follow_up import (
    UNDER_WAY,
    FollowUp,
    FollowUpEvent,
    FollowUpEventType,
    FollowUpLimits,
    FollowUpState,
    Occasion,
    begun,
    card_moments,
    limits,
    opens,
)
from schema.domain.notice import NoticeKind, NoticeText, card_text
from schema.domain.working_days import WorkingCalendar

ABOUT = "FOLLOW_UP"
_WHAT = NoticeText("差评整改", "follow-up")
_TELLS_RATER = frozenset({FollowUpEventType.VERIFIED, FollowUpEventType.RESOLVED, FollowUpEventType.EXPLAINED})


@dataclass(frozen=True, slots=True)
class Rated:
    """What was rated, by whom, and who had a part in it. ``department`` is empty where no department answers."""

    occasion: Occasion
    id: str
    number: str
    department: str
    item_code: str | None
    rater: str
    handled_by: frozenset[str]
    stars: int
    comment: str | None


async def open_follow_up(session: AsyncSession, rated: Rated, calendar: WorkingCalendar, now: datetime) -> None:
    """One or two stars open one, in the transaction of the rating; others open none."""
    if not opens(rated.stars):
        return
    until = limits(now, calendar)
    beginning = FollowUp(str(uuid4()), printed_number("FU", now), rated.rater, rated.handled_by)
    after, event = begun(beginning, now)
    row = FollowUpRow(
        id=after.id,
        number=after.number,
        occasion=rated.occasion,
        about_id=rated.id,
        about_number=rated.number,
        department=rated.department,
        item_code=rated.item_code,
        rater=rated.rater,
        stars=rated.stars,
        comment=rated.comment,
        state=after.state,
        version=0,
        handled_by=sorted(rated.handled_by),
        rated_at=now,
        verify_by=until.verify_by,
        resolve_by=until.resolve_by,
        clock_at=until.verify_by,
    )
    await record(session, row, after, event)


def follow_up_of(row: FollowUpRow) -> FollowUp:
    return FollowUp(
        id=row.id,
        number=row.number,
        rater=row.rater,
        handled_by=frozenset(row.handled_by),
        state=FollowUpState(row.state),
        version=row.version,
        officer=row.officer,
        finding=row.finding,
        outcome=row.outcome,
        reply=row.reply,
        malicious_why=row.malicious_why,
    )


async def record(session: AsyncSession, row: FollowUpRow, after: FollowUp, event: FollowUpEvent) -> None:
    """Write one step with its notices, clock and the closing of cards. ``row`` is new, or was read with a lock."""
    row.state, row.version, row.officer = after.state, after.version, after.officer
    row.finding, row.outcome, row.reply = after.finding, after.outcome, after.reply
    row.malicious_why = after.malicious_why
    if after.state not in UNDER_WAY:
        row.ended_at = row.ended_at or event.at
    wind(row, event.at)
    session.add(row)
    await session.flush()
    insert_later(session, FollowUpEventRow, _values(row.id, event))
    if event.type in _TELLS_RATER:
        await lift_cards(session, row.id, event.type.value, event.at)
    for recipient, text in _told(row, event):
        key = f"follow-up/{row.id}/{event.version}"
        put_notice(session, recipient, NoticeKind.FOLLOW_UP, key, text, event.at)


def wind(row: FollowUpRow, seen: datetime) -> None:
    """Set the clock to the next moment after ``seen``; to none where nothing falls due any more."""
    until = FollowUpLimits(row.verify_by, row.resolve_by)
    coming = [each.at for each in card_moments(FollowUpState(row.state), until) if each.at > seen]
    row.clock_at = min(coming, default=None)


async def raise_due_cards(session: AsyncSession, row: FollowUpRow, now: datetime) -> None:
    """Yellow to department and supervisors, red to the rater as well; each once."""
    until = FollowUpLimits(row.verify_by, row.resolve_by)
    of = Supervised(row.id, row.number, row.department, ABOUT, row.item_code or "")
    for moment in card_moments(FollowUpState(row.state), until):
        if moment.at <= now:
            text = card_text(moment.trigger, moment.level, row.number, moment.due_at, _WHAT)
            rater = [citizen(row.rater)] if moment.at == until.resolve_by else []
            await put_card(session, of, moment, now, text, (*_desks(row), *rater))
    wind(row, now)


async def events_of(session: AsyncSession, follow_up_id: str) -> tuple[FollowUpEvent, ...]:
    """In order, with those that this very transaction has decided."""
    await insert_pending(session)
    statement = select(FollowUpEventRow).where(col(FollowUpEventRow.follow_up_id) == follow_up_id)
    rows = (await session.exec(statement.order_by(col(FollowUpEventRow.version)))).all()
    return tuple(
        FollowUpEvent(row.version, FollowUpEventType(row.type), FollowUpState(row.state), row.at, row.data)
        for row in rows
    )


def _told(row: FollowUpRow, event: FollowUpEvent) -> Iterable[tuple[str, NoticeText]]:
    """Desks read no name and no number of what was rated: who handled it does not learn from it who rated."""
    number = row.number
    match event.type:
        case FollowUpEventType.OPENED:
            text = NoticeText(
                f"收到差评，整改单 {number}：5个工作日内联系核实，15个工作日内整改或说明。",
                f"A low rating opened {number}: verify within 5 working days, mend or explain within 15.",
            )
            thanks = NoticeText(
                f"您的评价已转为整改单 {number}，将有未经办此事的人员与您联系。",
                f"Your rating opened follow-up {number}; somebody who had no part in it will contact you.",
            )
            return (*((desk, text) for desk in _desks(row)), (citizen(row.rater), thanks))
        case FollowUpEventType.VERIFIED:
            return ((citizen(row.rater), NoticeText(f"整改单 {number} 已核实。", f"{number} was verified.")),)
        case FollowUpEventType.RESOLVED | FollowUpEventType.EXPLAINED:
            text = NoticeText(
                f"整改单 {number} 已有结果，您可以回复一次。",
                f"Follow-up {number} has an outcome; you may answer once.",
            )
            return ((citizen(row.rater), text),)
        case FollowUpEventType.REPLIED:
            text = NoticeText(f"评价人已回复整改单 {number}。", f"The rater answered follow-up {number}.")
            return ((citizen(row.officer or ""), text), (SUPERVISORS, text))
        case _:
            return ()


def _desks(row: FollowUpRow) -> tuple[str, ...]:
    return (*([department_desk(row.department)] if row.department else []), SUPERVISORS)


def _values(id: str, event: FollowUpEvent) -> dict[str, object]:
    return {
        "follow_up_id": id,
        "version": event.version,
        "type": event.type.value,
        "state": event.state.value,
        "at": event.at,
        "data": dict(event.data),
    }

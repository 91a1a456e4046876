"""Deliveries as rows: put with their notices, read and written as the values that the rules fold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.notices.notice_preferences import preferences_of
from hub.storage.pending_rows import insert_later
from hub.tables.notice import NoticeAddressRow, NoticeDeliveryRow, NoticePreferenceRow
from schema.domain.notice import NoticeKind
from schema.domain.notice_delivery import Delivery, DeliveryState
from schema.domain.notice_preference import NoticeChannel, NoticePreferences


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was just put, whom it tells, and since when."""

    notice_id: int
    subject: str
    kind: NoticeKind
    case_id: str | None
    receipt_number: str | None
    at: datetime


async def put_deliveries(session: AsyncSession, told: Sequence[Told]) -> None:
    """One for each confirmed address by whose channel a person wants to be told of a notice of this kind."""
    addresses = await _addresses(session, {each.subject for each in told})
    if not addresses:
        return
    chose = select(NoticePreferenceRow).where(col(NoticePreferenceRow.subject).in_(sorted(addresses)))
    chosen = {row.subject: row for row in (await session.exec(chose)).all()}
    for each in told:
        preferences = preferences_of(chosen.get(each.subject))
        for address, channel in addresses.get(each.subject, ()):
            if preferences.wants(channel, each.kind):
                insert_later(session, NoticeDeliveryRow, _values(each, address, channel, preferences))


async def _addresses(
    session: AsyncSession, subjects: Collection[str]
) -> dict[str, list[tuple[str, NoticeChannel]]]:
    """The confirmed ones of these persons, by person: each one's id and channel."""
    if not subjects:
        return {}
    row, found = NoticeAddressRow, dict[str, list[tuple[str, NoticeChannel]]]()
    theirs = select(row.subject, row.id, row.channel).where(
        col(row.subject).in_(sorted(subjects)), col(row.confirmed_at).is_not(None)
    )
    for subject, address, channel in (await session.exec(theirs.order_by(col(row.id)))).all():
        found.setdefault(subject, []).append((address, NoticeChannel(channel)))
    return found


def _values(told: Told, address: str, channel: NoticeChannel, preferences: NoticePreferences) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "notice_id": told.notice_id,
        "subject": told.subject,
        "kind": told.kind.value,
        "case_id": told.case_id,
        "receipt_number": told.receipt_number,
        "channel": channel.value,
        "address_id": address,
        "language": preferences.language.value,
        "state": DeliveryState.WAITING.value,
        "noticed_at": told.at,
        "next_at": preferences.not_before(channel, told.at),
        "attempts": 0,
        "questions": 0,
        "round": 1,
        "may_be_double": False,
    }


def delivery_of(row: NoticeDeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        noticed_at=row.noticed_at,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        questions=row.questions,
        round=row.round,
        gateway=row.gateway,
        in_hand_since=row.in_hand_since,
        next_at=row.next_at,
        handed_over_at=row.handed_over_at,
        delivered_at=row.delivered_at,
        may_be_double=row.may_be_double,
        again_at=row.again_at,
    )


def write_delivery(row: NoticeDeliveryRow, delivery: Delivery) -> None:
    """``row`` was read with a lock."""
    row.state, row.next_at, row.round = delivery.state, delivery.next_at, delivery.round
    row.attempts, row.questions, row.gateway = delivery.attempts, delivery.questions, delivery.gateway
    row.in_hand_since, row.handed_over_at = delivery.in_hand_since, delivery.handed_over_at
    row.delivered_at, row.may_be_double = delivery.delivered_at, delivery.may_be_double
    row.again_at = delivery.again_at

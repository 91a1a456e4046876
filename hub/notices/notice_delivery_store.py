"""Deliveries as rows: put with their notice, read and written as the values that the rules fold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from hub.notices.notice_preferences import preferences_of
from hub.storage.pending_rows import insert_later
from hub.tables.notice import NoticeAddressRow, NoticeDeliveryRow, NoticePreferenceRow
from schema.domain.notice import NoticeKind
from schema.domain.notice_delivery import Delivery, DeliveryState
from schema.domain.notice_preference import NoticeChannel


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was just put, and whom it tells."""

    notice_id: int
    subject: str
    kind: NoticeKind
    case_id: str | None
    receipt_number: str | None


async def put_deliveries(session: AsyncSession, told: Told, now: datetime) -> None:
    """One for each confirmed address by whose channel the person wants to be told of this kind."""
    mine = col(NoticeAddressRow.subject) == told.subject
    addresses = select(NoticeAddressRow.id, NoticeAddressRow.channel).where(
        mine, col(NoticeAddressRow.confirmed_at).is_not(None)
    )
    found = (await session.exec(addresses.order_by(col(NoticeAddressRow.id)))).all()
    if not found:
        return
    preferences = preferences_of(await session.get(NoticePreferenceRow, told.subject))
    for address, channel in found:
        if not preferences.wants(NoticeChannel(channel), told.kind):
            continue
        values = {
            "id": str(uuid4()),
            "notice_id": told.notice_id,
            "subject": told.subject,
            "kind": told.kind.value,
            "case_id": told.case_id,
            "receipt_number": told.receipt_number,
            "channel": channel,
            "address_id": address,
            "language": preferences.language.value,
            "state": DeliveryState.WAITING.value,
            "noticed_at": now,
            "next_at": preferences.not_before(NoticeChannel(channel), now),
            "attempts": 0,
            "questions": 0,
            "round": 1,
            "may_be_double": False,
        }
        insert_later(session, NoticeDeliveryRow, values)


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

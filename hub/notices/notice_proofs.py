"""What became of notices: for the person told, for who handles the case, and, without persons, for operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from auth.actor import Actor
from connectors.clock import Clock
from hub.doors.signed_callback import CallbackFault
from hub.notices.notice_delivery_store import delivery_of
from hub.people.who import operator
from hub.storage.database import Database
from hub.tables.notice import NoticeDeliveryRow, NoticeGatewayRow, NoticeReceiptRefusalRow
from hub.tables.supervision import NoticeRow
from schema.domain.notice import NoticeKind
from schema.domain.notice_delivery import TRIED_FOR, DeliveryState
from schema.domain.notice_preference import NoticeChannel
from schema.domain.page import check_first

UNDELIVERED = (DeliveryState.WAITING, DeliveryState.FAILED, DeliveryState.GIVEN_UP)
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Proof:
    """How a notice stands by one channel. ``deemed_at`` is when it counts as delivered."""

    notice_id: int
    kind: NoticeKind
    channel: NoticeChannel
    state: DeliveryState
    noticed_at: datetime
    handed_over_at: datetime | None
    delivered_at: datetime | None
    deemed_at: datetime | None
    may_be_double: bool = False


@dataclass(frozen=True, slots=True)
class GatewayReport:
    """A gateway that is set, how it is, and what it has at hand. ``well_at``: when it came back the last time."""

    name: str
    channel: NoticeChannel
    failures: int
    rests_until: datetime | None
    failed_at: datetime | None
    well_at: datetime | None
    why: str | None
    under_way: int


class NoticeProofs:
    """``gateways`` names those that are set, by channel. Whoever reads proofs of a case was allowed to read it."""

    def __init__(self, database: Database, clock: Clock, gateways: Sequence[tuple[NoticeChannel, str]]) -> None:
        self._database = database
        self._clock = clock
        self._gateways = tuple(gateways)

    async def of_notices(self, ids: Sequence[int]) -> dict[int, tuple[Proof, ...]]:
        """Of notices that the caller may read, those outside the hub."""
        statement = select(NoticeDeliveryRow).where(col(NoticeDeliveryRow.notice_id).in_(ids))
        async with self._database.reading() as session:
            rows = (await session.exec(statement.order_by(col(NoticeDeliveryRow.id)))).all()
        found: dict[int, list[Proof]] = {each: [] for each in ids}
        for row in rows:
            found[row.notice_id].append(_proof(row))
        return {notice: tuple(proofs) for notice, proofs in found.items()}

    async def of_case(self, case_id: str, applicant: str) -> tuple[Proof, ...]:
        """What its applicant was told of it and how, within the hub and outside, the newest first."""
        told = select(NoticeRow).where(col(NoticeRow.case_id) == case_id, col(NoticeRow.recipient) == applicant)
        async with self._database.reading() as session:
            notices = (await session.exec(told.order_by(col(NoticeRow.id).desc()).limit(MOST_SHOWN))).all()
        outside = await self.of_notices([row.id for row in notices if row.id is not None])
        return tuple(
            proof for row in notices if row.id is not None for proof in (_in_app(row, row.id), *outside[row.id])
        )

    async def undelivered(
        self, actor: Actor | None, states: Sequence[DeliveryState] = UNDELIVERED, first: int = 50
    ) -> tuple[NoticeDeliveryRow, ...]:
        """What did not leave or did not arrive, the oldest first; for operators, who see no person of it."""
        operator(actor)
        check_first(first)
        wanted = select(NoticeDeliveryRow).where(col(NoticeDeliveryRow.state).in_([each.value for each in states]))
        ordered = wanted.order_by(col(NoticeDeliveryRow.noticed_at), col(NoticeDeliveryRow.id)).limit(first)
        async with self._database.reading() as session:
            return tuple((await session.exec(ordered)).all())

    async def counts(self, actor: Actor | None) -> dict[tuple[NoticeChannel, DeliveryState], int]:
        """How many deliveries of the last 72 hours are in each state, by channel."""
        operator(actor)
        since = self._clock.now() - TRIED_FOR
        statement = (
            select(NoticeDeliveryRow.channel, NoticeDeliveryRow.state, func.count())
            .where(col(NoticeDeliveryRow.noticed_at) >= since)
            .group_by(col(NoticeDeliveryRow.channel), col(NoticeDeliveryRow.state))
        )
        async with self._database.reading() as session:
            rows = (await session.exec(statement)).all()
        return {(NoticeChannel(channel), DeliveryState(state)): number for channel, state, number in rows}

    async def gateways(self, actor: Actor | None) -> tuple[GatewayReport, ...]:
        """In the order of preference."""
        operator(actor)
        open_ones = (
            select(NoticeDeliveryRow.gateway, func.count())
            .where(col(NoticeDeliveryRow.next_at).is_not(None))
            .group_by(col(NoticeDeliveryRow.gateway))
        )
        async with self._database.reading() as session:
            known = {row.name: row for row in (await session.exec(select(NoticeGatewayRow))).all()}
            under_way = dict((await session.exec(open_ones)).all())
        return tuple(
            _report(channel, name, known.get(name), under_way.get(name, 0)) for channel, name in self._gateways
        )

    async def refused_receipts(self, actor: Actor | None) -> tuple[tuple[datetime, CallbackFault, int], ...]:
        """Receipts that were not believed, by the minute, the newest first."""
        operator(actor)
        minute = col(NoticeReceiptRefusalRow.minute)
        statement = select(NoticeReceiptRefusalRow).order_by(minute.desc(), col(NoticeReceiptRefusalRow.reason))
        async with self._database.reading() as session:
            rows = (await session.exec(statement.limit(MOST_SHOWN))).all()
        return tuple((row.minute, CallbackFault(row.reason), row.count) for row in rows)


def _proof(row: NoticeDeliveryRow) -> Proof:
    delivery = delivery_of(row)
    return Proof(
        row.notice_id,
        NoticeKind(row.kind),
        NoticeChannel(row.channel),
        delivery.state,
        delivery.noticed_at,
        delivery.handed_over_at,
        delivery.delivered_at,
        delivery.deemed_at,
        delivery.may_be_double,
    )


def _in_app(row: NoticeRow, id: int) -> Proof:
    """It stands in the hub from its moment on; that it was read there proves its delivery."""
    state = DeliveryState.DELIVERED if row.read_at else DeliveryState.HANDED_OVER
    deemed = row.read_at or row.at + TRIED_FOR
    return Proof(id, NoticeKind(row.kind), NoticeChannel.IN_APP, state, row.at, row.at, row.read_at, deemed)


def _report(channel: NoticeChannel, name: str, row: NoticeGatewayRow | None, under_way: int) -> GatewayReport:
    if row is None:
        return GatewayReport(name, channel, 0, None, None, None, None, under_way)
    return GatewayReport(
        name, channel, row.failures, row.rests_until, row.failed_at, row.well_at, row.why, under_way
    )

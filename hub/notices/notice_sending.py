"""Deliveries of notices: leased, given to a gateway, asked about, and noted, by any number of workers.

Before anything is sent the row says to whom it is given, so that a crash in between is a try of unknown outcome:
it goes to the same gateway again, under the same key. The decisions are those of
:mod:`schema.domain.notice_delivery` and :mod:`schema.domain.notice_gateway`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.clock import Clock
from hub.keys.sealing import Unsealable
from hub.notices.notice_addresses import NoticeAddresses
from hub.notices.notice_delivery_store import delivery_of, write_delivery
from hub.notices.notice_gateway import Answer, NoticeGateway, OutgoingNotice
from hub.notices.notice_preferences import preferences_of
from hub.storage.database import Database
from hub.storage.insertion import add_up
from hub.tables.notice import NoticeAddressRow, NoticeDeliveryRow, NoticeGatewayRow, NoticePreferenceRow
from schema.domain.notice import NoticeKind
from schema.domain.notice_delivery import Delivery, DeliveryState, News, after, given, holder, is_current, weighed
from schema.domain.notice_gateway import GatewayHealth, choose, failed
from schema.domain.notice_preference import NoticeChannel, NoticeLanguage
from schema.domain.notice_words import outside_text

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
AT_ONCE = 8
_UNWELL = frozenset({News.NOT_TAKEN, News.UNCERTAIN, News.LOST})
Gateways = Mapping[NoticeChannel, Sequence[NoticeGateway]]


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing to do at a gateway, leased to this worker: give it ``message``, or ask about the key.

    ``was_uncertain``: a try before this one may have reached it.
    """

    delivery: Delivery
    gateway: NoticeGateway
    message: OutgoingNotice | None = None
    was_uncertain: bool = False


class NoticeSending:
    """``gateways`` of each channel in the order of preference; what goes by a channel without any waits."""

    def __init__(
        self, database: Database, clock: Clock, gateways: Gateways, addresses: NoticeAddresses, link: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._gateways = {channel: tuple(each) for channel, each in gateways.items() if each}
        self._addresses = addresses
        self._link = link

    @property
    def has_gateways(self) -> bool:
        """Where there are none, nothing is ever to be sent."""
        return bool(self._gateways)

    async def send_due(self) -> timedelta | None:
        """All whose time has come; how long from now there is nothing to do."""
        while turns := await self._leased():
            await asyncio.gather(*(self._take(turn) for turn in turns))
        return await self._next()

    async def _next(self) -> timedelta | None:
        statement = select(func.min(NoticeDeliveryRow.next_at)).where(self._open())
        async with self._database.reading() as session:
            first = (await session.exec(statement)).one()
        return first - self._clock.now() if first is not None else None

    def _open(self) -> ColumnElement[bool]:
        channels = col(NoticeDeliveryRow.channel).in_([channel.value for channel in self._gateways])
        return col(NoticeDeliveryRow.next_at).is_not(None) & channels

    async def _leased(self) -> list[Turn]:
        now = self._clock.now()
        due = select(NoticeDeliveryRow.id).where(self._open(), col(NoticeDeliveryRow.next_at) <= now)
        async with self._database.reading() as session:
            ids = (await session.exec(due.order_by(col(NoticeDeliveryRow.next_at)).limit(AT_ONCE))).all()
        turns: list[Turn] = []
        for each in ids:
            async with self._database.transaction() as session:
                turn = await self._lease(session, each)
            if turn is not None:
                turns.append(turn)
        # What was due and needs no gateway may hide what does.
        return turns if turns or not ids else await self._leased()

    async def _lease(self, session: AsyncSession, id: str) -> Turn | None:
        now = self._clock.now()
        row = await session.get(NoticeDeliveryRow, id, with_for_update=True)
        if row is None or row.next_at is None or row.next_at > now:
            return None
        delivery, turn = delivery_of(row), None
        if now >= delivery.ends_at:
            delivery = after(delivery, News.TIME_OVER, now)
            log.warning("a notice was given up", delivery=row.id, channel=row.channel, attempts=row.attempts)
        elif delivery.state is DeliveryState.HANDED_OVER:
            delivery, turn = self._question(row, delivery, now)
        else:
            delivery, turn = await self._try(session, row, delivery, now)
        write_delivery(row, delivery)
        session.add(row)
        return turn

    def _question(self, row: NoticeDeliveryRow, delivery: Delivery, now: datetime) -> tuple[Delivery, Turn | None]:
        named = {gateway.name: gateway for gateway in self._gateways[NoticeChannel(row.channel)]}
        gateway = named.get(delivery.gateway or "")
        if gateway is None:
            # It is set no more: its receipts may still come.
            return after(delivery, News.STILL_UNDER_WAY, now), None
        leased = replace(delivery, next_at=now + LEASE)
        return leased, Turn(leased, gateway)

    async def _try(
        self, session: AsyncSession, row: NoticeDeliveryRow, delivery: Delivery, now: datetime
    ) -> tuple[Delivery, Turn | None]:
        channel, kind = NoticeChannel(row.channel), NoticeKind(row.kind)
        address = await session.get(NoticeAddressRow, row.address_id)
        preferences = preferences_of(await session.get(NoticePreferenceRow, row.subject))
        if address is None or address.confirmed_at is None or not preferences.wants(channel, kind):
            return after(delivery, News.ADDRESS_GONE, now), None
        if (allowed := preferences.not_before(channel, now)) > now:
            return replace(delivery, next_at=min(allowed, delivery.ends_at)), None
        gateways = {gateway.name: gateway for gateway in self._gateways[channel]}
        known = await health_of(session, tuple(gateways))
        chosen = choose(tuple(gateways), known, now, held_by=holder(delivery, now), avoid=delivery.gateway)
        if isinstance(chosen, datetime):
            return replace(delivery, next_at=min(chosen, delivery.ends_at)), None
        try:
            content = self._addresses.opened(address)
        except Unsealable as error:
            row.last_error = f"The address cannot be read: {error}."
            return after(delivery, News.REFUSED, now), None
        leased = given(delivery, chosen, now, LEASE)
        words = outside_text(kind, row.receipt_number, NoticeLanguage(row.language))
        message = OutgoingNotice(leased.key, content, words.subject, words.text, self._link)
        was_uncertain = delivery.in_hand_since is not None and delivery.gateway == chosen
        return leased, Turn(leased, gateways[chosen], message, was_uncertain)

    async def _take(self, turn: Turn) -> None:
        try:
            if turn.message is not None:
                answer = await turn.gateway.send(turn.message)
            else:
                answer = await turn.gateway.report(turn.delivery.key)
        except Exception:  # one message that cannot be sent holds up no other
            log.exception("a notice could not be sent", gateway=turn.gateway.name, delivery=turn.delivery.id)
            answer = Answer(News.UNCERTAIN, "It could not be sent; the hub's log says why.")
        async with self._database.transaction() as session:
            await self._note(session, turn, answer)

    async def _note(self, session: AsyncSession, turn: Turn, answer: Answer) -> None:
        """What became of the turn; news of a message that was replaced meanwhile is a proof or nothing."""
        now, name = self._clock.now(), turn.gateway.name
        row = await session.get_one(NoticeDeliveryRow, turn.delivery.id, with_for_update=True)
        before = delivery_of(row)
        is_ours = is_current(before, name, turn.delivery.key) and before.attempts == turn.delivery.attempts
        if not is_ours and answer.news is not News.PROVED:
            return
        news = weighed(answer.news, was_uncertain=turn.was_uncertain)
        found = after(before, news, now, answer.proved_at)
        known = await health_of(session, [each.name for each in self._gateways[NoticeChannel(row.channel)]])
        if answer.news in _UNWELL:
            known[name] = failed(known.get(name, GatewayHealth()), answer.why or answer.news, now)
            await note_health(session, name, known[name], None)
            log.warning("a notice was not taken", gateway=name, news=news.value, why=answer.why)
            found = self._switched(found, NoticeChannel(row.channel), known, now)
        elif name in known and known[name].failures:
            await note_health(session, name, GatewayHealth(failed_at=known[name].failed_at), now)
        row.last_error = answer.why if answer.news is not News.PROVED else None
        write_delivery(row, found)
        session.add(row)

    def _switched(
        self, delivery: Delivery, channel: NoticeChannel, known: Mapping[str, GatewayHealth], now: datetime
    ) -> Delivery:
        """At once, where it certainly was not taken and another gateway is well."""
        is_free = delivery.state is DeliveryState.WAITING and delivery.in_hand_since is None
        others = [each.name for each in self._gateways[channel] if each.name != delivery.gateway]
        well = [name for name in others if not known.get(name, GatewayHealth()).is_resting(now)]
        return replace(delivery, next_at=now) if is_free and well else delivery


async def health_of(session: AsyncSession, names: Sequence[str]) -> dict[str, GatewayHealth]:
    """Of those that ever failed."""
    found = await session.exec(select(NoticeGatewayRow).where(col(NoticeGatewayRow.name).in_(names)))
    return {row.name: GatewayHealth(row.failures, row.rests_until, row.failed_at, row.why) for row in found.all()}


async def note_health(session: AsyncSession, name: str, health: GatewayHealth, well_at: datetime | None) -> None:
    values = {
        "name": name,
        "failures": health.failures,
        "rests_until": health.rests_until,
        "failed_at": health.failed_at,
        "well_at": well_at,
        "why": health.why,
    }
    replaced = [each for each in values if each != "name" and (each != "well_at" or well_at is not None)]
    await add_up(session, NoticeGatewayRow, [values], replaced=replaced)

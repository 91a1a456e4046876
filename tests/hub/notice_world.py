"""Gateways that can be told what to do, and the hub's sending of notices over them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from auth.actor import Actor
from auth.attempts import Attempts
from hub.keys.sealing import Sealer
from hub.notices.notice_addresses import NoticeAddresses
from hub.notices.notice_gateway import Answer, OutgoingNotice
from hub.notices.notice_preferences import NoticePreferenceStore
from hub.notices.notice_receipts import NoticeReceipts
from hub.notices.notice_sending import NoticeSending
from hub.notices.notices import About, citizen, put_notice
from hub.people.auth_store import HubAuthStore
from hub.tables.notice import NoticeDeliveryRow
from schema.domain.notice import NoticeKind, NoticeText
from schema.domain.notice_delivery import News
from schema.domain.notice_preference import NoticeChannel
from tests.hub.world import ANNA, World

PHONE, SECRET, CODE = "13800138000", "s" * 32, "123456"
RECEIPT = "JY261123-0123456789-4"


class Killed(BaseException):
    """The worker's process ends here: nothing is noted any more."""


@dataclass
class FakeGateway:
    """Keeps one message for one key. ``mood`` says how it answers; ``kills`` the worker before or after taking."""

    name: str
    mood: News = News.TAKEN
    kills: str | None = None
    known: dict[str, OutgoingNotice] = field(default_factory=dict)
    arrived: dict[str, Answer] = field(default_factory=dict)
    asked: int = 0

    async def send(self, message: OutgoingNotice) -> Answer:
        if self.kills == "before":
            self.kills = None
            raise Killed
        if self.mood in {News.TAKEN, News.TAKEN_WITHOUT_PROOF, News.UNCERTAIN}:
            self.known.setdefault(message.key, message)
        if self.kills == "after":
            self.kills = None
            raise Killed
        return Answer(self.mood, None if self.mood is News.TAKEN else "as it was told to")

    async def report(self, key: str) -> Answer:
        self.asked += 1
        if key not in self.known:
            return Answer(News.LOST)
        return self.arrived.get(key, Answer(News.STILL_UNDER_WAY))


class NoticeWorld:
    """Anna has confirmed a telephone number; two gateways carry SMS."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.first, self.second = FakeGateway("sms-1"), FakeGateway("sms-2")
        gateways = {NoticeChannel.SMS: (self.first, self.second)}
        database, clock = world.database, world.clock
        attempts = Attempts(HubAuthStore(database), clock.now)
        self.addresses = NoticeAddresses(
            database, clock, Sealer(("k" * 32,)), attempts, gateways, "http://hub/notices", lambda: CODE
        )
        self.preferences = NoticePreferenceStore(database, clock)
        self.sending = self.worker(gateways)
        self.receipts = NoticeReceipts(database, clock, world.wakeups, SECRET)

    def worker(self, gateways: Any) -> NoticeSending:
        return NoticeSending(self.world.database, self.world.clock, gateways, self.addresses, "http://hub/notices")

    async def confirmed(self, actor: Actor = ANNA, phone: str = PHONE) -> str:
        added = await self.addresses.add(actor, NoticeChannel.SMS, phone)
        await self.addresses.confirm(actor, added.id, CODE)
        for gateway in (self.first, self.second):
            gateway.known.clear()
        return added.id

    async def tell(self, key: str = "one", kind: NoticeKind = NoticeKind.SUPPLEMENT_REQUESTED) -> None:
        async with self.world.database.transaction() as session:
            text, about = NoticeText("王小明的材料", "of Wang Xiaoming"), About("case", RECEIPT)
            put_notice(session, citizen(ANNA.subject), kind, key, text, self.world.clock.now(), about)

    async def work(self) -> None:
        """One step of a worker that may be killed in it."""
        try:
            await self.sending.send_due()
        except Killed:
            return
        except BaseExceptionGroup as group:
            if group.subgroup(Killed) is None:
                raise

    async def rows(self) -> list[NoticeDeliveryRow]:
        async with self.world.database.reading() as session:
            return list((await session.exec(select(NoticeDeliveryRow).order_by(col(NoticeDeliveryRow.id)))).all())

    async def row(self) -> NoticeDeliveryRow:
        (row,) = await self.rows()
        return row

    def messages(self) -> Counter[str]:
        """What was given to each gateway, by its key."""
        return Counter(key for gateway in (self.first, self.second) for key in gateway.known)

    async def receipt(
        self, gateway: str, key: str, state: str = "delivered", at: datetime | None = None, secret: str = SECRET
    ) -> bool:
        moment = at or self.world.clock.now()
        body = json.dumps({"key": key, "state": state, "at": moment.isoformat()}).encode()
        return await self.receipts.take(gateway, signed(body, self.world.clock.now(), secret), body)


def signed(body: bytes, now: datetime, secret: str = SECRET) -> str:
    moment = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"

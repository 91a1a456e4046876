"""What can be asked and done about notices outside the hub: one's own preferences; queues for operators."""

from __future__ import annotations

from urllib.parse import urlsplit

import strawberry

from hub.notices.notice_proofs import UNDELIVERED
from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.notice_types import (
    NoticeAddress,
    NoticeCount,
    NoticeGateway,
    NoticePreferencesInput,
    NoticePreferencesOfPerson,
    NoticeResendResult,
    RefusedReceipts,
    UndeliveredNotice,
    WebPushSubscriptionInput,
)
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.notice_delivery import DeliveryState
from schema.domain.notice_preference import NoticeChannel


@strawberry.type
class NoticeQuery:
    @resolved("What you want to be told outside the hub, and where.")
    async def my_notice_preferences(self, info: Info) -> NoticePreferencesOfPerson:
        return await _preferences(info)

    @resolved("Messages that did not leave or did not arrive, the oldest first.")
    async def undelivered_notices(
        self, info: Info, states: list[DeliveryState] | None = None, first: int = 50
    ) -> list[UndeliveredNotice]:
        wanted = UNDELIVERED if states is None else states
        found = await services(info).notices.proofs.undelivered(actor(info), wanted, first)
        resends = await services(info).notices.resending.of(row.id for row in found)
        return [UndeliveredNotice.of(row, resends.get(row.id, ())) for row in found]

    @resolved("The gateways that are set, in the order of preference.")
    async def notice_gateways(self, info: Info) -> list[NoticeGateway]:
        found = await services(info).notices.proofs.gateways(actor(info))
        return [NoticeGateway.of(each) for each in found]

    @resolved("How many messages of the last 72 hours stand how.")
    async def notice_counts(self, info: Info) -> list[NoticeCount]:
        found = await services(info).notices.proofs.counts(actor(info))
        return [
            NoticeCount(channel=channel, state=state, count=count)
            for (channel, state), count in sorted(found.items())
        ]

    @resolved("Receipts of gateways that were not believed, the newest first.")
    async def refused_receipts(self, info: Info) -> list[RefusedReceipts]:
        found = await services(info).notices.proofs.refused_receipts(actor(info))
        return [RefusedReceipts(minute=minute, fault=fault, count=count) for minute, fault, count in found]


@strawberry.type
class NoticeMutation:
    @mutation("Replace your preferences.")
    async def set_notice_preferences(self, info: Info, input: NoticePreferencesInput) -> NoticePreferencesOfPerson:
        await services(info).notices.preferences.set(signed_in(actor(info)), input.preferences())
        return await _preferences(info)

    @mutation("Send a code to a telephone number or mailbox of yours; confirm it and you are told there.")
    async def add_notice_address(self, info: Info, channel: NoticeChannel, address: str) -> NoticeAddress:
        added = await services(info).notices.addresses.add(signed_in(actor(info)), channel, address)
        return NoticeAddress.of(added)

    @mutation("Be told in this browser.")
    async def subscribe_web_push(self, info: Info, input: WebPushSubscriptionInput) -> NoticeAddress:
        known, who = services(info).notices, signed_in(actor(info))
        found = known.push.subscription(input.endpoint, input.p256dh, input.auth)
        shown = urlsplit(found.endpoint).hostname or ""
        return NoticeAddress.of(await known.addresses.subscribe(who, found.endpoint, found.to_json(), shown))

    @mutation("The code that was sent there.")
    async def confirm_notice_address(self, info: Info, id: strawberry.ID, code: str) -> NoticeAddress:
        confirmed = await services(info).notices.addresses.confirm(signed_in(actor(info)), id, code)
        return NoticeAddress.of(confirmed)

    @mutation("Send notices again that failed or were given up; who, when and why is kept.")
    async def resend_notices(self, info: Info, ids: list[strawberry.ID], reason: str) -> NoticeResendResult:
        return NoticeResendResult.of(await services(info).notices.resending.send_again(ids, reason, actor(info)))

    @mutation("Be told there no more.")
    async def remove_notice_address(self, info: Info, id: strawberry.ID) -> bool:
        return await services(info).notices.addresses.remove(signed_in(actor(info)), id)


async def _preferences(info: Info) -> NoticePreferencesOfPerson:
    known, who = services(info).notices, signed_in(actor(info))
    addresses = await known.addresses.of(who)
    key = await known.push.server_key()
    return NoticePreferencesOfPerson.of(await known.preferences.of(who), addresses, known.addresses.offered, key)

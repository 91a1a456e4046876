"""GraphQL types of how notices leave the hub: preferences, addresses, proofs of delivery, gateways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Self

import strawberry

from hub.notices.notice_addresses import ShownAddress
from hub.notices.notice_proofs import GatewayReport, Proof
from hub.notices.notice_resending import Resent
from hub.own_subgraph.enums import CallbackFault, NoticeKind
from hub.tables.notice import NoticeDeliveryRow, NoticeResendRow
from schema.domain.notice_delivery import DeliveryState
from schema.domain.notice_preference import (
    NoticeChannel,
    NoticeGroup,
    NoticeLanguage,
    NoticePreferences,
    QuietHours,
)

strawberry.enum(NoticeChannel, description="How a notice reaches a person.")
strawberry.enum(NoticeGroup, description="What a preference is for.")
strawberry.enum(NoticeLanguage, description="In which language messages outside the hub are written.")
NoticeDeliveryState = strawberry.enum(
    DeliveryState, name="NoticeDeliveryState", description="Where a notice stands by one channel."
)


@strawberry.type(description="How a notice stands by one channel.")
class NoticeDelivery:
    kind: NoticeKind = strawberry.field(description="What the notice is about.")
    channel: NoticeChannel = strawberry.field(description="By which channel.")
    state: DeliveryState = strawberry.field(description="Where it stands.")
    noticed_at: datetime = strawberry.field(description="When it was put.")
    handed_over_at: datetime | None = strawberry.field(description="When a gateway took it.")
    delivered_at: datetime | None = strawberry.field(description="When it arrived, or was read in the hub.")
    deemed_at: datetime | None = strawberry.field(
        description="When it counts as delivered: then, or 72 hours after the notice; null: never sent."
    )
    may_be_double: bool = strawberry.field(description="Whether it may have come twice.")

    @classmethod
    def of(cls, proof: Proof) -> Self:
        return cls(
            kind=proof.kind,
            channel=proof.channel,
            state=proof.state,
            noticed_at=proof.noticed_at,
            handed_over_at=proof.handed_over_at,
            delivered_at=proof.delivered_at,
            deemed_at=proof.deemed_at,
            may_be_double=proof.may_be_double,
        )


@strawberry.type(description="Where you are told outside the hub; most of it is hidden.")
class NoticeAddress:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    channel: NoticeChannel = strawberry.field(description="By which channel.")
    shown: str = strawberry.field(description="What is shown of it.")
    is_confirmed: bool = strawberry.field(description="Whether its code came back; else nothing is sent there.")

    @classmethod
    def of(cls, address: ShownAddress) -> Self:
        return cls(
            id=strawberry.ID(address.id),
            channel=address.channel,
            shown=address.shown,
            is_confirmed=address.is_confirmed,
        )


@strawberry.type(description="A group that is not told by a channel.")
class NoticeOff:
    channel: NoticeChannel = strawberry.field(description="The channel.")
    group: NoticeGroup = strawberry.field(description="The group.")


@strawberry.type(name="NoticePreferences", description="What you want to be told outside the hub.")
class NoticePreferencesOfPerson:
    language: NoticeLanguage = strawberry.field(description="The language of messages.")
    quiet_from: time | None = strawberry.field(description="When quiet hours begin, in Beijing; null: none.")
    quiet_until: time | None = strawberry.field(description="When they end.")
    off: list[NoticeOff] = strawberry.field(description="What you do not want.")
    addresses: list[NoticeAddress] = strawberry.field(description="Where you are told.")
    offered: list[NoticeChannel] = strawberry.field(description="Channels that this hub has a gateway for.")
    web_push_key: str | None = strawberry.field(
        description="The applicationServerKey that browsers subscribe with; null: nothing is pushed."
    )

    @classmethod
    def of(
        cls,
        preferences: NoticePreferences,
        addresses: tuple[ShownAddress, ...],
        offered: tuple[NoticeChannel, ...],
        web_push_key: str | None,
    ) -> Self:
        quiet = preferences.quiet
        return cls(
            language=preferences.language,
            quiet_from=quiet.begins if quiet else None,
            quiet_until=quiet.ends if quiet else None,
            off=[NoticeOff(channel=channel, group=group) for channel, group in sorted(preferences.off)],
            addresses=[NoticeAddress.of(each) for each in addresses],
            offered=list(offered),
            web_push_key=web_push_key,
        )


@strawberry.input(description="A group that is not to be told by a channel.")
class NoticeOffInput:
    channel: NoticeChannel
    group: NoticeGroup


@strawberry.input(description="All of your preferences; they replace those before.")
class NoticePreferencesInput:
    language: NoticeLanguage = NoticeLanguage.ZH
    quiet_from: time | None = strawberry.field(default=None, description="Both or none; at most twelve hours.")
    quiet_until: time | None = None
    off: list[NoticeOffInput] = strawberry.field(default_factory=list)

    def preferences(self) -> NoticePreferences:
        has_quiet = self.quiet_from is not None and self.quiet_until is not None
        quiet = QuietHours(self.quiet_from or time(), self.quiet_until or time()) if has_quiet else None
        return NoticePreferences(self.language, quiet, frozenset((each.channel, each.group) for each in self.off))


@strawberry.input(description="What a browser's PushSubscription says (RFC 8291), in base64url.")
class WebPushSubscriptionInput:
    endpoint: str
    p256dh: str
    auth: str


@strawberry.type(description="An operator had a notice sent again.")
class NoticeResend:
    at: datetime = strawberry.field(description="When.")
    by: str = strawberry.field(description="The subject of the operator's token.")
    reason: str = strawberry.field(description="Why, in the operator's words.")

    @classmethod
    def of(cls, row: NoticeResendRow) -> Self:
        return cls(at=row.at, by=row.by, reason=row.reason)


@strawberry.type(description="What became of the wish to send notices again.")
class NoticeResendResult:
    resent: list[strawberry.ID] = strawberry.field(description="Those that are sent again from now on.")
    left: list[strawberry.ID] = strawberry.field(
        description="Those that are under way, have arrived, or are not there."
    )

    @classmethod
    def of(cls, result: Resent) -> Self:
        return cls(
            resent=[strawberry.ID(each) for each in result.resent],
            left=[strawberry.ID(each) for each in result.left],
        )


@strawberry.type(description="A message that did not leave or did not arrive; it names no person and no case.")
class UndeliveredNotice:
    id: strawberry.ID = strawberry.field(
        description="Opaque identifier, which resendNotices takes; gateways know it as the key's beginning."
    )
    kind: NoticeKind = strawberry.field(description="What it is about.")
    channel: NoticeChannel = strawberry.field(description="By which channel.")
    state: DeliveryState = strawberry.field(description="Where it stands.")
    gateway: str | None = strawberry.field(description="Which one was tried last.")
    attempts: int = strawberry.field(description="How often.")
    noticed_at: datetime = strawberry.field(description="When it was put; it is given up 72 hours later.")
    next_at: datetime | None = strawberry.field(description="When something is done next; null: never.")
    last_error: str | None = strawberry.field(description="What the gateway said last.")
    resends: list[NoticeResend] = strawberry.field(description="When it was sent again, the first time first.")

    @classmethod
    def of(cls, row: NoticeDeliveryRow, resends: Sequence[NoticeResendRow]) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            kind=NoticeKind(row.kind),
            channel=NoticeChannel(row.channel),
            state=DeliveryState(row.state),
            gateway=row.gateway,
            attempts=row.attempts,
            noticed_at=row.noticed_at,
            next_at=row.next_at,
            last_error=row.last_error,
            resends=[NoticeResend.of(each) for each in resends],
        )


@strawberry.type(description="A gateway for notices, and how it is.")
class NoticeGateway:
    name: str = strawberry.field(description="The channel, and its place in the order of preference.")
    channel: NoticeChannel = strawberry.field(description="What it carries.")
    failures: int = strawberry.field(description="In a row; 0: it is well.")
    rests_until: datetime | None = strawberry.field(description="Until when the other one has everything.")
    failed_at: datetime | None = strawberry.field(description="When it failed last.")
    well_at: datetime | None = strawberry.field(description="When it came back last.")
    why: str | None = strawberry.field(description="What it said last.")
    under_way: int = strawberry.field(description="Messages it was given that have no end yet.")

    @classmethod
    def of(cls, report: GatewayReport) -> Self:
        return cls(
            name=report.name,
            channel=report.channel,
            failures=report.failures,
            rests_until=report.rests_until,
            failed_at=report.failed_at,
            well_at=report.well_at,
            why=report.why,
            under_way=report.under_way,
        )


@strawberry.type(description="How many messages of the last 72 hours stand so.")
class NoticeCount:
    channel: NoticeChannel = strawberry.field(description="By which channel.")
    state: DeliveryState = strawberry.field(description="Where they stand.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="Receipts of gateways that were not believed, within one minute.")
class RefusedReceipts:
    minute: datetime = strawberry.field(description="The minute.")
    fault: CallbackFault = strawberry.field(description="Why.")
    count: int = strawberry.field(description="How many.")

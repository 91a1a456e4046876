"""What concerns notices outside the hub, made for one process from its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from auth.attempts import Attempts
from auth.keys import KeyRing
from auth.store import AttemptStore
from connectors.addresses import AddressRefused, AddressRule, read_allowed_host
from connectors.clock import Clock
from connectors.http_client import HttpClient
from hub.keys.sealing import Sealer
from hub.keys.signing_keys import SigningKeys
from hub.notices.http_notice_gateway import HttpNoticeGateway
from hub.notices.mail_notice_gateway import MailNoticeGateway
from hub.notices.mail_server import MailServer
from hub.notices.notice_addresses import NoticeAddresses
from hub.notices.notice_gateway import NoticeGateway
from hub.notices.notice_preferences import NoticePreferenceStore
from hub.notices.notice_proofs import NoticeProofs
from hub.notices.notice_receipts import NoticeReceipts
from hub.notices.notice_resending import NoticeResending
from hub.notices.notice_sending import NoticeSending
from hub.notices.web_push_gateway import WebPushGateway
from hub.notices.web_push_message import NoSubscription, Subscription, read_subscription, server_key
from hub.settings import Settings
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.notice import WebPushKeyRow
from schema.domain.notice_preference import NoticeChannel
from schema.errors import DomainError, RuntimeCode

LINK = "/portal/notices"
"""Where a notice is read."""
LONGEST_ENDPOINT = 2048


class PushService:
    """Browsers' push services: this hub's key for them, and what may be an endpoint.

    ``client`` keeps to a rule of its own: that connectors may call private addresses is no leave for visitors.
    """

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, client: HttpClient, contact: str) -> None:
        self._store = SigningKeys(database, sealer, WebPushKeyRow)
        self._clock = clock
        self._ring: KeyRing | None = None
        self._client = client
        self.gateways: tuple[NoticeGateway, ...] = ()
        if contact:
            self.gateways = (WebPushGateway("web-push", client, self.keys, contact),)

    async def keys(self) -> KeyRing:
        """Opened when it is first needed."""
        if self._ring is None:
            self._ring = await KeyRing.open(self._store, self._clock.now)
        return self._ring

    async def server_key(self) -> str | None:
        """What a browser subscribes with; ``None`` where nothing is pushed."""
        return server_key((await self.keys()).current) if self.gateways else None

    async def close(self) -> None:
        await self._client.close()

    def subscription(self, endpoint: str, p256dh: str, auth: str) -> Subscription:
        """Raises ``DomainError`` BAD_USER_INPUT."""
        if not self.gateways:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "Nothing is pushed to browsers here.")
        if len(endpoint) > LONGEST_ENDPOINT:
            message = f"`endpoint` has at most {LONGEST_ENDPOINT} characters."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message)
        rule = self._client.addresses
        try:
            rule.check_url(endpoint)
            found = read_subscription(endpoint, p256dh, auth)
        except AddressRefused:
            message = "`endpoint` is a push service at a public address, or at one that `web_push_hosts` names."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, message) from None
        except NoSubscription as error:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, str(error)) from None
        if not rule.allow_private_addresses and not endpoint.startswith("https://"):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "`endpoint` is an https:// address.")
        return found


@dataclass(frozen=True, slots=True)
class NoticeServices:
    """``client`` reaches the gateways, which stand where the operator says, in private networks too."""

    preferences: NoticePreferenceStore
    addresses: NoticeAddresses
    sending: NoticeSending
    receipts: NoticeReceipts
    proofs: NoticeProofs
    resending: NoticeResending
    push: PushService
    client: HttpClient

    async def close(self) -> None:
        await self.client.close()
        await self.push.close()

    @classmethod
    def over(
        cls,
        settings: Settings,
        issuer: str,
        database: Database,
        clock: Clock,
        wakeups: Wakeups,
        sealer: Sealer,
        store: AttemptStore,
    ) -> Self:
        client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
        # Browsers say where their push services are.
        hosts = tuple(read_allowed_host(each) for each in settings.web_push_hosts)
        guarded = HttpClient(addresses=AddressRule(allowed=hosts))
        push = PushService(database, sealer, clock, guarded, settings.web_push_contact)
        gateways = {**gateways_of(settings, issuer, client), NoticeChannel.WEB_PUSH: push.gateways}
        link = f"{issuer}{LINK}"
        attempts = Attempts(store, clock.now)
        addresses = NoticeAddresses(database, clock, sealer, attempts, gateways, link)
        return cls(
            NoticePreferenceStore(database, clock),
            addresses,
            NoticeSending(database, clock, gateways, addresses, link),
            NoticeReceipts(database, clock, wakeups, settings.notice_receipt_secret.get_secret_value()),
            NoticeProofs(
                database, clock, [(channel, one.name) for channel, each in gateways.items() for one in each]
            ),
            NoticeResending(database, clock, wakeups),
            push,
            client,
        )


def gateways_of(
    settings: Settings, issuer: str, client: HttpClient
) -> Mapping[NoticeChannel, tuple[NoticeGateway, ...]]:
    """Those that are set, the first of each channel first."""
    urls = {
        NoticeChannel.SMS: (settings.sms_gateway_url, settings.sms_second_gateway_url),
        NoticeChannel.EMAIL: (settings.mail_gateway_url, settings.mail_second_gateway_url),
    }

    def gateway(name: str, url: str) -> NoticeGateway:
        if url.startswith("smtp"):
            return MailNoticeGateway(name, MailServer(url), settings.notice_mail_from)
        return HttpNoticeGateway(name, url, f"{issuer}/notices/receipts/{name}", client)

    return {
        channel: tuple(
            gateway(f"{channel.lower()}-{place}", url)
            for place, secret in enumerate(each, start=1)
            if (url := secret.get_secret_value())
        )
        for channel, each in urls.items()
    }

"""Browsers' push services as a gateway: each subscription says which one, so there is no second to switch over to.

A push service tells of no arrivals. A message that waits there is replaced by one of the same topic, and a browser
shows one notification of a tag: both are the delivery's key, so giving it again makes no second one.
Source: RFC 8030, sections 5 and 5.4.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from auth.keys import KeyRing
from connectors.connector import ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpRequest
from hub.notices.notice_gateway import Answer, OutgoingNotice
from hub.notices.web_push_message import NoSubscription, Subscription, authorization, encrypt, read_subscription
from schema.domain.notice_delivery import TRIED_FOR, News

TIMEOUT = timedelta(seconds=10)
_GONE = frozenset({400, 404, 410})
_NOT_NOW = frozenset({401, 403, 429, 503})


@dataclass(frozen=True, slots=True)
class WebPushGateway:
    """``client`` keeps to the rule for addresses: an endpoint is whatever a browser said."""

    name: str
    client: HttpClient
    keys: Callable[[], Awaitable[KeyRing]]
    contact: str

    async def send(self, message: OutgoingNotice) -> Answer:
        try:
            subscription = _opened(message.address)
        except (NoSubscription, ValueError, KeyError):
            return Answer(News.REFUSED, "The browser's subscription cannot be read.")
        try:
            answer = await self.client.send(await self._request(subscription, message), TIMEOUT)
        except ConnectorFailure as failure:
            return Answer(News.NOT_TAKEN if failure.never_sent else News.UNCERTAIN, failure.message)
        if answer.is_success:
            return Answer(News.TAKEN_WITHOUT_PROOF)
        why = f"The push service answered {answer.status}."
        if answer.status in _GONE:
            return Answer(News.REFUSED, why)
        return Answer(News.NOT_TAKEN if answer.status in _NOT_NOW else News.UNCERTAIN, why)

    async def report(self, key: str) -> Answer:
        return Answer(News.STILL_UNDER_WAY, "A push service cannot be asked.")

    async def _request(self, subscription: Subscription, message: OutgoingNotice) -> HttpRequest:
        content = {"title": message.subject, "body": message.text, "link": message.link, "tag": message.key}
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(TRIED_FOR.total_seconds())),
            "Topic": hashlib.sha256(message.key.encode()).hexdigest()[:32],
            "Authorization": authorization(subscription.endpoint, (await self.keys()).current, self.contact),
        }
        body = encrypt(subscription, json.dumps(content, ensure_ascii=False).encode())
        return HttpRequest("POST", subscription.endpoint, headers, body)


def _opened(address: str) -> Subscription:
    content = json.loads(address)
    return read_subscription(content["endpoint"], content["p256dh"], content["auth"])

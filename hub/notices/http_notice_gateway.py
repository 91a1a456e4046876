"""A gateway that speaks HTTP, for SMS or mail: ``POST /messages`` gives it one, ``GET /messages/{key}`` asks.

The body is ``{"key", "to", "subject", "text", "link", "receiptUrl"}``; 2xx: taken; 400, 404, 410 and 422: this
address takes nothing; 429 and 503: not taken now; everything else leaves it uncertain. Asked, it answers
``{"state": "under-way" | "delivered" | "failed" | "refused", "at", "why"}``, or 404 for what it does not know. A
provider with another interface gets a small process before it that speaks this one. Described in docs/notices.md.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from connectors.connector import ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpAnswer, HttpRequest
from hub.notices.notice_gateway import Answer, OutgoingNotice
from schema.domain.notice_delivery import News

TIMEOUT = timedelta(seconds=10)
_REFUSING = frozenset({400, 404, 410, 422})
_ADDRESSES = re.compile(r"\S*@\S*|\+?\d[\d -]{4,}\d")
"""What a gateway says may name whom it could not reach; operators need not know."""
_NOT_NOW = frozenset({401, 403, 429, 503})
STATES: Mapping[str, News] = {
    "under-way": News.STILL_UNDER_WAY,
    "delivered": News.PROVED,
    "failed": News.REPORTED_FAILED,
    "refused": News.REFUSED,
}


@dataclass(frozen=True, slots=True)
class HttpNoticeGateway:
    """``url`` may hold user and password; ``receipt_url`` is where it tells of arrivals."""

    name: str
    url: str
    receipt_url: str
    client: HttpClient

    async def send(self, message: OutgoingNotice) -> Answer:
        body = {
            "key": message.key,
            "to": message.address,
            "subject": message.subject,
            "text": message.text,
            "link": message.link,
            **({"receiptUrl": self.receipt_url} if message.wants_receipt else {}),
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.key}
        content = json.dumps(body, ensure_ascii=False).encode()
        try:
            answer = await self._send("POST", "/messages", headers, content)
        except ConnectorFailure as failure:
            return Answer(News.NOT_TAKEN if failure.never_sent else News.UNCERTAIN, failure.message)
        if answer.is_success:
            return Answer(News.TAKEN)
        why = f"The gateway answered {answer.status}."
        if answer.status in _REFUSING:
            return Answer(News.REFUSED, why)
        return Answer(News.NOT_TAKEN if answer.status in _NOT_NOW else News.UNCERTAIN, why)

    async def report(self, key: str) -> Answer:
        try:
            answer = await self._send("GET", f"/messages/{quote(key, safe='')}", {}, None)
        except ConnectorFailure as failure:
            return Answer(News.STILL_UNDER_WAY, failure.message)
        if answer.status == 404:
            return Answer(News.LOST, "The gateway does not know it any more.")
        if not answer.is_success:
            return Answer(News.STILL_UNDER_WAY, f"The gateway answered {answer.status}.")
        try:
            return read_state(json.loads(answer.body))
        except (ValueError, KeyError, TypeError):
            return Answer(News.STILL_UNDER_WAY, "The gateway's answer makes no sense.")

    async def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> HttpAnswer:
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit((parts.scheme, host, parts.path.rstrip("/") + path, "", ""))
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            headers = {**headers, "Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return await self.client.send(HttpRequest(method, url, headers, body, is_repeatable=True), TIMEOUT)


def read_state(content: Mapping[str, Any]) -> Answer:
    """What a gateway says of a message. Raises ``KeyError``, ``ValueError`` or ``TypeError``."""
    news = STATES[content["state"]]
    why = _ADDRESSES.sub("***", str(content["why"]))[:200] if content.get("why") else None
    moment = datetime.fromisoformat(content["at"]) if content.get("at") else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError("a time with a zone")
    return Answer(news, why, moment if news is News.PROVED else None)

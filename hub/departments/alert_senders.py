"""How an alert leaves the hub: a signed webhook, or a mail in both languages.

A webhook's body is a CloudEvent; its header ``Jiyi-Signature`` is a detached JWS over it, which the receiver
verifies with the keys at the hub's JWKS address, so that there is no secret to share. Sources: CloudEvents HTTP
binding, section 3.2 (structured mode); RFC 7515, appendix F (detached content); RFC 5321.
"""

from __future__ import annotations

import asyncio
import json
import smtplib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from joserfc import jws

from auth.keys import SIGNING_ALGORITHM, KeyRing
from connectors.cloud_events import MEDIA_TYPE
from connectors.connector import ConnectorFailure
from connectors.http_client import HttpClient
from connectors.http_message import HttpRequest
from hub.departments.alerts import NotSent
from hub.notices.mail_server import MailServer

TIMEOUT = timedelta(seconds=10)
SIGNATURE_HEADER = "Jiyi-Signature"

_TITLES = {
    "jiyi.connector.condition-begun": ("连接器异常", "A connector needs your attention"),
    "jiyi.connector.condition-ended": ("连接器恢复正常", "A connector is well again"),
    "jiyi.connector.suspended": ("连接器已暂停", "A connector was suspended"),
    "jiyi.alert.test": ("测试通知", "A test of this address"),
}
_CONDITIONS = {
    "circuit-open": ("连续失败，暂停访问", "it fails again and again and is given a rest"),
    "drift": ("实际模式与登记的模式不一致", "it serves another schema than it registered"),
    "wrong-types": ("返回的数据类型与模式不符", "its answers are not what its schema says"),
}


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """``keys`` are opened when the first one is sent: a worker that sends none needs none."""

    client: HttpClient
    keys: Callable[[], Awaitable[KeyRing]]

    async def send(self, url: str, event: Mapping[str, Any]) -> None:
        """Raises :class:`NotSent` unless the answer is 2xx."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": MEDIA_TYPE, SIGNATURE_HEADER: await self._signature(body)}
        try:
            answer = await self.client.send(HttpRequest("POST", url, headers, body), TIMEOUT)
        except ConnectorFailure as failure:
            raise NotSent(f"{failure.code}: {failure.message}") from failure
        if not answer.is_success:
            raise NotSent(f"The webhook answered {answer.status}.")

    async def _signature(self, body: bytes) -> str:
        key = (await self.keys()).current
        header = {"alg": SIGNING_ALGORITHM, "kid": key.kid}
        return jws.detach_content(jws.serialize_compact(header, body, key, algorithms=[SIGNING_ALGORITHM]))


@dataclass(frozen=True, slots=True)
class MailSender:
    """``url`` is that of a :class:`MailServer`."""

    url: str
    sender: str

    async def send(self, address: str, event: Mapping[str, Any]) -> None:
        """Raises :class:`NotSent`."""
        message = mail_of(event)
        message["From"], message["To"] = self.sender, address
        message["Message-ID"] = f"<{event['id']}@jiyi.invalid>"
        try:
            await asyncio.to_thread(MailServer(self.url).deliver, message)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"The mail server did not take it ({type(error).__name__}).") from error


def mail_of(event: Mapping[str, Any]) -> EmailMessage:
    """Subject and text in both languages, Chinese first; nothing of a person is in it."""
    chinese, english = _TITLES.get(event["type"], (event["type"], event["type"]))
    data, subject = event["data"], event["subject"]
    condition = _CONDITIONS.get(data.get("condition", ""), ("", ""))
    message = EmailMessage()
    message["Subject"] = f"[集易 Jiyi] {chinese} · {english}: {subject}"
    paragraphs = [
        f"{chinese}：{subject}" + (f"（{condition[0]}）" if condition[0] else ""),
        f"{english}: {subject}" + (f" ({condition[1]})" if condition[1] else ""),
        *([data["detail"]] if data.get("detail") else []),
        f"{event['time']}",
    ]
    message.set_content("\n\n".join(paragraphs) + "\n")
    return message

"""A mail server as a gateway for notices.

SMTP cannot be asked and keeps no keys: a mail whose server was lost in the very moment of taking it is sent again,
and may come twice. Its ``Message-ID`` is the delivery's key, by which many mailboxes show such a double once.
Sources: RFC 5321, sections 4.2.1 and 4.5.3; RFC 5322, section 3.6.4.
"""

from __future__ import annotations

import asyncio
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage

from hub.notices.mail_server import MailServer
from hub.notices.notice_gateway import Answer, OutgoingNotice
from schema.domain.notice_delivery import News

_NEVER_SENT = (
    ConnectionRefusedError,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
)


@dataclass(frozen=True, slots=True)
class MailNoticeGateway:
    name: str
    server: MailServer
    sender: str

    async def send(self, message: OutgoingNotice) -> Answer:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, message.address, message.subject
        mail["Message-ID"] = f"<{message.key}@jiyi.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{message.text}\n\n{message.link}\n")
        try:
            await asyncio.to_thread(self.server.deliver, mail)
        except (OSError, smtplib.SMTPException) as error:
            return _failed(error)
        return Answer(News.TAKEN_WITHOUT_PROOF)

    async def report(self, key: str) -> Answer:
        return Answer(News.STILL_UNDER_WAY, "A mail server cannot be asked.")


def _failed(error: OSError | smtplib.SMTPException) -> Answer:
    why = f"The mail server did not take it ({type(error).__name__})."
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        is_for_good = all(500 <= code < 600 for code, _ in error.recipients.values())
        return Answer(News.REFUSED if is_for_good else News.NOT_TAKEN, why)
    if isinstance(error, (*_NEVER_SENT, smtplib.SMTPResponseException)):
        return Answer(News.NOT_TAKEN, why)
    return Answer(News.UNCERTAIN, why)

"""Hand a mail to a server: SMTP with STARTTLS where it is offered, or over TLS from the first byte.

Source: RFC 5321.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class MailServer:
    """``url`` is ``smtp://`` or ``smtps://``, with user and password if needed."""

    url: str

    def deliver(self, message: EmailMessage) -> None:
        """Blocks. Raises ``OSError`` or ``smtplib.SMTPException``."""
        parts = urlsplit(self.url)
        host, seconds = parts.hostname or "localhost", TIMEOUT.total_seconds()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=seconds, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=seconds)
        try:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
            # The mail is taken; how the server says farewell is no news of it.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            server.close()

"""A gateway behind our own nouns: what a hub asks of whoever carries its notices out.

It is given a message under a key of ours and keeps one message for one key, so that giving it again is harmless;
since its word can be lost, it can be asked by the key. One that cannot do this takes without proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schema.domain.notice_delivery import News


@dataclass(frozen=True, slots=True)
class OutgoingNotice:
    """``address`` is a telephone number, a mailbox or a browser's subscription; ``link`` is where to read on.

    Of a code ``wants_receipt`` is false: that it arrived is told by whoever types it in.
    """

    key: str
    address: str
    subject: str
    text: str
    link: str
    wants_receipt: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try or is known to the gateway. ``why`` is fit for operators and names no address."""

    news: News
    why: str | None = None
    proved_at: datetime | None = None


class NoticeGateway(Protocol):
    @property
    def name(self) -> str:
        """The hub's own for it."""
        ...

    async def send(self, message: OutgoingNotice) -> Answer:
        """TAKEN, TAKEN_WITHOUT_PROOF, NOT_TAKEN, UNCERTAIN or REFUSED; never raises for the other side."""
        ...

    async def report(self, key: str) -> Answer:
        """PROVED, REPORTED_FAILED, REFUSED, STILL_UNDER_WAY or LOST."""
        ...

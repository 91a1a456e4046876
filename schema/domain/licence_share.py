"""A licence shown to one recipient, for one purpose and a time; the holder takes it back whenever they wish.

Source: docs/licences.md, "Sharing"; domain.md, section 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_SHARE = timedelta(days=90)
MOST_OPEN = 50
"""Shares that a person has open at once."""
MOST_TEXT = 100
"""Characters of a purpose, and of a recipient's name."""


class RecipientKind(StrEnum):
    ORGANISATION = "ORGANISATION"
    """An organisation of the catalogue; its officers read it, signed in."""
    BEARER = "BEARER"
    """Somebody outside, named by the holder: who holds the document or its QR code reads it."""


class ShareState(StrEnum):
    OPEN = "OPEN"
    WITHDRAWN = "WITHDRAWN"
    ENDED = "ENDED"


def share_state(ends_at: datetime, withdrawn_at: datetime | None, now: datetime) -> ShareState:
    """Whether it may be read now; taken back counts before over."""
    if withdrawn_at is not None:
        return ShareState.WITHDRAWN
    return ShareState.OPEN if now < ends_at else ShareState.ENDED


def share_problems(recipient: str, purpose: str, ends_at: datetime, now: datetime) -> Iterator[str]:
    """What is wrong with a share that somebody wants to make, a sentence each."""
    for name, text in (("recipient", recipient), ("purpose", purpose)):
        if not 0 < len(text.strip()) <= MOST_TEXT:
            yield f"`{name}` has 1 to {MOST_TEXT} characters."
    if not now < ends_at <= now + LONGEST_SHARE:
        yield f"`endsAt` is later than now and at most {LONGEST_SHARE.days} days from now."

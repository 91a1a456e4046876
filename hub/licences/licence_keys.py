"""The keys that sign licences, for operators: which there are, and a new one in the place of the one that signs.

A new key is published before it signs, so that whoever verifies offline with keys that were kept has it when the
first licence comes that it signed. Keys that signed once verify on: a licence outlives them.
Source: docs/licences.md, "Keys"; RFC 7517.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from auth.actor import Actor
from auth.keys import KeyRing, StoredKey, signing_key
from connectors.clock import Clock
from hub.people.who import operator
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

ANNOUNCED_FOR = timedelta(hours=24)
"""For as long a licence verifies with revocation data that were kept; who keeps those keeps the keys."""
LONGEST_ANNOUNCEMENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LicenceKey:
    """One published key. ``retired_at`` is when another takes over; it verifies on after that."""

    key_id: str
    published_at: datetime
    signs_from: datetime
    retired_at: datetime | None
    is_signing: bool


class LicenceKeys:
    """Only an operator sees and replaces them. Raises ``DomainError`` FORBIDDEN for others."""

    def __init__(self, keys: Callable[[], Awaitable[KeyRing]], clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    async def list(self, actor: Actor) -> tuple[LicenceKey, ...]:
        """All that verify, the newest first."""
        operator(actor)
        ring, now = await self._keys(), self._clock.now()
        signing = signing_key(ring.stored, now)
        return tuple(_told(each, signing) for each in reversed(ring.stored))

    async def rotate(self, actor: Actor, announce: timedelta = ANNOUNCED_FOR) -> LicenceKey:
        """Publish a new key now, and sign with it when it has been published for ``announce``.

        Raises ``DomainError`` CONFLICT while an earlier new key waits, BAD_USER_INPUT for too many hours.
        """
        operator(actor)
        if not timedelta() <= announce <= LONGEST_ANNOUNCEMENT:
            longest = LONGEST_ANNOUNCEMENT // timedelta(hours=1)
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`announceHours` are 0 to {longest}.")
        ring, now = await self._keys(), self._clock.now()
        waiting = [each for each in ring.stored if each.begins_at > now]
        if waiting and announce:
            last = waiting[-1]
            message = f"Key {last.key_id} is published and signs from {last.begins_at:%Y-%m-%d %H:%M}Z."
            raise DomainError(RuntimeCode.CONFLICT, f"{message} Wait for it, or replace the key with 0 hours.")
        key_id = await ring.rotate(announce)
        made = next(each for each in ring.stored if each.key_id == key_id)
        log.info("licence key rotated", key=key_id, signs_from=made.begins_at.isoformat(), by=actor.subject)
        return _told(made, signing_key(ring.stored, self._clock.now()))


def _told(key: StoredKey, signing: StoredKey | None) -> LicenceKey:
    is_signing = signing is not None and key.key_id == signing.key_id
    return LicenceKey(key.key_id, key.created_at, key.begins_at, key.retired_at, is_signing)

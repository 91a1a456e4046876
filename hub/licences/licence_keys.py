"""The keys that sign licences: which there are, a new one in the place of the one that signs, and one revoked.

A new key is published before it signs, so that whoever verifies offline with keys that were kept has it when the
first licence comes that it signed. Keys that signed once verify on: a licence outlives them. Only what a revoked
key signed is believed no more, whatever date it says.
Source: docs/licences.md, "Keys"; RFC 7517.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from auth.actor import Actor
from auth.keys import KeyRing, StoredKey, new_key, signing_key
from connectors.clock import Clock
from hub.licences.licence_key_store import LicenceKeyStore, Revocation
from hub.people.who import operator
from schema.errors import DomainError, RuntimeCode

log = structlog.get_logger(__name__)

ANNOUNCED_FOR = timedelta(hours=24)
"""For as long a licence verifies with revocation data that were kept; who keeps those keeps the keys."""
LONGEST_ANNOUNCEMENT = timedelta(days=30)
MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class LicenceKey:
    """One key. ``retired_at`` is when another takes over; it verifies on after that, unless it is revoked."""

    key_id: str
    published_at: datetime
    signs_from: datetime
    retired_at: datetime | None
    is_signing: bool
    revocation: Revocation | None = None


class LicenceKeys:
    """Only an operator sees, replaces and revokes them. Raises ``DomainError`` FORBIDDEN for others.

    ``replaced_after`` is how long one signs until it is replaced by itself; zero for never."""

    def __init__(
        self,
        keys: Callable[[], Awaitable[KeyRing]],
        store: LicenceKeyStore,
        clock: Clock,
        replaced_after: timedelta = timedelta(),
    ) -> None:
        self._keys = keys
        self._store = store
        self._clock = clock
        self._replaced_after = replaced_after

    async def list(self, actor: Actor) -> tuple[LicenceKey, ...]:
        """All that verify and those that are revoked, the newest first."""
        operator(actor)
        ring, now = await self._keys(), self._clock.now()
        signing = signing_key(ring.stored, now)
        revoked = {each.key_id: each for each in await self._store.revocations()}
        return tuple(_told(each, signing, revoked.get(each.key_id)) for each in reversed(ring.stored))

    async def rotate(self, actor: Actor, announce: timedelta = ANNOUNCED_FOR) -> LicenceKey:
        """Publish a new key now, and sign with it when it has been published for ``announce``.

        Raises ``DomainError`` CONFLICT while an earlier new key waits, BAD_USER_INPUT for too many hours.
        """
        operator(actor)
        if not timedelta() <= announce <= LONGEST_ANNOUNCEMENT:
            longest = LONGEST_ANNOUNCEMENT // timedelta(hours=1)
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`announceHours` are 0 to {longest}.")
        ring, now = await self._keys(), self._clock.now()
        waiting = [each for each in ring.stored if each.may_sign and each.begins_at > now]
        if waiting and announce:
            last = waiting[-1]
            message = f"Key {last.key_id} is published and signs from {last.begins_at:%Y-%m-%d %H:%M}Z."
            raise DomainError(RuntimeCode.CONFLICT, f"{message} Wait for it, or replace the key with 0 hours.")
        key_id = await ring.rotate(announce)
        made = next(each for each in ring.stored if each.key_id == key_id)
        log.info("licence key rotated", key=key_id, signs_from=made.begins_at.isoformat(), by=actor.subject)
        return _told(made, signing_key(ring.stored, self._clock.now()))

    async def revoke(self, actor: Actor, key_id: str, reason: str, since: datetime | None = None) -> LicenceKey:
        """Believe nothing that the key signed, from now on; where it is the one that signs, another does at once.

        ``since`` is from when somebody else may have had it, its whole life where nothing is said. Raises
        ``DomainError`` NOT_FOUND, BAD_USER_INPUT without a reason or for a time outside the key's life, CONFLICT
        where it is revoked already.
        """
        operator(actor)
        ring, now = await self._keys(), self._clock.now()
        found = next((each for each in ring.stored if each.key_id == key_id), None)
        if found is None:
            raise DomainError(RuntimeCode.NOT_FOUND, f"No key {key_id} signs licences. `licenceKeys` lists them.")
        if not 0 < len(reason.strip()) <= MOST_REASON:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`reason` has 1 to {MOST_REASON} characters.")
        if since is not None and not found.created_at <= since <= now:
            wrong = f"`since` is between {found.created_at:%Y-%m-%d %H:%M}Z, when the key was made, and now."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
        signing = signing_key(ring.stored, now)
        is_signing = signing is not None and signing.key_id == key_id
        revocation = Revocation(key_id, now, since or found.created_at, reason.strip(), actor.subject)
        replacement = new_key(now) if is_signing else None
        if not await self._store.revoke(revocation, ring.stored[-1].key_id, replacement):
            raise DomainError(RuntimeCode.CONFLICT, f"Key {key_id} is revoked already.")
        await ring.reload()
        log.warning("licence key revoked", key=key_id, by=actor.subject)
        return _told(found, None, revocation)

    async def replace_due(self) -> bool:
        """The worker's round: publish the next key a day before the one that signs has signed for long enough. Of
        several processes one does."""
        ring, now = await self._keys(), self._clock.now()
        if not self._replaced_after or not ring.stored:
            return False
        begun = max(each.begins_at for each in ring.stored if each.may_sign)
        if now < begun + self._replaced_after - ANNOUNCED_FOR:
            return False
        key = new_key(now, now + ANNOUNCED_FOR)
        is_new = await self._store.succeed(ring.stored[-1].key_id, key)
        await ring.reload()
        if is_new:
            log.info("licence key rotated", key=key.key_id, signs_from=key.begins_at.isoformat(), by="schedule")
        return is_new


def _told(key: StoredKey, signing: StoredKey | None, revocation: Revocation | None = None) -> LicenceKey:
    is_signing = signing is not None and key.key_id == signing.key_id
    return LicenceKey(key.key_id, key.created_at, key.begins_at, key.retired_at, is_signing, revocation)

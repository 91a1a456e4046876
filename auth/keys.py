"""The hub's signing keys: made on first start, shared by all processes, replaced without an outage.

The newest key signs; older ones verify for a while longer, so that tokens outlive a rotation. A new key may be
published some time before it signs, so that whoever keeps the published keys has it when it is first met. A key id
that is not known yet makes one look into the store, never more than one every few seconds.
Sources: RFC 7517 (JWK Set), RFC 7518 section 3.4 (ES256).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from joserfc.jwk import ECKey, Key, KeySet

SIGNING_ALGORITHM = "ES256"
STALE_AFTER = timedelta(minutes=1)
RELOAD_AT_MOST_EVERY = timedelta(seconds=5)
VERIFIES_AFTER_RETIREMENT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One key pair. ``private_jwk`` is JSON; ``retired_at`` is when a newer key takes over signing, ``signs_from``
    when this one does, where that is not when it was made. What a revoked one signed is believed no more."""

    key_id: str
    private_jwk: str = field(repr=False)
    created_at: datetime
    retired_at: datetime | None = None
    signs_from: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def may_sign(self) -> bool:
        """Not if it is revoked, or another took over before it began."""
        return self.revoked_at is None and (self.retired_at is None or self.retired_at >= self.begins_at)

    @property
    def begins_at(self) -> datetime:
        """From when it signs."""
        return self.signs_from or self.created_at


class KeyStore(Protocol):
    async def signing_keys(self) -> tuple[StoredKey, ...]:
        """All keys, oldest first."""
        ...

    async def add_signing_key(self, key: StoredKey) -> None:
        """Keep a new key and retire all earlier ones when it begins to sign."""
        ...

    async def add_first_signing_key(self, key: StoredKey) -> None:
        """Keep the key unless there is one already: two processes may start at once."""
        ...


class KeySource(Protocol):
    """Where a verifier finds public keys: the hub's own ring, or a remote JWKS address."""

    async def find(self, key_id: str | None) -> Key | None: ...

    def holds(self, key_id: str | None) -> bool: ...


class KeyRing:
    """The keys in force in this process. Make it with :meth:`open`."""

    def __init__(
        self, store: KeyStore, now: Callable[[], datetime], verifies_for: timedelta = VERIFIES_AFTER_RETIREMENT
    ) -> None:
        self._store = store
        self._now = now
        self._verifies_for = verifies_for
        self._loading = asyncio.Lock()
        self._keys: dict[str, ECKey] = {}
        self._stored: tuple[StoredKey, ...] = ()
        self._loaded_at: datetime | None = None

    @classmethod
    async def open(
        cls, store: KeyStore, now: Callable[[], datetime], verifies_for: timedelta = VERIFIES_AFTER_RETIREMENT
    ) -> KeyRing:
        """Load the keys; make the first one where there is none. A retired one ``verifies_for`` a while longer."""
        ring = cls(store, now, verifies_for)
        await ring._load()
        if not ring._stored:
            await store.add_first_signing_key(new_key(now()))
            await ring._load()
        return ring

    @property
    def current(self) -> ECKey:
        """The key that signs."""
        signing = signing_key(self._stored, self._now())
        if signing is None:
            raise RuntimeError("The key ring is not open. Make it with KeyRing.open().")
        return self._keys[signing.key_id]

    @property
    def stored(self) -> tuple[StoredKey, ...]:
        """The keys that verify now or will, and the revoked ones, the oldest first."""
        return self._stored

    def public(self) -> dict[str, Any]:
        """The JWK Set for ``/oauth/jwks``; nothing private in it. A revoked key is none of its keys, so that no
        library takes it; ``revoked_keys`` says which those are."""
        keys = [key.as_dict(private=False) for _, key in sorted(self._keys.items())]
        published = {"keys": [{**key, "use": "sig", "alg": SIGNING_ALGORITHM} for key in keys]}
        revoked = [{"kid": each.key_id, "revoked_at": at} for each in self._stored if (at := _second(each))]
        return {**published, "revoked_keys": revoked} if revoked else published

    @property
    def revoked(self) -> frozenset[str]:
        """The ids of the keys that are believed no more."""
        return frozenset(each.key_id for each in self._stored if each.revoked_at is not None)

    @property
    def known(self) -> Mapping[str, Key]:
        """The keys that verify now, by their ids."""
        return self._keys

    async def all_public(self) -> tuple[dict[str, Any], ...]:
        """The public part of every key that ever signed: what was sealed long ago is checked with it."""
        stored = await self._store.signing_keys()
        return tuple(ECKey.import_key(json.loads(each.private_jwk)).as_dict(private=False) for each in stored)

    async def find(self, key_id: str | None) -> Key | None:
        """The key of that id; another process may have made it a moment ago."""
        if key_id is None:
            return None
        if key_id not in self._keys and self._age() >= RELOAD_AT_MOST_EVERY:
            await self._load()
        return self._keys.get(key_id)

    def holds(self, key_id: str | None) -> bool:
        return key_id in self._keys

    async def refresh(self) -> None:
        """Look for a rotation by another process, at most once a minute."""
        if self._age() >= STALE_AFTER:
            await self._load()

    async def reload(self) -> None:
        """After this very process changed the keys."""
        await self._load()

    async def rotate(self, announce: timedelta = timedelta()) -> str:
        """Publish a new key, and sign with it when it has been published for as long. Returns its id."""
        now = self._now()
        key = new_key(now, now + announce if announce else None)
        await self._store.add_signing_key(key)
        await self._load()
        return key.key_id

    def _age(self) -> timedelta:
        return self._now() - self._loaded_at if self._loaded_at else timedelta.max

    async def _load(self) -> None:
        async with self._loading:
            stored = await self._store.signing_keys()
            self._loaded_at = self._now()
            live = tuple(each for each in stored if _verifies(each, self._loaded_at, self._verifies_for))
            believed = (each for each in live if each.revoked_at is None)
            self._keys = {each.key_id: ECKey.import_key(json.loads(each.private_jwk)) for each in believed}
            self._stored = live

    def __repr__(self) -> str:
        return f"<KeyRing of {len(self._keys)} keys>"


def signing_set(key: ECKey) -> KeySet:
    """The one key as a set: joserfc then writes its ``kid`` into the header."""
    return KeySet([key])


def signing_key(keys: Iterable[StoredKey], at: datetime) -> StoredKey | None:
    """The key that signs at this moment: the last that has begun; the first one where a clock is behind.

    Of two that begin at the same moment the one that no other takes over from.
    """
    able = (key for key in keys if key.may_sign)
    ordered = sorted(able, key=lambda key: (key.begins_at, key.retired_at is None, key.key_id))
    if not ordered:
        return None
    begun = [key for key in ordered if key.begins_at <= at]
    return begun[-1] if begun else ordered[0]


def new_key(at: datetime, signs_from: datetime | None = None) -> StoredKey:
    """A key pair of its own, which signs at once or from then on."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    private = key.as_dict(private=True)
    return StoredKey(str(key.kid), json.dumps(private), at, signs_from=signs_from)


def _second(key: StoredKey) -> int | None:
    return int(key.revoked_at.timestamp()) if key.revoked_at is not None else None


def _verifies(key: StoredKey, at: datetime, after_retirement: timedelta) -> bool:
    return key.retired_at is None or at < key.retired_at + after_retirement

"""Public keys of somebody else's authorization server, read from its JWKS address.

Cached; a token with an unknown key id makes one look, never more than one every half minute, so that
invented key ids cannot be used to flood that server. Source: RFC 7517; RFC 8725 section 3.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

STALE_AFTER = timedelta(minutes=10)
FETCH_AT_MOST_EVERY = timedelta(seconds=30)
TIMEOUT = timedelta(seconds=5)
MAXIMUM_BYTES = 262_144


class KeysUnavailable(Exception):
    """The JWKS address gave no keys and none are remembered: nobody's token can be verified now."""


class RemoteJwks:
    """A :class:`auth.keys.KeySource` over HTTP. Redirects are not followed. ``resolver`` says which addresses of a
    name may be called; without it all."""

    def __init__(
        self, address: str, now: Callable[[], datetime], resolver: AbstractResolver | None = None
    ) -> None:
        self.address = address
        self._now = now
        self._resolver = resolver
        self._fetching = asyncio.Lock()
        self._keys: dict[str | None, Key] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None

    async def find(self, key_id: str | None) -> Key | None:
        """The key of that id; the only key there is where the token names none. Who lacks it waits for a look that
        is under way."""
        is_awaited = self._fetching.locked() and self._known(key_id) is None
        if is_awaited or self._must_look(key_id):
            async with self._fetching:
                if self._must_look(key_id):
                    await self._fetch()
        if not self._keys:
            raise KeysUnavailable(f"No keys could be read from {self.address}. Check the JWKS address.")
        return self._known(key_id)

    def holds(self, key_id: str | None) -> bool:
        return self._known(key_id) is not None

    def _known(self, key_id: str | None) -> Key | None:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _must_look(self, key_id: str | None) -> bool:
        if self._tried_at is not None and self._now() - self._tried_at < FETCH_AT_MOST_EVERY:
            return False
        is_stale = self._fetched_at is None or self._now() - self._fetched_at > STALE_AFTER
        return is_stale or self._known(key_id) is None

    async def _fetch(self) -> None:
        """Replace the keys; on any failure keep those we have."""
        self._tried_at = self._now()
        try:
            keys = _signing_keys(await _read(self.address, self._resolver))
        except (aiohttp.ClientError, OSError, JoseError, ValueError, KeyError, TypeError, RecursionError):
            return
        self._keys = keys
        self._fetched_at = self._tried_at


async def _read(address: str, resolver: AbstractResolver | None) -> Any:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT.total_seconds())
    async with (
        aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(resolver=resolver)) as session,
        session.get(address, allow_redirects=False) as response,
    ):
        response.raise_for_status()
        body = await response.content.read(MAXIMUM_BYTES + 1)
        while len(body) <= MAXIMUM_BYTES and (more := await response.content.read(MAXIMUM_BYTES)):
            body += more
        if response.status != 200 or len(body) > MAXIMUM_BYTES:
            raise ValueError("The JWKS address did not answer with a key set.")
        return json.loads(body)


def _signing_keys(document: Any) -> dict[str | None, Key]:
    """Asymmetric keys only: a symmetric one in a public document proves nothing."""
    keys = KeySet.import_key_set(document).keys
    return {key.kid: key for key in keys if key.key_type != "oct" and key.get("use", "sig") == "sig"}

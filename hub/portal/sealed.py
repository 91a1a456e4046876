"""State that a browser holds the only key to.

The cookie's random value is the key; the hub keeps its hash and the content encrypted under it. So whoever
reads the database finds neither tokens nor identity numbers, and nothing of them stands in an address, a
form or a log. Source: OWASP Session Management, "Session ID Content".
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete
from sqlmodel import col

from auth.store import digest
from connectors.clock import Clock
from hub.storage.database import Database
from hub.tables.portal import PortalStateRow


class SealedStore:
    """Small JSON contents by kind, each until its lifetime ends."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, kind: str, content: Mapping[str, Any], lifetime: timedelta) -> str:
        """Keep it and return the value for the cookie. What has expired is swept on the way."""
        value = secrets.token_urlsafe(32)
        now = self._clock.now()
        row = PortalStateRow(
            token_hash=digest(value), kind=kind, sealed=_seal(value, content), expires_at=now + lifetime
        )
        async with self._database.transaction() as session:
            await session.exec(delete(PortalStateRow).where(col(PortalStateRow.expires_at) <= now))
            session.add(row)
        return value

    async def read(self, kind: str, value: str | None) -> dict[str, Any] | None:
        """The content, unless it is unknown, of another kind, or over."""
        if not value:
            return None
        async with self._database.reading() as session:
            row = await session.get(PortalStateRow, digest(value))
        if row is None or row.kind != kind or row.expires_at <= self._clock.now():
            return None
        return _unseal(value, row.sealed)

    async def replace(self, kind: str, value: str, content: Mapping[str, Any], lifetime: timedelta) -> bool:
        """Put new content in place of the old. ``False`` when there is none any more."""
        async with self._database.transaction() as session:
            row = await session.get(PortalStateRow, digest(value))
            if row is None or row.kind != kind:
                return False
            row.sealed = _seal(value, content)
            row.expires_at = self._clock.now() + lifetime
            session.add(row)
        return True

    async def drop(self, kind: str, value: str | None) -> bool:
        """Forget it. Whether this call was the one that did: what may be used once is dropped before its use."""
        if not value:
            return False
        statement = delete(PortalStateRow).where(
            col(PortalStateRow.token_hash) == digest(value), col(PortalStateRow.kind) == kind
        )
        async with self._database.transaction() as session:
            result = await session.exec(statement)
        return bool(result.rowcount)


def _cipher(value: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"sealed\n" + value.encode()).digest()))


def _seal(value: str, content: Mapping[str, Any]) -> str:
    return _cipher(value).encrypt(json.dumps(content, ensure_ascii=False).encode()).decode("ascii")


def _unseal(value: str, sealed: str) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(_cipher(value).decrypt(sealed.encode("ascii")))
    except InvalidToken:
        return None
    return content

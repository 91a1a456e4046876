"""Signing keys as rows: those of access tokens, and those of licences, each in a table of its own.

Sealed where the hub has a key to seal with. Fulfils :class:`auth.keys.KeyStore`.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import func, update
from sqlmodel import col, select

from auth.keys import StoredKey
from hub.keys.sealing import Sealer, is_sealed
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.auth import KeyPairRow

KeyRows = type[KeyPairRow]


def place_of_signing_key(key_id: str) -> str:
    """Where a signing key is at home; sealed, it opens nowhere else."""
    return f"signing_key/{key_id}"


class SigningKeys:
    """The keys of one table."""

    def __init__(self, database: Database, sealer: Sealer, rows: KeyRows) -> None:
        self._database = database
        self._sealer = sealer
        self._rows = rows

    async def signing_keys(self) -> tuple[StoredKey, ...]:
        rows = self._rows
        async with self._database.reading() as session:
            found = (await session.exec(select(rows).order_by(col(rows.slot)))).all()
        return tuple(self._opened(StoredKey(**row.model_dump(exclude={"slot"}))) for row in found)

    async def add_signing_key(self, key: StoredKey) -> None:
        rows = self._rows
        async with self._database.transaction() as session:
            retiring = update(rows).where(col(rows.retired_at).is_(None))
            await session.exec(retiring.values(retired_at=key.begins_at))
            last = (await session.exec(select(func.max(rows.slot)))).one()
            session.add(rows(**self._values(key, (last or 0) + 1)))

    async def add_first_signing_key(self, key: StoredKey) -> None:
        async with self._database.transaction() as session:
            await insert_if_absent(session, self._rows, self._values(key, 1))

    def _values(self, key: StoredKey, slot: int) -> dict[str, Any]:
        """The columns; a revocation is kept apart."""
        values = {**asdict(self._sealed(key)), "slot": slot}
        del values["revoked_at"]
        return values

    def _sealed(self, key: StoredKey) -> StoredKey:
        """Open as it is where the hub has no key to seal with."""
        if not self._sealer.can_seal:
            return key
        return replace(key, private_jwk=self._sealer.seal(key.private_jwk, place_of_signing_key(key.key_id)))

    def _opened(self, key: StoredKey) -> StoredKey:
        if not is_sealed(key.private_jwk):
            return key
        return replace(key, private_jwk=self._sealer.unseal(key.private_jwk, place_of_signing_key(key.key_id)))

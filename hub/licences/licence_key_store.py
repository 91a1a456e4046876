"""The keys that sign licences as rows, with those that are revoked: one that somebody else may have got hold of.

Of several processes that replace a key by schedule one does; the others find that it was done.
Source: docs/licences.md, "Keys".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.keys import StoredKey
from hub.keys.sealing import Sealer
from hub.keys.signing_keys import SigningKeys
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.tables.licence import LicenceKeyRevocationRow, LicenceKeyRow


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a key is believed no more. ``since`` is from when somebody else may have had it: told, and no rule, as
    whoever has a key writes any date."""

    key_id: str
    at: datetime
    since: datetime
    reason: str
    by: str


class LicenceKeyStore(SigningKeys):
    """Fulfils :class:`auth.keys.KeyStore`."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        super().__init__(database, sealer, LicenceKeyRow)

    async def signing_keys(self) -> tuple[StoredKey, ...]:
        revoked = {each.key_id: each.at for each in await self.revocations()}
        keys = await super().signing_keys()
        return tuple(replace(each, revoked_at=revoked.get(each.key_id)) for each in keys)

    async def revocations(self) -> Sequence[Revocation]:
        async with self._database.reading() as session:
            rows = (await session.exec(select(LicenceKeyRevocationRow))).all()
        return [Revocation(row.key_id, row.at, row.since, row.reason, row.by) for row in rows]

    async def succeed(self, newest: str, key: StoredKey) -> bool:
        """Keep a new key and retire the others when it begins; not where ``newest`` is the newest no more."""
        async with self._database.transaction() as session:
            return await self._succeed(session, newest, key)

    async def revoke(self, revocation: Revocation, newest: str, replacement: StoredKey | None) -> bool:
        """Note the revocation, with the key that signs in its place; whether it is new. A key that waited to sign
        takes over from none."""
        values = {
            "key_id": revocation.key_id,
            "at": revocation.at,
            "since": revocation.since,
            "reason": revocation.reason,
            "by": revocation.by,
        }
        async with self._database.transaction() as session:
            if not await insert_if_absent(session, LicenceKeyRevocationRow, values):
                return False
            row = await session.get_one(LicenceKeyRow, revocation.key_id)
            if row.signs_from is not None and row.signs_from > revocation.at:
                retired = update(LicenceKeyRow).where(col(LicenceKeyRow.retired_at) == row.signs_from)
                await session.exec(retired.values(retired_at=None))
            if replacement is not None:
                await self._succeed(session, newest, replacement)
        return True

    async def _succeed(self, session: AsyncSession, newest: str, key: StoredKey) -> bool:
        last = (await session.exec(select(LicenceKeyRow).order_by(col(LicenceKeyRow.slot).desc()).limit(1))).one()
        if last.key_id != newest:
            return False
        # The slot is taken once: of two processes at the same moment one goes on.
        if not await insert_if_absent(session, LicenceKeyRow, self._values(key, last.slot + 1)):
            return False
        retiring = update(LicenceKeyRow).where(
            col(LicenceKeyRow.retired_at).is_(None), col(LicenceKeyRow.key_id) != key.key_id
        )
        await session.exec(retiring.values(retired_at=key.begins_at))
        return True

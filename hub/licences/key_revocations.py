"""What follows when a key that signs licences is revoked: holders are told, and stored receipts are signed anew.

Documents are signed when they are asked for, so a holder loses nothing: the next one is signed with the key in
force. What was printed or handed on before verifies no more, and whoever had it made is told. Each step may be
taken twice: a notice is put once, a receipt that was signed anew is not found again.
Source: docs/licences.md, "Keys".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlmodel import col, select

from auth.keys import KeyRing
from auth.signed_licences import beginning_of, sign, unverified_claims
from connectors.clock import Clock
from hub.notices.notices import citizen, put_notice
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.fee import FeeReceiptRow
from hub.tables.licence import LicenceKeyRevocationRow, LicenceSignatureRow
from schema.domain.fee_receipt import RECEIPT_TYPE
from schema.domain.licence_words import key_revoked_text
from schema.domain.notice import NoticeKind

BATCH = 100
LOOKED_AFTER_FOR = timedelta(minutes=10)
"""Another process may sign with the key until it hears of the revocation, within a minute."""


class KeyRevocations:
    def __init__(
        self, database: Database, keys: Callable[[], Awaitable[KeyRing]], clock: Clock, wakeups: Wakeups
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._wakeups = wakeups

    async def look(self) -> int:
        """The worker's round: how many holders were told and receipts signed."""
        statement = select(LicenceKeyRevocationRow).where(col(LicenceKeyRevocationRow.settled_at).is_(None))
        async with self._database.reading() as session:
            open_ones = (await session.exec(statement)).all()
        done = 0
        for revocation in open_ones:
            count = await self._tell(revocation) + await self._sign_receipts(revocation.key_id)
            done += count
            if not count and self._clock.now() - revocation.at >= LOOKED_AFTER_FOR:
                await self._settle(revocation.key_id)
        return done

    async def _tell(self, revocation: LicenceKeyRevocationRow) -> int:
        untold = (
            select(LicenceSignatureRow)
            .where(
                col(LicenceSignatureRow.key_id) == revocation.key_id, col(LicenceSignatureRow.told_at).is_(None)
            )
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        async with self._database.transaction() as session:
            rows = (await session.exec(untold)).all()
            for row in rows:
                key = f"licence-key/{row.key_id}/{row.issuer}/{row.number}"
                text = key_revoked_text(row.name, row.name_en, row.number)
                now = self._clock.now()
                put_notice(session, citizen(row.holder), NoticeKind.LICENCE, key, text, revocation.at, now=now)
                row.told_at = now
                session.add(row)
        if rows:
            self._wakeups.outbox.set()
        return len(rows)

    async def _sign_receipts(self, key_id: str) -> int:
        """The same claims, the key in force."""
        signed_with = col(FeeReceiptRow.signed).startswith(beginning_of(RECEIPT_TYPE, key_id), autoescape=True)
        statement = select(FeeReceiptRow).where(signed_with).limit(BATCH).with_for_update(skip_locked=True)
        key = (await self._keys()).current
        if str(key.kid) == key_id:
            # This process has not heard of the revocation yet.
            return 1
        async with self._database.transaction() as session:
            rows = (await session.exec(statement)).all()
            for row in rows:
                row.signed = sign(key, RECEIPT_TYPE, unverified_claims(row.signed or ""))
                session.add(row)
        return len(rows)

    async def _settle(self, key_id: str) -> None:
        async with self._database.transaction() as session:
            row = await session.get_one(LicenceKeyRevocationRow, key_id, with_for_update=True)
            row.settled_at = self._clock.now()
            session.add(row)

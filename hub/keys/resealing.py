"""At each start: signing keys that lie open are sealed, and what an earlier key sealed is sealed by the newest.

May run in several processes at once and again: each row changes only while it is as it was read.
"""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col, select

from hub.departments.connector_secrets import place_of_secret
from hub.keys.sealing import Sealer, Unsealable, is_sealed
from hub.keys.signing_keys import KeyRows, place_of_signing_key
from hub.notices.notice_addresses import place_of_address
from hub.storage.database import Database
from hub.tables.auth import SigningKeyRow
from hub.tables.connector_access import ConnectorSecretRow
from hub.tables.licence import LicenceKeyRow
from hub.tables.notice import NoticeAddressRow, WebPushKeyRow


async def reseal(database: Database, sealer: Sealer) -> None:
    """Raises :class:`Unsealable` for a signing key that does not open: without it nobody's token is valid. A
    connector's secret that does not open stays; its connector says so until it is set anew."""
    await _signing_keys(database, sealer, SigningKeyRow)
    await _signing_keys(database, sealer, LicenceKeyRow)
    await _signing_keys(database, sealer, WebPushKeyRow)
    if sealer.can_seal:
        await _connector_secrets(database, sealer)
        await _notice_addresses(database, sealer)


async def _signing_keys(database: Database, sealer: Sealer, rows: KeyRows) -> None:
    async with database.transaction() as session:
        for row in (await session.exec(select(rows))).all():
            place = place_of_signing_key(row.key_id)
            text = _opened(sealer, row.private_jwk, place)
            if sealer.can_seal and not sealer.is_current(row.private_jwk):
                this = (col(rows.slot) == row.slot, col(rows.private_jwk) == row.private_jwk)
                await session.exec(update(rows).where(*this).values(private_jwk=sealer.seal(text, place)))


def _opened(sealer: Sealer, sealed: str, place: str) -> str:
    try:
        return sealer.unseal(sealed, place) if is_sealed(sealed) else sealed
    except Unsealable as error:
        raise Unsealable(f"The hub's signing keys cannot be read: {error}") from None


async def _connector_secrets(database: Database, sealer: Sealer) -> None:
    async with database.transaction() as session:
        for row in (await session.exec(select(ConnectorSecretRow))).all():
            if sealer.is_current(row.sealed):
                continue
            place = place_of_secret(row.department, row.connector, row.name)
            try:
                row.sealed = sealer.seal(sealer.unseal(row.sealed, place), place)
            except Unsealable:
                continue
            session.add(row)


async def _notice_addresses(database: Database, sealer: Sealer) -> None:
    """One that does not open stays: what goes there fails, until its owner adds it anew."""
    async with database.transaction() as session:
        for row in (await session.exec(select(NoticeAddressRow))).all():
            if sealer.is_current(row.content):
                continue
            place = place_of_address(row.id)
            try:
                content = sealer.unseal(row.content, place) if is_sealed(row.content) else row.content
            except Unsealable:
                continue
            row.content = sealer.seal(content, place)
            session.add(row)

"""Secrets at rest: what the hub encrypts opens with its key, in its place, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from auth.keys import KeyRing, StoredKey
from hub.departments.connector_access import note_change
from hub.departments.connector_secrets import place_of_secret
from hub.keys.resealing import reseal
from hub.keys.sealing import NoSealingKey, Sealer, Unsealable, is_sealed
from hub.people.auth_store import HubAuthStore
from hub.settings import load_settings
from hub.start import CannotStart, prepare, sealer_of
from hub.storage.database import Database
from hub.tables.auth import SigningKeyRow
from hub.tables.connector_access import ConnectorSecretRow

OLD, NEW = "o" * 40, "n" * 40
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
async def sqlite_database(sqlite_tables: str) -> AsyncIterator[Database]:
    """What is sealed does not depend on the database."""
    database = Database(sqlite_tables)
    yield database
    await database.close()


async def _signing_rows(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.exec(select(SigningKeyRow.private_jwk))).all())


async def _keep_secret(database: Database, sealer: Sealer, value: str) -> None:
    place = place_of_secret("parks", "parks", "API_KEY")
    async with database.transaction() as session:
        row = ConnectorSecretRow(
            department="parks", connector="parks", name="API_KEY", sealed=sealer.seal(value, place),
            changed_at=NOW, changed_by="parks",
        )  # fmt: skip
        session.add(row)
        await note_change(session)


async def _secret(database: Database) -> str:
    async with database.reading() as session:
        return (await session.exec(select(ConnectorSecretRow.sealed))).one()


def test_what_is_sealed_opens_in_its_place_only() -> None:
    """Whoever can write rows cannot make one connector send another's secret."""
    sealer = Sealer([OLD])
    sealed = sealer.seal("canary", "here")
    assert "canary" not in sealed
    assert sealed != sealer.seal("canary", "here")
    assert sealer.unseal(sealed, "here") == "canary"
    with pytest.raises(Unsealable):
        sealer.unseal(sealed, "there")
    with pytest.raises(Unsealable):
        sealer.unseal(sealed[:-3] + "AAA", "here")
    with pytest.raises(Unsealable):
        Sealer([NEW]).unseal(sealed, "here")


def test_the_first_key_seals_and_all_open() -> None:
    """So that keys are exchanged while the hub runs."""
    old, both = Sealer([OLD]), Sealer([NEW, OLD])
    assert both.unseal(old.seal("a", "p"), "p") == "a"
    with pytest.raises(Unsealable):
        old.unseal(both.seal("a", "p"), "p")


def test_without_a_key_nothing_is_sealed_and_the_mend_is_named() -> None:
    """A secret is never kept in the open instead."""
    with pytest.raises(NoSealingKey, match="JIYI_SECRET_KEY"):
        Sealer().seal("a", "p")


async def test_signing_keys_that_lay_open_are_sealed_at_the_next_start(sqlite_database: Database) -> None:
    """Tokens that were issued before stay valid."""
    ring = await KeyRing.open(HubAuthStore(sqlite_database), lambda: NOW)
    assert '"d"' in (await _signing_rows(sqlite_database))[0]
    sealer = Sealer([OLD])
    await reseal(sqlite_database, sealer)
    await reseal(sqlite_database, sealer)
    assert all(is_sealed(row) for row in await _signing_rows(sqlite_database))
    again = await KeyRing.open(HubAuthStore(sqlite_database, sealer), lambda: NOW)
    assert again.current.kid == ring.current.kid
    await again.rotate()
    assert all(is_sealed(row) for row in await _signing_rows(sqlite_database))


async def test_keys_are_exchanged_one_after_the_other(sqlite_database: Database) -> None:
    """Both rows are sealed by the newest key, and the earlier one can be left out."""
    old = Sealer([OLD])
    await HubAuthStore(sqlite_database, old).add_first_signing_key(StoredKey("k", '{"kty": "EC"}', NOW))
    await _keep_secret(sqlite_database, old, "canary")
    await reseal(sqlite_database, Sealer([OLD, NEW]))
    assert old.unseal(await _secret(sqlite_database), place_of_secret("parks", "parks", "API_KEY")) == "canary"
    await reseal(sqlite_database, Sealer([NEW, OLD]))
    new = Sealer([NEW])
    assert new.unseal(await _secret(sqlite_database), place_of_secret("parks", "parks", "API_KEY")) == "canary"
    assert [key.key_id for key in await HubAuthStore(sqlite_database, new).signing_keys()] == ["k"]
    with pytest.raises(Unsealable):
        await reseal(sqlite_database, old)


async def test_a_secret_under_a_lost_key_does_not_keep_the_hub_from_starting(sqlite_database: Database) -> None:
    """Its connector says so until it is set anew; everybody else is served."""
    await _keep_secret(sqlite_database, Sealer([OLD]), "canary")
    before = await _secret(sqlite_database)
    await reseal(sqlite_database, Sealer([NEW]))
    assert await _secret(sqlite_database) == before


def test_a_start_without_the_key_of_the_signing_keys_says_which_setting(tmp_path: Path) -> None:
    """Instead of new keys, with which everybody's token would end."""
    settings = {"JIYI_STATE_DIRECTORY": str(tmp_path)}
    prepare(load_settings(environment={**settings, "JIYI_SECRET_KEY": OLD}).settings)
    database = Database(f"sqlite:///{tmp_path / 'hub.db'}")

    async def keep() -> None:
        await HubAuthStore(database, Sealer([OLD])).add_first_signing_key(StoredKey("k", '{"kty": "EC"}', NOW))
        await database.close()

    asyncio.run(keep())
    for environment in (settings, {**settings, "JIYI_SECRET_KEY": NEW}):
        with pytest.raises(CannotStart, match="JIYI_SECRET_KEY") as caught:
            prepare(load_settings(environment=environment).settings)
        assert caught.value.code == "SECRET_KEY_WRONG"
    prepare(load_settings(environment={**settings, "JIYI_SECRET_KEY": f"{NEW},{OLD}"}).settings)
    prepare(load_settings(environment={**settings, "JIYI_SECRET_KEY": NEW}).settings)


def test_keys_come_from_a_file_one_a_line(tmp_path: Path) -> None:
    """As secrets are mounted into containers."""
    file = tmp_path / "keys"
    file.write_text(f"# the newest first\n{NEW}\n\n{OLD}\n")
    sealer = sealer_of(load_settings(environment={"JIYI_SECRET_KEY_FILE": str(file)}).settings)
    assert sealer.unseal(Sealer([OLD]).seal("a", "p"), "p") == "a"
    assert sealer.is_current(Sealer([NEW]).seal("a", "p"))


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "short\n"], ids=["an empty file", "only a comment", "a short key"]
)
def test_a_key_file_that_cannot_be_used_is_told(tmp_path: Path, content: str) -> None:
    """Before anything is kept under a key that is none; what is in it is not quoted."""
    file = tmp_path / "keys"
    file.write_text(content)
    for environment in ({"JIYI_SECRET_KEY_FILE": str(file)}, {"JIYI_SECRET_KEY_FILE": str(tmp_path / "none")}):
        with pytest.raises(CannotStart) as caught:
            sealer_of(load_settings(environment=environment).settings)
        assert caught.value.code == "SECRET_KEY_UNUSABLE"
        assert "short" not in caught.value.message

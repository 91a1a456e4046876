"""What the tests of the hub's domain share: a database each, made from one that was made once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

import hub.tables  # noqa: F401  fills the metadata
from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure
from hub.catalogue import CatalogueStore
from hub.database import Database
from hub.registration import Registration
from hub.registration_checks import CheckRules, RegistrationChecks
from hub.registry import Registry
from hub.registry_rules import Approval, RegistryRules
from schema.errors import RuntimeCode
from tests.conftest import _fresh_postgresql, _require
from tests.hub.registrations import OWN
from tests.hub.world import MovableClock, World


async def _make(url: str) -> None:
    database = Database(url)
    await database.create_tables_for_tests()
    await CatalogueStore(database, MovableClock()).seed()
    await database.close()


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and the catalogue, to be copied."""
    path = tmp_path_factory.mktemp("made") / "made.db"
    asyncio.run(_make(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def made_postgresql() -> Iterator[str]:
    """A PostgreSQL database with all tables and the catalogue, to be emptied again and again."""
    _require("postgresql")
    for url in _fresh_postgresql():
        asyncio.run(_make(url))
        yield url


def _empty(url: str) -> str:
    """Every table but the catalogue."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = ", ".join(f'"{name}"' for (name,) in rows if name != "catalogue_entry")
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY".encode())
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def made_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables and the catalogue, and nothing else."""
    if request.param == "postgresql":
        return _empty(request.getfixturevalue("made_postgresql"))
    return f"sqlite:///{shutil.copy(request.getfixturevalue('made_sqlite'), tmp_path / 'jiyi.db')}"


@pytest.fixture
async def world(made_url: str) -> AsyncIterator[World]:
    """The hub's domain over a database of its own."""
    database = Database(made_url)
    yield World(database)
    await database.close()


@pytest.fixture
def open_registry(database: Database) -> Callable[..., Registry]:
    async def describe(_registration: Registration) -> str:
        raise ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "the department refuses connections")

    def make(*, approval: Approval = "automatic", private: bool = True) -> Registry:
        rules = RegistryRules(approval, private, 3000)
        checks = RegistrationChecks(OWN, CheckRules(allow_private_addresses=private))
        return Registry(database, OWN, SystemClock(), describe, rules, checks)

    return make

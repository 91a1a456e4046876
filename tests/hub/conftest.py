"""What the tests of the hub's domain share: a database each, made from one that was made once, with some staff."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure
from hub.catalogue.catalogue import CatalogueStore
from hub.fees.books import read_books
from hub.registry.registration import Registration
from hub.registry.registration_checks import CheckRules, RegistrationChecks
from hub.registry.registry import Registry
from hub.registry.registry_rules import Approval, RegistryRules
from hub.storage.database import Database
from hub.tables.auth import PersonRoleRow
from schema.errors import RuntimeCode
from tests.conftest import _require
from tests.databases import emptied, fresh_postgresql, keep, make_tables
from tests.hub.fee_item import forget, offer
from tests.hub.officers import STAFF
from tests.hub.registrations import OWN
from tests.hub.world import MovableClock, World

KEPT = ("catalogue_entry", "person_role", "working_calendar")


def _make(url: str) -> None:
    make_tables(url)

    async def seed() -> None:
        database = Database(url)
        await CatalogueStore(database, MovableClock()).seed()
        async with database.transaction() as session:
            session.add_all(PersonRoleRow(subject=who, role=role) for who, role in STAFF)
        await database.close()

    asyncio.run(seed())


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, the catalogue and the staff, to be copied."""
    path = tmp_path_factory.mktemp("made") / "made.db"
    _make(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def made_postgresql() -> Iterator[str]:
    """A PostgreSQL database with all tables, the catalogue and the staff, to be emptied again and again."""
    _require("postgresql")
    with fresh_postgresql() as url:
        _make(url)
        keep(url, KEPT)
        yield url


@pytest.fixture
def emptied_postgresql(made_postgresql: str) -> str:
    """A PostgreSQL database with all tables and the catalogue, and nothing else."""
    return emptied(made_postgresql, KEPT)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def made_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables and the catalogue, and nothing else."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("emptied_postgresql"))
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
        return Registry(database, SystemClock(), describe, rules, checks)

    return make


@pytest.fixture
async def offered_to_hold(world: World) -> AsyncIterator[None]:
    """An item with fees of every kind, and a provider that can hold; afterwards the books balance."""
    world.provider.can_hold = True
    await offer(world.database)
    yield
    async with world.database.reading() as session:
        assert (await read_books(session)).problems == ()
    await forget(world.database)

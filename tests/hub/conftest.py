"""What the tests of the hub's domain share: a database each, made from one that was made once, with some staff."""

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
from hub.catalogue.catalogue import CatalogueStore
from hub.registry.registration import Registration
from hub.registry.registration_checks import CheckRules, RegistrationChecks
from hub.registry.registry import Registry
from hub.registry.registry_rules import Approval, RegistryRules
from hub.storage.database import Database
from hub.tables.auth import PersonRoleRow
from schema.errors import RuntimeCode
from tests.conftest import _fresh_postgresql, _require
from tests.hub.officers import STAFF
from tests.hub.registrations import OWN
from tests.hub.world import MovableClock, World


async def _make(url: str) -> None:
    database = Database(url)
    await database.create_tables_for_tests()
    await CatalogueStore(database, MovableClock()).seed()
    async with database.transaction() as session:
        session.add_all(PersonRoleRow(subject=who, role=role) for who, role in STAFF)
    await database.close()


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, the catalogue and the staff, to be copied."""
    path = tmp_path_factory.mktemp("made") / "made.db"
    asyncio.run(_make(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def made_postgresql() -> Iterator[str]:
    """A PostgreSQL database with all tables and the catalogue, to be emptied again and again."""
    _require("postgresql")
    for url in _fresh_postgresql():
        asyncio.run(_make(url))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA made")
            for name in KEPT:
                connection.execute(f"CREATE TABLE made.{name} AS TABLE {name}".encode())
        yield url


KEPT = ("catalogue_entry", "person_role", "working_calendar")


EMPTY_ALL = f"""
DO $$
DECLARE
  one record;
  is_so boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN {KEPT} LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.tablename) INTO is_so;
    IF is_so THEN
      EXECUTE format('DELETE FROM %I', one.tablename);
    END IF;
  END LOOP;
  FOR one IN
    SELECT seqrelid::regclass AS name FROM pg_sequence JOIN pg_depend ON objid = seqrelid AND deptype IN ('a', 'i')
    WHERE refobjid::regclass::text NOT IN {KEPT} AND pg_sequence_last_value(seqrelid) IS NOT NULL
  LOOP
    EXECUTE format('ALTER SEQUENCE %s RESTART', one.name);
  END LOOP;
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'made' LOOP
    EXECUTE format(
      'SELECT (SELECT md5(string_agg(x::text, '','' ORDER BY x::text)) FROM %1$I x)'
      ' IS DISTINCT FROM (SELECT md5(string_agg(x::text, '','' ORDER BY x::text)) FROM made.%1$I x)', one.tablename
    ) INTO is_so;
    IF is_so THEN
      EXECUTE format('DELETE FROM %I', one.tablename);
      EXECUTE format('INSERT INTO %1$I SELECT * FROM made.%1$I', one.tablename);
    END IF;
  END LOOP;
END $$
"""
"""Much quicker than TRUNCATE where most tables are empty anyway."""


def _empty(url: str) -> str:
    """Every table but those that are kept, which are as they were made."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(EMPTY_ALL.encode())
    return url


@pytest.fixture
def emptied_postgresql(made_postgresql: str) -> str:
    """A PostgreSQL database with all tables and the catalogue, and nothing else."""
    return _empty(made_postgresql)


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

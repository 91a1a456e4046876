"""A migrated database is the database that the tables describe."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

import hub.tables  # noqa: F401  fills the metadata
from hub.migrations import configuration, migrate
from hub.storage.database import async_url


def differences(url: str) -> list[object]:
    parsed = make_url(async_url(url))
    engine = create_engine(parsed.set(drivername="sqlite") if parsed.get_backend_name() == "sqlite" else parsed)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    return list(found)


def test_an_empty_database_becomes_exactly_the_tables(database_url: str) -> None:
    """A column without its revision would fail at the first update of a real hub."""
    migrate(database_url)

    assert differences(database_url) == []


def test_migrating_again_and_at_once_is_harmless(database_url: str) -> None:
    """Several processes of a hub start together."""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [database_url] * 3))
    migrate(database_url)

    assert differences(database_url) == []


def test_partial_indexes_and_counters_are_there_on_sqlite(sqlite_url: str) -> None:
    """The comparison above does not look at them."""
    migrate(sqlite_url)
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        indexes = {index["name"]: index for index in inspect(connection).get_indexes("outbox")}
        sql = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name = 'broker_message'"
        ).scalar_one()
    engine.dispose()

    assert str(indexes["ix_outbox_open"]["dialect_options"]["sqlite_where"]) == "done_at IS NULL"
    assert "AUTOINCREMENT" in sql


def test_who_was_known_by_a_number_is_found_by_it_still(database_url: str) -> None:
    """Their number becomes their first document."""
    parsed = make_url(async_url(database_url))
    engine = create_engine(parsed.set(drivername="sqlite") if parsed.get_backend_name() == "sqlite" else parsed)
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "holds_of_fees")
        person = "INSERT INTO person (id, id_number, seen_at) VALUES ('anna', '110102199003070024', '2026-11-23')"
        connection.execute(text(person))
    migrate(database_url)
    with engine.begin() as connection:
        found = connection.execute(text("SELECT key, person_id, valid_until FROM identity_document")).all()
    engine.dispose()

    assert [tuple(row) for row in found] == [("110102199003070024", "anna", None)]

"""Databases that were made once, to be used again by each test: copied files, emptied tables.

A hundred tables take a second to make on PostgreSQL and a third of one on SQLite; to copy or empty them takes
milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

import hub.tables  # noqa: F401  fills the metadata
from hub.storage.database import Database

POSTGRESQL = os.environ.get("JIYI_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")

_EMPTY_ALL = """
DO $$
DECLARE
  one record;
  is_so boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN
    SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ('{kept}'::text[])
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.tablename) INTO is_so;
    IF is_so THEN
      EXECUTE format('DELETE FROM %I', one.tablename);
    END IF;
  END LOOP;
  FOR one IN
    SELECT seqrelid::regclass AS name FROM pg_sequence JOIN pg_depend ON objid = seqrelid AND deptype IN ('a', 'i')
    WHERE refobjid::regclass::text <> ALL ('{kept}'::text[]) AND pg_sequence_last_value(seqrelid) IS NOT NULL
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


@contextmanager
def fresh_postgresql() -> Iterator[str]:
    """An empty PostgreSQL database of its own, until the block ends."""
    name = f"jiyi_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield POSTGRESQL.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def make_tables(url: str) -> None:
    """All tables, without a row."""

    async def make() -> None:
        database = Database(url)
        await database.create_tables_for_tests()
        await database.close()

    with ThreadPoolExecutor(1) as elsewhere:  # a fixture may be made while a loop runs here
        elsewhere.submit(asyncio.run, make()).result()


@cache
def _tables() -> tuple[TemporaryDirectory[str], Path]:
    folder = TemporaryDirectory(prefix="jiyi-tables-")
    made = Path(folder.name) / "tables.db"
    make_tables(f"sqlite:///{made}")
    return folder, made


def sqlite_tables(path: Path) -> str:
    """A SQLite database at this path with all tables, which are empty: the address of a copy."""
    return f"sqlite:///{shutil.copy(_tables()[1], path)}"


def keep(url: str, tables: Sequence[str]) -> None:
    """Remember what these tables hold now: :func:`emptied` puts it back instead of emptying them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA made")
        for name in tables:
            connection.execute(f"CREATE TABLE made.{name} AS TABLE {name}".encode())


def emptied(url: str, kept: Sequence[str] = ()) -> str:
    """Every table of the PostgreSQL database but those, which are as they were kept."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_EMPTY_ALL.replace("{kept}", "{" + ",".join(kept) + "}").encode())
    return url

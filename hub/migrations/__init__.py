"""Bring a database to the tables of this version: ``migrate`` runs at every start and is harmless again.

One process migrates at a time (SQLite: the write lock, PostgreSQL: an advisory lock); the others wait and
find nothing to do. A new revision is written by ``python -m hub.migrations "What changes"``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from hub.storage.database import async_url

PLACE = Path(__file__).parent
_LOCK = 0x6A697969
"""The key of PostgreSQL's advisory lock: "jiyi"."""


def migrate(url: str) -> None:
    """Run all missing revisions in one transaction. Raises SQLAlchemy's errors when it cannot."""
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            command.upgrade(configuration(connection), "head")
    finally:
        engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's settings, without a file; the environment uses this very connection."""
    config = Config()
    config.set_main_option("script_location", str(PLACE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _engine(url: str) -> Engine:
    parsed = make_url(async_url(url))
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed)
    engine = create_engine(parsed.set(drivername="sqlite"))
    event.listen(engine, "connect", _let_us_begin)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _let_us_begin(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=30000")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")

"""A database of each kind for one test, with tables of the test's making."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy.engine import make_url

_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "sqlite": "sqlite"}
_SERVERS = {
    "postgresql": "postgresql://postgres@127.0.0.1:5432/test",
    "mysql": "mysql://root@127.0.0.1:3306/test",
}


@contextmanager
def database(kind: str, folder: Path, statements: tuple[str, ...]) -> Iterator[str]:
    """The address of a database of its own in which these were carried out."""
    name = f"jiyi_draft_{os.getpid()}"
    if kind == "sqlite":
        url = make_url(f"sqlite:///{folder / 'register.db'}")
    else:
        _administer(kind, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        url = make_url(_SERVERS[kind]).set(database=name)
    engine = sqlalchemy.create_engine(url.set(drivername=_DRIVERS[kind]))
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()
        yield url.render_as_string(hide_password=False)
    finally:
        engine.dispose()
        if kind != "sqlite":
            force = " WITH (FORCE)" if kind == "postgresql" else ""
            _administer(kind, f"DROP DATABASE {name}{force}")


def _administer(kind: str, *statements: str) -> None:
    engine = sqlalchemy.create_engine(make_url(_SERVERS[kind]).set(drivername=_DRIVERS[kind]))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()

"""Fixtures that every part shares: databases and brokers, embedded and real.

What needs a service that is missing is skipped with a clear word on a developer's machine and fails in
CI, where ``CI=true``.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import SystemRandom

import pytest

from hub.cli import ports
from hub.storage.database import Database
from tests.databases import emptied, fresh_postgresql, make_tables, sqlite_tables
from tests.rabbitmq_node import RabbitMQNode, require_rabbitmq_server

RABBITMQ = os.environ.get("JIYI_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672/")
FAULT_SEED = "JIYI_FAULT_SEED"
SERVICES = {"postgresql": ("127.0.0.1", 5432), "rabbitmq": ("127.0.0.1", 5672)}
OPTIONAL_SERVICES = {"mariadb": ("127.0.0.1", 3306)}
"""What a department may have and the project itself does not use: nobody has to have it."""


def pytest_configure() -> None:
    """One seed for all test processes, made where none was given."""
    os.environ.setdefault(FAULT_SEED, str(SystemRandom().randrange(10**6)))


WHOLE = {"acceptance", "chaos", "clients", "faults", "gateways", "portal"}
"""Folders of tests that start the product as its users do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of such a folder, or with such a tool, belongs to the whole."""
    here = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(here).parts[0] if item.path.is_relative_to(here) else ""
        if folder in WHOLE or any(item.get_closest_marker(tool) for tool in ("browser", "node")):
            item.add_marker(pytest.mark.whole)


def pytest_report_header() -> str:
    return f"{FAULT_SEED}={os.environ[FAULT_SEED]} (who is killed when; give it again to try the same)"


def _is_listening(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _require(service: str) -> None:
    host, port = SERVICES[service]
    if _is_listening(host, port):
        return
    message = f"{service} does not listen on {host}:{port}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{message}; CI requires it")
    pytest.skip(f"{message}; the embedded parts are tested alone")


def _require_chromium() -> None:
    if shutil.which("chromium") is not None:
        return
    message = "chromium is not on PATH"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{message}; CI requires it")
    pytest.skip(f"{message}; the pages are not tried in a browser")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Check what a test's markers name, before any fixture of any scope begins."""
    for service in SERVICES:
        if item.get_closest_marker(service):
            _require(service)
    for service, (host, port) in OPTIONAL_SERVICES.items():
        if item.get_closest_marker(service) and not _is_listening(host, port):
            pytest.skip(f"{service} does not listen on {host}:{port}; it is needed for nothing else")
    if item.get_closest_marker("browser"):
        _require_chromium()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of its own, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'jiyi.db'}"
        return
    _require("postgresql")
    with fresh_postgresql() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'jiyi.db'}"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty PostgreSQL database of its own."""
    _require("postgresql")
    with fresh_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def tables_in_postgresql() -> Iterator[str]:
    """A PostgreSQL database with all tables, to be emptied again and again."""
    _require("postgresql")
    with fresh_postgresql() as url:
        make_tables(url)
        yield url


@pytest.fixture(name="sqlite_tables")
def sqlite_tables_of_its_own(tmp_path: Path) -> str:
    """A SQLite database with all tables, which are empty."""
    return sqlite_tables(tmp_path / "tables.db")


@pytest.fixture
def postgresql_tables(tables_in_postgresql: str) -> str:
    """A PostgreSQL database with all tables, which are empty."""
    return emptied(tables_in_postgresql)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """An open database with all tables of ``hub.tables``, on SQLite and on PostgreSQL."""
    opened = Database(request.getfixturevalue(f"{request.param}_tables"))
    yield opened
    await opened.close()


@pytest.fixture
def amqp_url() -> str:
    """The RabbitMQ of this machine. Isolate by namespace, not by virtual host."""
    _require("rabbitmq")
    return RABBITMQ


@pytest.fixture(scope="session")
def rabbitmq_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQNode]:
    """A RabbitMQ of the tests' own with the management API; nobody stops it before the end."""
    require_rabbitmq_server()
    node = RabbitMQNode(tmp_path_factory.mktemp("rabbitmq"))
    node.start()
    yield node
    node.kill()


@pytest.fixture
def free_port() -> int:
    return ports.free_port()

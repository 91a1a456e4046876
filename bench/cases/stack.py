"""The processes of ``bench.cases``: hub, worker, agent, department, and a database and a broker of their own."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import psycopg

from auth.keys import KeyRing
from auth.tokens import TokenIssuer
from connectors.clock import SystemClock
from hub.cli.ports import free_port
from hub.demo.client import HubClient
from hub.demo.connectors import connector_sdl, enrol, publish_connector
from hub.demo.processes import ManagedProcess
from hub.keys.sealing import Sealer
from hub.people.auth_store import HubAuthStore
from hub.storage.database import Database
from hub.tables.auth import PersonRow
from tests.rabbitmq_node import SERVER, RabbitMQNode

DEPARTMENT = "civil-affairs"
LIFETIME = timedelta(hours=6)
CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who files cases."""

    id: str
    token: str


@dataclass(frozen=True, slots=True)
class CaseStack:
    """What runs. ``processes`` are ours by name; the broker is among them where it is ours too."""

    hub_url: str
    database_url: str
    effects_url: str
    processes: dict[str, int]
    counts: dict[str, Path]
    """Where those that use the database count what they do to it (:mod:`bench.cases.counted`)."""
    people: tuple[Person, ...]
    many: Person
    """Who has ten thousand cases, once they are made."""


@asynccontextmanager
async def opened(
    postgresql: str, amqp: str | None, people: int, explained_ms: int | None = None
) -> AsyncIterator[CaseStack]:
    """Everything running; ``amqp`` is a broker to use instead of one of our own. Statements that take longer than
    ``explained_ms`` stand with their plans in the log of PostgreSQL."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jiyi-bench-")))
        database_url = stack.enter_context(_database(postgresql, explained_ms))
        processes: dict[str, int] = {}
        if amqp is None and Path(SERVER).exists():
            node = RabbitMQNode(folder / "rabbitmq")
            node.start()
            stack.callback(node.kill)
            amqp = node.url
            processes["rabbitmq"] = node.pid
        amqp = amqp or "amqp://guest:guest@127.0.0.1:5672/"
        ports = {name: free_port() for name in ("hub", "department", "events")}
        secret = token_hex(16)
        environment = {
            "JIYI_DATABASE_URL": database_url,
            "JIYI_STATE_DIRECTORY": str(folder / "hub"),
            "JIYI_BROKER_URL": amqp,
            "JIYI_BROKER_NAMESPACE": f"bench-{uuid.uuid4().hex[:8]}-",
            "JIYI_OPERATOR_CLIENT_SECRET": secret,
            "JIYI_SECRET_KEY": token_hex(32),
            "JIYI_ALLOW_PRIVATE_ADDRESSES": "true",
            "JIYI_LOG_LEVEL": "warning",
        }

        async def start(name: str, *arguments: str) -> None:
            process = ManagedProcess(name, arguments, folder / f"{name}.log", environment)
            stack.push_async_callback(process.stop)
            await process.start()
            processes[name] = process.pid

        counts = {name: folder / f"{name}.counts" for name in ("hub", "worker")}
        counted = {name: ("-m", "bench.cases.counted", str(file)) for name, file in counts.items()}
        await start("hub", *counted["hub"], "run", "--port", str(ports["hub"]), "--no-worker")
        await start("worker", *counted["worker"], "worker")
        department = ("-m", "bench.cases.department", "--port", str(ports["department"]))
        await start("department", *department, "--agent", str(ports["events"]))
        hub_url = f"http://127.0.0.1:{ports['hub']}"
        async with HubClient(hub_url) as client:
            await client.wait_until_alive()
            enrolment = await enrol(client, await client.operator_token(secret), DEPARTMENT)
            config = _agent(folder, amqp, environment["JIYI_BROKER_NAMESPACE"], ports)
            await start("agent", "-m", "hub.cli", "agent", "--config", str(config))
            await publish_connector(client, enrolment, "")
            await client.wait_until_ready()
        known = await _people(database_url, environment["JIYI_SECRET_KEY"], hub_url, people + 1)
        effects = f"http://127.0.0.1:{ports['department']}/effects"
        yield CaseStack(hub_url, database_url, effects, processes, counts, known[1:], known[0])


@contextmanager
def _database(server: str, explained_ms: int | None) -> Iterator[str]:
    name = f"jiyi_bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        for setting, value in _explaining(explained_ms):
            connection.execute(f'ALTER DATABASE "{name}" SET {setting} = {value}'.encode())
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _explaining(milliseconds: int | None) -> tuple[tuple[str, str], ...]:
    if milliseconds is None:
        return ()
    return (
        ("session_preload_libraries", "'auto_explain'"),
        ("auto_explain.log_min_duration", str(milliseconds)),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_timing", "off"),
        ("log_lock_waits", "on"),
        ("deadlock_timeout", "'200ms'"),
    )


def _agent(folder: Path, amqp: str, namespace: str, ports: dict[str, int]) -> Path:
    (folder / "connector.graphql").write_text(connector_sdl(DEPARTMENT), encoding="utf-8")
    config = folder / "agent.toml"
    lines = [
        f'department = "{DEPARTMENT}"',
        "[broker]",
        f'url = "{amqp}"',
        f'namespace = "{namespace}"',
        "[connector]",
        'kind = "rest"',
        f'url = "http://127.0.0.1:{ports["department"]}"',
        'sdl = "connector.graphql"',
        'idempotency = "header"',
        "[events]",
        f"port = {ports['events']}",
    ]
    config.write_text("\n".join(lines), encoding="utf-8")
    return config


async def _people(database_url: str, secret_key: str, hub_url: str, count: int) -> tuple[Person, ...]:
    """Known to the hub as if they had signed in, each with a token that outlives the benchmark."""
    database, clock = Database(database_url), SystemClock()
    try:
        keys = await KeyRing.open(HubAuthStore(database, Sealer([secret_key])), clock.now)
        tokens = TokenIssuer(hub_url, keys, clock.now, LIFETIME)
        people = [(uuid.uuid4().hex, _id_number(serial)) for serial in range(count)]
        async with database.transaction() as session:
            for id_, number in people:
                session.add(PersonRow(id=id_, id_number=number, name="张三", seen_at=clock.now()))
    finally:
        await database.close()
    return tuple(Person(id_, tokens.issue(id_, "portal", {"citizen"}, {"citizen"})) for id_, _ in people)


def _id_number(serial: int) -> str:
    """A number with a right check digit. Source: GB 11643."""
    first = f"11010219{50 + serial // 1000 % 50:02d}0101{serial % 1000:03d}"
    return first + CHECKS[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(first)) % 11]

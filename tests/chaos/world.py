"""What chaos falls on: a RabbitMQ and a database of its own, two hubs, two workers, six queue departments, and
three that the workers reach themselves.

Every part is a process that may be killed at any time and is started again with the same arguments. Each process
names itself to the database (``application_name``), so that one can tell whose connection does what.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import psycopg

from hub.cli.ports import free_port
from hub.demo.client import HubClient
from hub.demo.connectors import PUBLISH, Enrolment, connector_sdl, publish_connector
from hub.demo.places import CASHIER, HUB, JOINT_OFFICES, MESSENGERS, find_places
from hub.demo.processes import ManagedProcess, ProcessFailed
from hub.demo.stack import FIVE
from tests.chaos.appointments import days, open_times
from tests.rabbitmq_node import RabbitMQNode

HUBS = ("hub-1", "hub-2")
WORKERS = ("worker-1", "worker-2")
FIRE = "fire-rescue"
QUEUED = (*FIVE, FIRE)
"""Departments with an agent, which takes their commands and requests from the queue."""
DIRECT = ("taxation", "health", "natural-resources")
"""Departments that hubs and workers reach over HTTP, and that tell their events at the hub's own door."""
AGENTS = tuple(f"{name}-agent" for name in QUEUED)
SYSTEMS = {"public-security": "graphql"}
"""How a department's own system is reached by its agent: ``rest`` where nothing else is said."""
DOUBLE_EVENTS = ("civil-affairs", "market-regulation", JOINT_OFFICES)
"""Departments that take cases, or parts of them, and tell what becomes of them. Each event comes twice, always."""
ROOT = Path(__file__).resolve().parents[2]
ENROL = (
    "mutation Enrol($department: String!) { enrolDepartment(department: $department) "
    "{ clientId clientSecret brokerUser brokerPassword } }"
)
DECISION_DELAY_SECONDS = 0.5


class World:
    """Open it with ``open``; ``closing`` ends it. ``plant`` is a planted bug in hubs and workers."""

    def __init__(self, folder: Path, database_url: str, closing: AsyncExitStack, plant: str | None = None) -> None:
        self.folder = folder
        self.database_url = database_url
        self.node = RabbitMQNode(folder / "rabbitmq")
        self.places = find_places(folder / "state", "127.0.0.1", "http", free_port())
        self.processes: dict[str, ManagedProcess] = {}
        self.days: list[str] = []
        """On which times can be booked; said once, since midnight may pass meanwhile."""
        self.slots: tuple[str, ...] = ()
        self.ports = {name: free_port() for name in (*HUBS, *AGENTS)}
        self._program = ("-m", "tests.chaos.planted", plant) if plant else ("-m", "hub.cli")
        self._closing = closing

    def url(self, name: str) -> str:
        """Of a process, or of a department that shares one."""
        if name in (FIRE, *DIRECT):
            return f"{self.places.url(JOINT_OFFICES)}/{name}"
        return f"http://127.0.0.1:{self.ports[name]}" if name in self.ports else self.places.url(name)

    async def open(self) -> None:
        """Everything runs and is registered."""
        self._closing.push_async_callback(self._stop)
        await asyncio.gather(asyncio.to_thread(self.node.start), self._start_departments())
        await start_again_and_again(self._hub("hub-1"))
        async with HubClient(self.url("hub-1")) as client, asyncio.TaskGroup() as group:
            for process in (self._hub("hub-2"), *map(self._worker, WORKERS)):
                group.create_task(start_again_and_again(process))
            await self._register(client)
            await client.wait_until_ready(60)
            self.days = days()
            self.slots = await open_times(client, await self.operator_token(client), self.days)

    async def operator_token(self, client: HubClient) -> str:
        return await client.operator_token(self.places.operator_secret)

    async def _start_departments(self) -> None:
        for name in (*FIVE, CASHIER, MESSENGERS, JOINT_OFFICES):
            await self._department(name).start()

    async def _register(self, client: HubClient) -> None:
        operator = await self.operator_token(client)
        for name in QUEUED:
            account = (await client.data(ENROL, {"department": name}, operator))["enrolDepartment"]
            sdl = await self._sdl(client, name)
            agent = self._agent(name, sdl, account)
            await agent.start()
            token = await client.client_token(account["clientId"], account["clientSecret"])
            given = {"name": name, "department": name, "kind": "queue", "sdl": sdl}
            published = (await client.data(PUBLISH, {"input": given}, token))["publishConnector"]
            if not published["ok"]:
                raise RuntimeError(f"{name} was refused: {published['errors']}")
        for name in DIRECT:
            account = (await client.data(ENROL, {"department": name}, operator))["enrolDepartment"]
            enrolment = Enrolment(name, account["clientId"], account["clientSecret"])
            await publish_connector(client, enrolment, self.url(name))
            await client.json(f"{self.url(name)}/__events", "POST", self._hub_door(enrolment))
        for name in ("market-regulation", FIRE):
            door = {"url": f"{self.url(f'{name}-agent')}/events"}
            await client.json(f"{self.url(name)}/__events", "POST", door)

    def _hub_door(self, enrolment: Enrolment) -> dict[str, str]:
        door = {"url": f"{self.url('hub-1')}/events", "tokenUrl": f"{self.url('hub-1')}/oauth/token"}
        return door | {"clientId": enrolment.client_id, "clientSecret": enrolment.client_secret}

    async def _sdl(self, client: HubClient, name: str) -> str:
        if SYSTEMS.get(name) != "graphql":
            return connector_sdl(name)
        asked = {"query": "{ _service { sdl } }"}
        return str((await client.json(f"{self.url(name)}/graphql", "POST", asked))["data"]["_service"]["sdl"])

    def _hub(self, name: str) -> ManagedProcess:
        arguments = (*self._program, "run", *self._settings(), "--port", str(self.ports[name]), "--no-worker")
        return self._keep(name, arguments, self._hub_environment(name))

    def _worker(self, name: str) -> ManagedProcess:
        return self._keep(name, (*self._program, "worker", *self._settings()), self._hub_environment(name))

    def _settings(self) -> tuple[str, str]:
        file = self.folder / "hub.toml"
        file.write_text("# Of this run alone.\n", encoding="utf-8")
        return "--settings", str(file)

    def _hub_environment(self, name: str) -> dict[str, str]:
        places = self.places
        return {
            "JIYI_DATABASE_URL": f"{self.database_url}?application_name={name}",
            "JIYI_STATE_DIRECTORY": str(places.directory / HUB),
            "JIYI_BROKER_URL": self.node.url,
            "JIYI_BROKER_MANAGEMENT_URL": self.node.management_url,
            "JIYI_OPERATOR_CLIENT_SECRET": places.operator_secret,
            "JIYI_PAYMENT_SECRET": places.payment_secret,
            "JIYI_SECRET_KEY_FILE": str(places.secret_key_file.resolve()),
            "JIYI_PAYMENT_PROVIDER_URL": places.url(CASHIER),
            "JIYI_PAYMENT_PROVIDER_HOLDS": "true",
            "JIYI_SMS_GATEWAY_URL": f"{places.url(MESSENGERS)}/sms-1",
            "JIYI_SMS_SECOND_GATEWAY_URL": f"{places.url(MESSENGERS)}/sms-2",
            "JIYI_NOTICE_RECEIPT_SECRET": places.payment_secret,
            "JIYI_ALLOW_PRIVATE_ADDRESSES": "true",
            # Both hubs are one to the world; the cashier's calls go to the first, and come again while it is away.
            "JIYI_PUBLIC_URL": self.url("hub-1"),
        }

    def _agent(self, name: str, sdl: str, account: dict[str, str]) -> ManagedProcess:
        folder = self.folder / f"{name}-agent"
        folder.mkdir()
        (folder / "connector.graphql").write_text(sdl, encoding="utf-8")
        kind = SYSTEMS.get(name, "rest")
        system = f"{self.url(name)}/graphql" if kind == "graphql" else self.url(name)
        config = folder / "agent.toml"
        config.write_text(
            f'department = "{name}"\nstate_directory = "{folder}"\n'
            f'[broker]\nurl = "{self.node.url_of(account["brokerUser"], account["brokerPassword"])}"\n'
            f'[connector]\nkind = "{kind}"\nurl = "{system}"\nsdl = "connector.graphql"\nidempotency = "header"\n'
            f'[events]\nhost = "127.0.0.1"\nport = {self.ports[f"{name}-agent"]}\n',
            encoding="utf-8",
        )
        return self._keep(f"{name}-agent", ("-m", "hub.cli", "agent", "--config", str(config)), {})

    def _department(self, name: str) -> ManagedProcess:
        places = self.places
        arguments = ["-m", f"mocks.{name.replace('-', '_')}", "--port", str(places.ports[name])]
        arguments += ["--state", str(places.directory / name)]
        if name in DOUBLE_EVENTS:
            arguments += ["--fault", json.dumps({"duplicateEvents": True})]
        if name == "civil-affairs":
            arguments += ["--decision-delay", str(DECISION_DELAY_SECONDS)]
            arguments += ["--events-url", f"{self.url(f'{name}-agent')}/events"]
        secrets = {CASHIER: "CASHIER_SECRET", MESSENGERS: "MESSENGER_SECRET"}
        secret = {secrets[name]: places.payment_secret} if name in secrets else {}
        return self._keep(name, tuple(arguments), secret)

    def _keep(self, name: str, arguments: tuple[str, ...], environment: dict[str, str]) -> ManagedProcess:
        log = self.folder / "logs" / f"{name}.log"
        process = ManagedProcess(name, arguments, log, {"PYTHONPATH": str(ROOT), **environment})
        self.processes[name] = process
        return process

    async def _stop(self) -> None:
        await asyncio.gather(*(process.kill() for process in self.processes.values()))
        await asyncio.to_thread(self.node.kill)

    async def restart_broker(self, *, in_order: bool) -> None:
        """As an administrator does it, or as by a power cut."""
        await asyncio.to_thread(self.node.stop if in_order else self.node.kill)
        await asyncio.to_thread(self.node.start)

    async def cut_database(self, application: str | None) -> int:
        """End connections to the database, of one process or of all; how many."""
        statement = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND (%(name)s::text IS NULL OR application_name = %(name)s)"
        )
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as connection:
            found = await (await connection.execute(statement, {"name": application})).fetchone()
        return int(found[0]) if found else 0

    async def residents(self, number: int) -> list[dict[str, str]]:
        """People whom every department knows first, then others of the person register."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url('public-security')}/__residents?all=true") as answer,
        ):
            found: list[dict[str, str]] = await answer.json()
        return found[:number]


async def start_again_and_again(process: ManagedProcess, tries: int = 20) -> None:
    """As a service manager does: what a process needs to start may be away itself."""
    for _ in range(tries - 1):
        try:
            await process.start()
        except ProcessFailed:
            await asyncio.sleep(1)
        else:
            return
    await process.start()

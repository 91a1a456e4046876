"""Two departments behind queues, as processes, over wires and a RabbitMQ that may all break.

``registers`` knows a repeated command by its key, ``archive`` does not. Each has a system that keeps books of
what was really done to it, and two agents, which are real processes. The hub's side is what the hub has: queue
connectors, outbox, relay and inbox over a database.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any, cast

from aiohttp import web
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from connectors.broker import Message
from connectors.clock import SystemClock
from connectors.connector import FetchRequest
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.queue_messages import COMMAND, request_data
from connectors.rabbitmq import RabbitMQBroker
from connectors.topology import command_address, inbox_queues
from hub.catalogue.catalogue import CatalogueStore
from hub.demo.processes import ManagedProcess
from hub.messages import outbox
from hub.messages.department_events import DepartmentEvents
from hub.messages.inbox import Inbox
from hub.messages.relay import Relay
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups
from hub.tables.outbox import OutboxRow
from tests.contracts.broker.wire import Wire
from tests.rabbitmq_node import RabbitMQNode, with_port

CLOCK = SystemClock()
DEPARTMENTS = {"registers": "header", "archive": "none"}
MUTATION = "mutation file($input: Int!) { file(input: $input) { accepted reference } }"
QUERY = "query ($number: Int!) { paper(number: $number) { number title } }"
SDL = """
extend schema
  @link(url: "https://specs.apollo.dev/connect/v0.4", import: ["@connect", "@source"])
  @source(name: "api", http: { baseURL: "BASE" })
type Query { paper(number: Int!): Paper
  @connect(source: "api", http: { GET: "/papers/{$args.number}" }, selection: "number title") }
type Paper { number: Int title: String }
type Mutation { file(input: Int!): Receipt
  @connect(source: "api", http: { POST: "/papers/{$args.input}" }, selection: "accepted reference") }
type Receipt { accepted: Boolean reference: String }
"""
AGENT = """
department = "{department}"
state_directory = "state"
[broker]
url = "{url}"
[connector]
kind = "rest"
url = "{system}"
sdl = "department.graphql"
idempotency = "{idempotency}"
"""
SCRIPT = "import sys; from pathlib import Path; from connectors.agent_command import main; main(Path(sys.argv[1]))"


class System:
    """A department's own programs: books of what was done, and now and then an answer that does not arrive."""

    def __init__(self, random: Random, *, knows_keys: bool) -> None:
        self.executed: Counter[int] = Counter()
        self.effects: dict[int, set[str]] = defaultdict(set)
        self._random = random
        self._knows_keys = knows_keys
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/papers/{number}", self._read)
        app.router.add_post("/papers/{number}", self._file)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        server = cast("asyncio.Server", site._server)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _read(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._random.uniform(0, 0.05))
        number = int(request.match_info["number"])
        return web.json_response({"number": number, "title": f"paper {number}"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """The effect comes first; then the answer may be late, or the connection break instead."""
        number, key = int(request.match_info["number"]), request.headers["Idempotency-Key"]
        self.executed[number] += 1
        self.effects[number].add(key if self._knows_keys else f"{key}/{self.executed[number]}")
        await asyncio.sleep(self._random.uniform(0, 0.1))
        if self._random.random() < 0.03 and request.transport is not None:
            request.transport.close()
        return web.json_response({"accepted": True, "reference": key})


class World:
    """Open it with ``open``; ``closing`` ends it."""

    def __init__(self, folder: Path, seed: int, closing: AsyncExitStack) -> None:
        self.random = Random(seed)
        self.node = RabbitMQNode(folder / "rabbitmq")
        self.systems = {name: System(self.random, knows_keys=how == "header") for name, how in DEPARTMENTS.items()}
        self.agents: dict[str, ManagedProcess] = {}
        self._folder = folder
        self._closing = closing

    async def open(self) -> None:
        await asyncio.to_thread(self.node.start)
        self._closing.push_async_callback(asyncio.to_thread, self.node.kill)
        self.hub_wire, self.agent_wire = Wire("127.0.0.1", self.node.port), Wire("127.0.0.1", self.node.port)
        self.being_cut = {wire: asyncio.Lock() for wire in (self.hub_wire, self.agent_wire)}
        for wire in self.being_cut:
            await wire.start()
            self._closing.push_async_callback(wire.close)
        await self._open_hub()
        for department, system in self.systems.items():
            await system.start()
            self._closing.push_async_callback(system.stop)
            await self.broker.declare_department(department)
        await asyncio.gather(
            *(
                self._start_agent(name, number, system)
                for name, system in self.systems.items()
                for number in (1, 2)
            )
        )

    async def _open_hub(self) -> None:
        self.database = Database(f"sqlite:///{self._folder / 'hub.db'}")
        self._closing.push_async_callback(self.database.close)
        await self.database.create_tables_for_tests()
        catalogue = CatalogueStore(self.database, CLOCK)
        await catalogue.seed()
        self.broker = RabbitMQBroker(with_port(self.node.url, self.hub_wire.port), CLOCK)
        await self.broker.connect()
        self._closing.push_async_callback(self.broker.close)
        self.replies = Replies(self.broker, "one")
        await self.replies.open()
        self._closing.push_async_callback(self.replies.close)
        self.connectors = {
            name: MessageQueueConnector(name, self.broker, self.replies, sdl="", clock=CLOCK)
            for name in DEPARTMENTS
        }
        wakeups = Wakeups()
        events = DepartmentEvents(catalogue, cast("Any", None), CLOCK)
        inbox = Inbox(self.database, CLOCK, wakeups, events.effects)
        for queue in inbox_queues():
            await self.broker.consume(queue, inbox.handler, prefetch=4)
        relaying = asyncio.create_task(self._relay(Relay(self.database, self.broker, CLOCK, wakeups)))

        async def end() -> None:
            relaying.cancel()
            await asyncio.wait([relaying])

        self._closing.push_async_callback(end)

    @staticmethod
    async def _relay(relay: Relay) -> None:
        """As the hub's worker does: it outlives a database that is locked for once."""
        while True:
            try:
                is_busy = await relay.step()
            except OperationalError as error:
                logging.getLogger(__name__).warning("The relay rests: %s", error.orig)
                is_busy = False
            if not is_busy:
                await asyncio.sleep(0.05)

    async def _start_agent(self, department: str, number: int, system: System) -> None:
        folder = self._folder / f"{department}-{number}"
        folder.mkdir()
        (folder / "department.graphql").write_text(SDL.replace("BASE", system.url))
        config = folder / "agent.toml"
        config.write_text(
            AGENT.format(
                department=department,
                url=with_port(self.node.url, self.agent_wire.port),
                system=system.url,
                idempotency=DEPARTMENTS[department],
            )
        )
        process = ManagedProcess(f"{department}-{number}", ("-c", SCRIPT, str(config)), folder / "log")
        self.agents[process.name] = process
        self._closing.push_async_callback(process.kill)
        await process.start()

    async def put_command(self, department: str, number: int) -> str:
        """Decide a command, as a step of a case does."""
        now, name, case = CLOCK.now(), f"{department}-{number}", f"case-{number % 40}"
        request = FetchRequest(MUTATION, {"input": number}, "mutation", "file", idempotency_key=name)
        message = Message(name, COMMAND, "hub", now, request_data(request), case, case)
        async with self.database.transaction() as session:
            outbox.put(session, command_address(department, case), message, now, awaits_outcome=True)
        return name

    async def outcomes(self) -> dict[str, str | None]:
        """How each command ended, ``None`` while that is open."""
        async with self.database.reading() as session:
            rows = (await session.exec(select(OutboxRow).order_by(col(OutboxRow.sequence)))).all()
        return {row.id: row.outcome for row in rows}

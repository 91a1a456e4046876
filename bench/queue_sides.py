"""What ``bench.queue`` compares: the queue connector on both brokers with a real agent, and a bare ping-pong."""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import uvicorn
from aio_pika.abc import AbstractIncomingMessage
from starlette.applications import Starlette

from auth.actor import Actor
from connectors.broker import Broker
from connectors.clock import SystemClock
from connectors.connector import FetchRequest
from connectors.embedded import EmbeddedBroker
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.rabbitmq import RabbitMQBroker
from hub.demo.processes import ManagedProcess
from hub.messages.broker_door import BrokerDoor
from hub.messages.broker_store import DatabaseBrokerStore
from hub.storage.database import Database

DEPARTMENT = "civil-affairs"
CLOCK = SystemClock()
SDL = """
extend schema @link(url: "https://specs.apollo.dev/connect/v0.4", import: ["@connect"])
type Query { licence(number: String!): Licence @connect(selection: \"\"\"
  number: $args.number
  kind: "driving"
  title: "机动车驾驶证"
\"\"\") }
type Licence { number: String kind: String title: String }
"""
QUERY = "query ($number: String!) { licence(number: $number) { number kind title } }"
AGENT = """
department = "{department}"
[broker]
url = "{url}"
token_env = "BENCH_TOKEN"
{namespace}
[connector]
kind = "rest"
sdl = "licence.graphql"
concurrency = 64
"""


@dataclass(frozen=True, slots=True)
class Side:
    """``ask`` is one request and its reply; ``processes`` are the other parts by their process ids."""

    ask: Callable[[], Awaitable[None]]
    processes: dict[str, int] = field(default_factory=dict)


OpenSide = Callable[[AsyncExitStack, Path, str], Awaitable[Side]]


async def ping_pong(stack: AsyncExitStack, folder: Path, amqp: str) -> Side:
    """Classic queues, nothing confirmed: as fast as aio-pika goes."""
    pings = f"bench.{uuid.uuid4().hex}"
    pong = await _started(
        stack, ManagedProcess("pong", ("-m", "bench.pong", "--amqp", amqp, "--queue", pings), folder / "log")
    )
    connection = await aio_pika.connect(amqp)
    stack.push_async_callback(connection.close)
    channel = await connection.channel(publisher_confirms=False)
    await channel.set_qos(prefetch_count=256)
    pongs = await channel.declare_queue("", exclusive=True)
    waiting: dict[str, asyncio.Future[bytes]] = {}

    async def take(message: AbstractIncomingMessage) -> None:
        waiting.pop(message.correlation_id or "").set_result(message.body)
        await message.ack()

    await pongs.consume(take)
    body = b'{"query": "' + QUERY.encode() + b'", "variables": {"number": "1"}}'

    async def ask() -> None:
        name = uuid.uuid4().hex
        waiting[name] = reply = asyncio.get_running_loop().create_future()
        message = aio_pika.Message(body, correlation_id=name, reply_to=pongs.name)
        await channel.default_exchange.publish(message, pings)
        await reply

    return Side(ask, {"agent": pong.pid, **_broker(amqp)})


async def rabbitmq(stack: AsyncExitStack, folder: Path, amqp: str) -> Side:
    """The queue connector and ``jiyi agent``, both on one RabbitMQ."""
    namespace = f"bench-{uuid.uuid4().hex[:8]}-"
    broker = RabbitMQBroker(amqp, CLOCK, namespace=namespace)
    await broker.connect()
    stack.push_async_callback(_delete, amqp, namespace)
    stack.push_async_callback(broker.close)
    ask = await _connector(stack, broker)
    agent = await _agent(stack, folder, amqp, namespace)
    return Side(ask, {"agent": agent.pid, **_broker(amqp)})


async def embedded(stack: AsyncExitStack, folder: Path, _amqp: str) -> Side:
    """The queue connector beside the embedded broker, and ``jiyi agent`` over a WebSocket."""
    database = Database(f"sqlite:///{folder / 'broker.db'}")
    stack.push_async_callback(database.close)
    await database.create_tables_for_tests()
    broker = EmbeddedBroker(DatabaseBrokerStore(database), CLOCK)
    await broker.connect()
    stack.push_async_callback(broker.close)
    ask = await _connector(stack, broker)
    url = await _door(stack, broker)
    agent = await _agent(stack, folder, url, "")
    return Side(ask, {"agent": agent.pid})


SIDES: dict[str, OpenSide] = {"ping-pong": ping_pong, "rabbitmq": rabbitmq, "embedded": embedded}


async def _connector(stack: AsyncExitStack, broker: Broker) -> Callable[[], Awaitable[None]]:
    await broker.declare_department(DEPARTMENT)
    replies = Replies(broker, uuid.uuid4().hex[:12])
    await replies.open()
    stack.push_async_callback(replies.close)
    connector = MessageQueueConnector(DEPARTMENT, broker, replies, sdl=SDL, clock=CLOCK)
    stack.push_async_callback(connector.close)

    async def ask() -> None:
        answer = await connector.fetch(FetchRequest(QUERY, {"number": "BJ-1"}))
        if answer.data is None or answer.data["licence"]["number"] != "BJ-1":
            raise SystemExit(f"bench: the agent answers {answer}")

    return ask


async def _agent(stack: AsyncExitStack, folder: Path, url: str, namespace: str) -> ManagedProcess:
    (folder / "licence.graphql").write_text(SDL, encoding="utf-8")
    config = folder / "agent.toml"
    named = f'namespace = "{namespace}"' if namespace else ""
    config.write_text(AGENT.format(department=DEPARTMENT, url=url, namespace=named), encoding="utf-8")
    os.environ["BENCH_TOKEN"] = DEPARTMENT
    script = (
        "import sys; from pathlib import Path; from connectors.agent_command import main; main(Path(sys.argv[1]))"
    )
    return await _started(stack, ManagedProcess("agent", ("-c", script, str(config)), folder / "agent.log"))


async def _started(stack: AsyncExitStack, process: ManagedProcess) -> ManagedProcess:
    stack.push_async_callback(process.stop)
    await process.start()
    return process


async def _door(stack: AsyncExitStack, broker: Broker) -> str:
    async def verify(token: str) -> Actor:
        later = datetime.now(UTC) + timedelta(hours=1)
        return Actor(token, token, frozenset(), frozenset({"department"}), later, token)

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = Starlette(routes=[BrokerDoor(broker, verify, CLOCK).route])
    config = uvicorn.Config(
        app, ws="websockets-sansio", ws_per_message_deflate=False, lifespan="off", log_level="warning"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listener]))

    async def stop() -> None:
        server.should_exit = True
        await serving

    stack.push_async_callback(stop)
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def _delete(amqp: str, namespace: str) -> None:
    from connectors.rabbitmq.topology import IN_EXCHANGE, all_queues
    from connectors.topology import HUB_EXCHANGE, out_exchange

    connection = await aio_pika.connect(amqp)
    async with connection, connection.channel() as channel:
        for queue in all_queues(frozenset({DEPARTMENT}), frozenset()):
            await channel.queue_delete(f"{namespace}{queue}")
        for exchange in (HUB_EXCHANGE, IN_EXCHANGE, out_exchange(DEPARTMENT)):
            await channel.exchange_delete(f"{namespace}{exchange}")


def _broker(amqp: str) -> dict[str, int]:
    """The process that listens at the broker's port, where it is on this machine and Linux tells."""
    port = urlsplit(amqp).port or 5672
    wanted = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(each) in wanted for each in (process / "fd").iterdir()):
                return {"broker": int(process.name)}
        except OSError:
            continue
    return {}


def _listening(port: int) -> list[str]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        fields = [line.split() for line in lines]
        found += [row[9] for row in fields if row[3] == "0A" and row[1].endswith(f":{port:04X}")]
    return found

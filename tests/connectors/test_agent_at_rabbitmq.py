"""The agent as a process, with its department's own RabbitMQ user: it lacks nothing, and outlives its password."""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from connectors.broker import Delivery, Message
from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure, FetchRequest
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.queue_messages import COMMAND
from connectors.rabbitmq import RabbitMQBroker
from connectors.topology import command_address, inbox_queues
from hub.demo.processes import ManagedProcess
from hub.messages.broker_accounts import BrokerAccount, ManagedAccounts
from tests.connectors.message_fixtures import DEPARTMENT
from tests.contracts.broker.stacks import until
from tests.contracts.broker.wire import Wire
from tests.rabbitmq_node import RabbitMQNode

pytestmark = pytest.mark.whole

CLOCK = SystemClock()
SCRIPT = "import sys; from pathlib import Path; from connectors.agent_command import main; main(Path(sys.argv[1]))"
SDL = """
extend schema @link(url: "https://specs.apollo.dev/connect/v0.4", import: ["@connect"])
type Query { paper(number: Int!): Paper @connect(selection: "number: $args.number title: \\"a paper\\"") }
type Mutation { file(number: Int!): Paper @connect(selection: "number: $args.number title: \\"filed\\"") }
type Paper { number: Int title: String }
"""
AGENT = """
department = "{department}"
[broker]
url = "amqp://{user}@127.0.0.1:{port}/"
namespace = "{namespace}"
password_file = "password"
[connector]
kind = "rest"
sdl = "department.graphql"
[events]
port = 0
"""
LARGEST_AGENT_MEGABYTES = 80


class World:
    """The hub at a broker of the tests' own, and one agent that reaches it over a wire."""

    def __init__(self, node: RabbitMQNode, folder: Path) -> None:
        self.namespace = f"t{uuid.uuid4().hex[:8]}."
        self.hub = RabbitMQBroker(node.url, CLOCK, namespace=self.namespace)
        self.replies = Replies(self.hub, "one")
        self.connector = MessageQueueConnector(DEPARTMENT, self.hub, self.replies, sdl="", clock=CLOCK)
        self.accounts = ManagedAccounts(node.management_url, self.namespace, "/")
        self.wire = Wire("127.0.0.1", node.port)
        self.folder = folder
        self.process = ManagedProcess("agent", ("-c", SCRIPT, str(folder / "agent.toml")), folder / "log")

    async def open(self, closing: AsyncExitStack) -> None:
        await self.hub.connect()
        closing.push_async_callback(self.hub.close)
        await self.replies.open()
        closing.push_async_callback(self.replies.close)
        await self.hub.declare_department(DEPARTMENT)
        await self.wire.start()
        closing.push_async_callback(self.wire.close)
        account = await self.accounts.admit(DEPARTMENT)
        self.write_password(account)
        (self.folder / "department.graphql").write_text(SDL)
        text = AGENT.format(
            department=DEPARTMENT, user=account.user, port=self.wire.port, namespace=self.namespace
        )
        (self.folder / "agent.toml").write_text(text)
        closing.push_async_callback(self.process.kill)
        await self.process.start()

    def write_password(self, account: BrokerAccount) -> None:
        (self.folder / "password").write_text(f"{account.password}\n")

    async def answers(self, number: int = 7) -> bool:
        try:
            answer = await self.connector.fetch(
                FetchRequest("query ($n: Int!) { paper(number: $n) { number title } }", {"n": number})
            )
        except ConnectorFailure:
            return False
        return answer.data == {"paper": {"number": number, "title": "a paper"}}

    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture
async def world(rabbitmq_node: RabbitMQNode, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as closing:
        opened = World(rabbitmq_node, tmp_path)
        await opened.open(closing)
        yield opened


async def test_its_own_user_is_all_that_an_agent_needs(world: World) -> None:
    """Reads, commands, events, signs of life, and no refusal in its log."""
    inbox: list[Message] = []

    async def take(delivery: Delivery) -> None:
        inbox.append(delivery.message)
        await delivery.acknowledge()

    for queue in inbox_queues():
        await world.hub.consume(queue, take)
    assert await world.answers()
    command = Message(
        "c-1", COMMAND, "hub", CLOCK.now(), {"query": "mutation { file(number: 3) { title } }"}, "r", "r"
    )
    await world.hub.publish(command_address(DEPARTMENT, "r"), command)
    await until(lambda: bool(inbox))
    assert inbox[0].data == {"command": "c-1", "response": {"data": {"file": {"title": "filed"}}}}
    await until(lambda: any(each.presence.hears for each in world.replies.agents.of(DEPARTMENT)))
    assert "ACCESS_REFUSED" not in world.log()


async def test_a_new_password_is_taken_from_its_file_without_a_restart(world: World) -> None:
    """By SIGHUP at once; and where a connection is turned away, as soon as the file has it."""
    (before,) = await sighted(world)
    world.write_password(await world.accounts.admit(DEPARTMENT))
    os.kill(world.process.pid, signal.SIGHUP)
    await until(lambda: "Connected to RabbitMQ again" in world.log())
    await until(world.answers)

    renewed = await world.accounts.admit(DEPARTMENT)
    assert await world.answers(), "what is connected goes on"
    await world.wire.cut()
    await world.wire.mend()
    await until(lambda: "ACCESS_REFUSED" in world.log())
    world.write_password(renewed)
    await until(world.answers)
    assert await sighted(world) == (before,)
    assert str(renewed.password) not in world.log()


async def sighted(world: World) -> Sequence[str]:
    await until(lambda: bool(world.replies.agents.of(DEPARTMENT)))
    return tuple(each.presence.agent for each in world.replies.agents.of(DEPARTMENT))


async def test_an_agent_stays_small_under_load(world: World) -> None:
    """Thousands of requests, many at once, and it still fits beside whatever else a department's machine runs."""
    for start in range(0, 3000, 50):
        assert all(await asyncio.gather(*(world.answers(start + n) for n in range(50))))
    status = Path(f"/proc/{world.process.pid}/status").read_text()
    megabytes = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    assert megabytes < LARGEST_AGENT_MEGABYTES, f"{megabytes:.0f} MB"

"""A relay between RabbitMQ and an ordinary agent: replies come twice, out of order, late, or not at all."""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aio_pika.exceptions import AMQPException

from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure, FetchRequest
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.rabbitmq import RabbitMQBroker
from connectors.rabbitmq.topology import all_queues
from schema.errors import RuntimeCode
from tests.mocks.mocking import ROOT, Mock, refused
from tests.mocks.stranger import wait_for

pytestmark = [pytest.mark.whole, pytest.mark.rabbitmq]
DEPARTMENT = "transport"
SDL = """
type Query { licence(number: ID!): Licence }
type Licence @key(fields: "number") { number: ID! name: String! }
"""
QUERY = "query ($number: ID!) { licence(number: $number) { number } }"


class Department:
    """Hub's side, relay, agent and mock, each its own process but the first."""

    def __init__(self, broker: RabbitMQBroker, replies: Replies, relay: Mock) -> None:
        self.broker, self.replies, self.relay = broker, replies, relay

    async def ask(self, number: str, deadline: float = 10) -> Any:
        connector = MessageQueueConnector(
            DEPARTMENT,
            self.broker,
            self.replies,
            sdl=SDL,
            clock=SystemClock(),
            deadline=timedelta(seconds=deadline),
        )
        return (await connector.fetch(FetchRequest(QUERY, {"number": number}))).data

    async def fault(self, **fault: Any) -> None:
        await asyncio.to_thread(self.relay.fault, **fault)

    async def relayed(self) -> dict[str, int]:
        answer = await asyncio.to_thread(self.relay.get, "/__relayed")
        found: dict[str, int] = answer.json
        return found


@pytest.fixture
async def department(amqp_url: str, tmp_path: Path) -> AsyncIterator[Department]:
    run = uuid.uuid4().hex[:8]
    hub, agents = f"hub-{run}.", f"agent-{run}."
    broker = RabbitMQBroker(amqp_url, SystemClock(), namespace=hub)
    await broker.connect()
    await broker.declare_department(DEPARTMENT)
    replies = Replies(broker, "one")
    await replies.open()
    (tmp_path / "transport.graphql").write_text(SDL)
    mock = Mock(tmp_path, "--sdl", "transport.graphql")
    relay = Mock(
        tmp_path, "relay", "--department", DEPARTMENT, "--namespace", hub, "--agent-namespace", agents,
        environment={"JIYI_BROKER_URL": amqp_url},
    )  # fmt: skip
    await asyncio.to_thread(wait_for, lambda: relay.get("/__relayed").json["connected"])
    agent = started_agent(tmp_path, amqp_url, agents, mock.url)
    yield Department(broker, replies, relay)
    for process in (agent, mock.process, relay.process):
        process.terminate()
        process.communicate()
    await replies.close()
    await broker.close()
    await delete_everything(amqp_url, hub, agents)


def started_agent(folder: Path, url: str, namespace: str, mock: str) -> subprocess.Popen[str]:
    config = folder / "agent.toml"
    config.write_text(
        f'department = "{DEPARTMENT}"\n[broker]\nurl = "{url}"\nnamespace = "{namespace}"\n'
        f'[connector]\nkind = "graphql"\nurl = "{mock}/graphql"\n'
    )
    agent = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "agent", "--config", str(config)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert agent.stdout
    assert select.select([agent.stdout], [], [], 60)[0]
    assert json.loads(agent.stdout.readline())["ready"] is True
    return agent


async def delete_everything(url: str, *namespaces: str) -> None:
    async with await aio_pika.connect(url) as connection:
        for namespace in namespaces:
            channel = await connection.channel()
            for name in all_queues(frozenset({DEPARTMENT}), frozenset({"one"})):
                await channel.queue_delete(f"{namespace}{name}")
            for name in ("jiyi.hub", "jiyi.in", f"{DEPARTMENT}.out"):
                with suppress(AMQPException):
                    await channel.exchange_delete(f"{namespace}{name}")


async def test_the_hub_gets_its_answers_whatever_befalls_the_replies(department: Department) -> None:
    """As if nothing stood between; then doubled, out of order, late, and lost."""
    assert await department.ask("n-1") == {"licence": {"number": "n-1"}}

    await department.fault(duplicateReplies=True)
    numbers = [f"n-{n}" for n in range(20)]
    answers = await asyncio.gather(*(department.ask(number) for number in numbers))
    assert [each["licence"]["number"] for each in answers] == numbers
    assert (await department.relayed())["doubled"] >= 1

    await department.fault(reorderReplies=True, rate=0.5)
    answers = await asyncio.gather(*(department.ask(number) for number in numbers))
    assert [each["licence"]["number"] for each in answers] == numbers
    assert (await department.relayed())["heldBack"] >= 1

    await department.fault(loseReplies=True)
    with pytest.raises(ConnectorFailure) as caught:
        await department.ask("n-lost", deadline=1)
    assert caught.value.code is RuntimeCode.DEPARTMENT_TIMEOUT
    assert (await department.relayed())["lost"] >= 1

    await asyncio.to_thread(department.relay.ask, "DELETE", "/__faults")
    assert await department.ask("n-2") == {"licence": {"number": "n-2"}}


def test_it_says_why_it_does_not_start(tmp_path: Path) -> None:
    """Without a broker, and with messages that would go in a circle."""
    same = ("relay", "--department", "a", "--agent-namespace", "x", "--namespace", "x")
    code, said = refused(tmp_path, *same, "--broker", "amqp://127.0.0.1")
    assert code == 2
    assert "in a circle" in said
    code, said = refused(tmp_path, "relay", "--department", "a", "--agent-namespace", "x", "--broker", "http://x")
    assert code == 2
    assert "address of a RabbitMQ" in said

"""The agent as a whole: settings, its local door, its way from start to SIGTERM, and what it loads."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from auth.actor import Actor
from connectors.agent import serve_agent
from connectors.agent_settings import (
    AgentSettings,
    BrokerSettings,
    ConnectorSettings,
    EventsSettings,
)
from connectors.broker import BrokerUnavailable, Delivery, Message
from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.embedded import EmbeddedBroker
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.queue_messages import COMMAND
from connectors.topology import command_address, inbox_queues
from hub.messages.broker_door import BrokerDoor
from schema.errors import RuntimeCode
from tests.connectors.message_fixtures import DEPARTMENT, SDL, Answer, FakeConnector, embedded_broker
from tests.contracts.broker.stacks import serve_asgi, until

CLOCK = SystemClock()


def settings(folder: Path, **more: Any) -> AgentSettings:
    parts: dict[str, Any] = {
        "department": DEPARTMENT,
        "broker": BrokerSettings("http://hub.invalid"),
        "connector": ConnectorSettings("graphql", "http://127.0.0.1:9/graphql", None),
        "events": EventsSettings(),
        "state_directory": folder / "state",
        "drain": timedelta(seconds=2),
    }
    return AgentSettings(**(parts | more))


class RunningAgent:
    """An agent over a broker of its own on the hub's database, as another process would have it."""

    def __init__(self) -> None:
        self.url: str | None = None
        self.stop = asyncio.Event()
        self.ready = asyncio.Event()

    def on_ready(self, _settings: AgentSettings, url: str | None) -> None:
        self.url = url
        self.ready.set()


@asynccontextmanager
async def running_agent(
    hub: EmbeddedBroker, folder: Path, answer: Answer, **more: Any
) -> AsyncIterator[tuple[RunningAgent, FakeConnector]]:
    agent, system = RunningAgent(), FakeConnector(answer)
    broker = EmbeddedBroker(hub.store, CLOCK)
    task = asyncio.create_task(
        serve_agent(settings(folder, **more), CLOCK, broker, system, agent.stop, agent.on_ready)
    )
    try:
        await asyncio.wait_for(agent.ready.wait(), 5)
        yield agent, system
    finally:
        agent.stop.set()
        await asyncio.wait_for(task, 5)


async def say_ok(_request: FetchRequest) -> FetchResponse:
    return FetchResponse({"ok": True})


def event(**more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "e-1",
        "type": "jiyi.case.accepted",
        "source": "whatever",
        "subject": "r-1",
        **more,
    }


async def post(url: str | None, body: Any, **headers: str) -> tuple[int, dict[str, Any], str]:
    headers = {"Content-Type": "application/cloudevents+json", **headers}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/events", data=data, headers=headers) as answer,
    ):
        return answer.status, json.loads(await answer.read()), answer.content_type


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    async with embedded_broker(tmp_path / "broker.db") as broker:
        yield broker


async def collect_inbox(hub: EmbeddedBroker) -> list[Message]:
    got: list[Message] = []

    async def collect(delivery: Delivery) -> None:
        got.append(delivery.message)
        await delivery.acknowledge()

    for queue in inbox_queues():
        await hub.consume(queue, collect)
    return got


async def test_an_agent_answers_reads_and_executes_commands(hub: EmbeddedBroker, tmp_path: Path) -> None:
    """Both roads through one running agent."""
    inbox = await collect_inbox(hub)
    replies = Replies(hub, "one")
    await replies.open()
    connector = MessageQueueConnector(DEPARTMENT, hub, replies, sdl=SDL, clock=CLOCK)
    async with running_agent(hub, tmp_path, say_ok):
        assert (await connector.fetch(FetchRequest("{ ok }"))).data == {"ok": True}
        command = Message("c-1", COMMAND, "hub", CLOCK.now(), {"query": "mutation { a }"}, "r-1", "r-1")
        await hub.publish(command_address(DEPARTMENT, "r-1"), command)
        await until(lambda: bool(inbox))
    assert inbox[0].data == {"command": "c-1", "response": {"data": {"ok": True}}}
    await replies.close()


async def test_an_event_is_accepted_once_the_broker_has_it(hub: EmbeddedBroker, tmp_path: Path) -> None:
    """202, and it is in the hub's inbox as the department's own, in the case's order."""
    inbox = await collect_inbox(hub)
    async with running_agent(hub, tmp_path, say_ok) as (agent, _):
        status, body, _ = await post(agent.url, event(data={"x": 1}))
        assert (status, body) == (202, {"id": "e-1"})
        await until(lambda: bool(inbox))
    (got,) = inbox
    assert (got.id, got.source, got.subject, got.partition_key) == ("e-1", DEPARTMENT, "r-1", "r-1")


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"{", {}, 422, "not JSON"),
        (event(type=""), {}, 422, '"type"'),
        (event(subject=None), {}, 422, '"subject"'),
        (event(type="jiyi.command.outcome"), {}, 422, "for the agent itself"),
        (b"x" * 1_100_000, {}, 413, "at most"),
        (event(), {"Content-Type": "text/plain"}, 415, "cloudevents+json"),
    ],
)
async def test_a_bad_event_is_refused_as_a_problem(
    hub: EmbeddedBroker, tmp_path: Path, body: Any, headers: dict[str, str], status: int, said: str
) -> None:
    """The department's programmer reads what to mend."""
    async with running_agent(hub, tmp_path, say_ok) as (agent, _):
        got, problem, media_type = await post(agent.url, body, **headers)
    assert (got, media_type, problem["status"]) == (status, "application/problem+json", status)
    assert said in problem["detail"]


async def test_the_door_asks_for_its_token_where_one_is_set(hub: EmbeddedBroker, tmp_path: Path) -> None:
    """Other programs on the department's machine are not the department."""
    events = EventsSettings(token="s3cret")
    async with running_agent(hub, tmp_path, say_ok, events=events) as (agent, _):
        assert (await post(agent.url, event()))[0] == 401
        assert (await post(agent.url, event(), Authorization="Bearer wrong"))[0] == 401
        assert (await post(agent.url, event(), Authorization="Bearer s3cret"))[0] == 202


async def test_while_the_broker_is_away_an_event_gets_503(
    hub: EmbeddedBroker, tmp_path: Path, free_port: int
) -> None:
    """The door is open from the first moment and honest about what it cannot promise."""

    class Away(EmbeddedBroker):
        async def connect(self) -> None:
            raise BrokerUnavailable("away")

    agent = RunningAgent()
    given = settings(tmp_path, events=EventsSettings(port=free_port))
    task = asyncio.create_task(
        serve_agent(given, CLOCK, Away(hub.store, CLOCK), FakeConnector(say_ok), agent.stop, agent.on_ready)
    )
    try:
        status, problem, _ = await eventually_post(f"http://127.0.0.1:{free_port}")
        assert (status, problem["title"]) == (503, "Service Unavailable")
        assert not agent.ready.is_set()
    finally:
        agent.stop.set()
        await asyncio.wait_for(task, 5)


async def eventually_post(url: str) -> tuple[int, dict[str, Any], str]:
    async with asyncio.timeout(5):
        while True:
            try:
                return await post(url, event())
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)


async def test_stopping_ends_what_is_in_hand(hub: EmbeddedBroker, tmp_path: Path) -> None:
    """SIGTERM is polite: the command that was begun is finished and told."""
    inbox = await collect_inbox(hub)
    begun = asyncio.Event()

    async def slowly(_request: FetchRequest) -> FetchResponse:
        begun.set()
        await asyncio.sleep(0.2)
        return FetchResponse({"ok": True})

    async with running_agent(hub, tmp_path, slowly):
        command = Message("c-1", COMMAND, "hub", CLOCK.now(), {"query": "mutation { a }"}, "r-1", "r-1")
        await hub.publish(command_address(DEPARTMENT, "r-1"), command)
        await begun.wait()
    await until(lambda: bool(inbox))
    assert inbox[0].data["response"] == {"data": {"ok": True}}


def test_the_agent_carries_no_hub_code() -> None:
    """Whatever kind it runs, no hub, database or sign-in code is loaded beside a department's system."""
    script = """
import asyncio, json, sys
from pathlib import Path
from connectors.agent import _listen, open_broker, open_connector
from connectors.agent_settings import AgentSettings, BrokerSettings, ConnectorSettings, EventsSettings
from connectors.clock import SystemClock

async def main(url, sdl):
    connector = ConnectorSettings("rest", None, sdl)
    settings = AgentSettings("d", BrokerSettings(url, token="t"), connector, EventsSettings(), Path("."))
    broker = open_broker(settings, SystemClock())
    async with open_connector(settings), _listen(settings, SystemClock(), broker):
        await asyncio.sleep(0.05)

asyncio.run(main(*sys.argv[1:]))
loaded = sorted({name.partition(".")[0] for name in sys.modules})
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps([loaded, int(status["VmHWM"].split()[0])]))
"""
    sdl = Path("mocks/connectors/civil-affairs.graphql").read_text()
    for url in ("amqp://127.0.0.1:9/", "http://127.0.0.1:9"):
        ran = subprocess.run(
            [sys.executable, "-c", script, url, sdl], capture_output=True, text=True, check=True, timeout=60
        )
        loaded, kilobytes = json.loads(ran.stdout)
        assert not {"hub", "auth", "sqlmodel", "sqlalchemy", "alembic", "strawberry", "authlib"} & set(loaded)
        assert kilobytes < 80 * 1024


AGENT_FILE = """
department = "civil-affairs"
[broker]
url = "{url}"
token_env = "TOKEN"
[connector]
kind = "graphql"
url = "http://127.0.0.1:9/graphql"
[events]
"""


async def test_the_process_serves_and_leaves_on_sigterm(tmp_path: Path) -> None:
    """As a department starts it: a file, one JSON line when it serves, an end when it is told."""
    async with embedded_broker(tmp_path / "broker.db") as hub, AsyncExitStack() as closing:
        door = BrokerDoor(hub, verify_department, CLOCK)
        port = await serve_asgi(door.route, closing)
        config = tmp_path / "agent.toml"
        config.write_text(AGENT_FILE.format(url=f"http://127.0.0.1:{port}"))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from connectors.agent_command import main;"
            "sys.exit(main(Path(sys.argv[1])))",
            str(config),
            env={**os.environ, "TOKEN": DEPARTMENT},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            assert process.stdout is not None
            ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
            assert (ready["ready"], ready["department"]) == (True, DEPARTMENT)
            assert (await post(ready["url"], event()))[0] == 202
            replies = Replies(hub, "one")
            await replies.open()
            connector = MessageQueueConnector(DEPARTMENT, hub, replies, sdl=SDL, clock=CLOCK)
            with pytest.raises(ConnectorFailure) as caught:
                await connector.fetch(FetchRequest("{ ok }"))
            assert caught.value.code == RuntimeCode.DEPARTMENT_UNREACHABLE
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 5) == 0
            assert not await connector.is_online()
            await replies.close()
        finally:
            if process.returncode is None:
                process.kill()


async def verify_department(token: str) -> Actor:
    later = CLOCK.now() + timedelta(hours=1)
    return Actor(token, token, frozenset(), frozenset({"department"}), later, token)

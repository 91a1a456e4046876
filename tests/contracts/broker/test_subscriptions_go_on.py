"""Agents that are killed and come back, and a hub that loses its broker, under subscriptions that go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from yarl import URL

from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.rabbitmq import RabbitMQBroker
from hub.demo.processes import ManagedProcess
from schema.errors import RuntimeCode
from tests.contracts.broker.agent_process import BEAT
from tests.contracts.broker.conftest import WIRED_STACKS
from tests.contracts.broker.stacks import RabbitMQStack, Stack, as_argument, until
from tests.contracts.broker.wire import Wire

pytestmark = pytest.mark.whole

CLOCK = SystemClock()
every_stack = pytest.mark.parametrize("stack", ["embedded-sqlite", *WIRED_STACKS], indirect=True)
on_rabbitmq = pytest.mark.parametrize(
    "stack", [pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)], indirect=True
)
PATIENCE = 60
"""Seconds in which a process starts on a machine that does other things."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that is gone is missed within seconds."""
    monkeypatch.setattr("connectors.queue_stream.BEAT", BEAT)
    monkeypatch.setattr("connectors.agents.ALIVE_FOR", BEAT * 10)


class World:
    """A hub process, and agents that are processes of their own."""

    def __init__(self, stack: Stack, folder: Path, closing: AsyncExitStack) -> None:
        self._stack = stack
        self._folder = folder
        self._closing = closing
        self.wire: Wire | None = None

    async def open(self, *, over_a_wire: bool = False) -> None:
        broker = await self._broker_over_a_wire() if over_a_wire else await self._stack.hub_broker()
        await broker.declare_department(self._stack.department)
        self.replies = Replies(broker, "one")
        await self.replies.open()
        self._closing.push_async_callback(self.replies.close)
        self.connector = MessageQueueConnector(self._stack.department, broker, self.replies, sdl="", clock=CLOCK)

    async def agent(self) -> ManagedProcess:
        """One more, which serves once it is returned."""
        arguments = (as_argument(self._stack.department_process()), self._stack.department, str(self._folder))
        process = ManagedProcess(
            "agent", ("-m", "tests.contracts.broker.agent_process", *arguments), self._folder / "log"
        )
        self._closing.push_async_callback(process.kill)
        await process.start()
        await until(lambda: bool(self.replies.agents.of(self._stack.department)), within=PATIENCE)
        return process

    def events(self, goes_on_for: timedelta) -> Any:
        request = FetchRequest("subscription { tick }", kind="subscription", goes_on_for=goes_on_for)
        return aclosing(cast("Any", self.connector.subscribe(request)))

    async def _broker_over_a_wire(self) -> RabbitMQBroker:
        stack = cast("RabbitMQStack", self._stack)
        target = URL(stack._url)
        self.wire = Wire(target.host or "127.0.0.1", target.port or 5672)
        await self.wire.start()
        self._closing.push_async_callback(self.wire.close)
        url = str(target.with_host("127.0.0.1").with_port(self.wire.port))
        broker = RabbitMQBroker(url, CLOCK, namespace=stack.namespace)
        await broker.connect()
        self._closing.push_async_callback(broker.close)
        return broker


@pytest.fixture
async def world(stack: Stack, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as closing:
        yield World(stack, tmp_path, closing)


async def following(events: Any) -> FetchResponse:
    return cast("FetchResponse", await asyncio.wait_for(anext(events), PATIENCE))


async def gap(events: Any) -> str:
    """Read on to the event that tells of one; the code that it tells."""
    while (event := await following(events)).data is not None:
        assert not event.has_gap
    assert event.has_gap
    return str(event.errors[0]["extensions"]["code"])


def counted(event: FetchResponse) -> tuple[int, int, bool]:
    assert event.data is not None
    return event.data["process"], event.data["tick"], event.has_gap


@every_stack
async def test_a_subscription_outlives_its_agent(world: World) -> None:
    """Killed, it says nothing; the subscriber is told once, and gets the events of the one that comes back."""
    await world.open()
    first = await world.agent()
    async with world.events(timedelta(minutes=5)) as events:
        assert counted(await following(events)) == (first.pid, 1, False)
        await first.kill()
        assert await gap(events) == RuntimeCode.AGENT_OFFLINE
        second = await world.agent()
        assert counted(await following(events)) == (second.pid, 1, True)
        assert counted(await following(events)) == (second.pid, 2, False)


@every_stack
async def test_another_agent_of_the_department_takes_it_over(world: World) -> None:
    """Whoever runs two is not told twice, and waits for nobody to come back."""
    await world.open()
    agents = {each.pid: each for each in (await world.agent(), await world.agent())}
    async with world.events(timedelta(minutes=5)) as events:
        serving, tick, _ = counted(await following(events))
        assert tick == 1
        await agents.pop(serving).kill()
        assert await gap(events) == RuntimeCode.AGENT_OFFLINE
        assert counted(await following(events)) == (*agents, 1, True)


@every_stack
async def test_it_ends_where_no_agent_comes_back(world: World) -> None:
    """After the time that is set, with the error that it began with."""
    await world.open()
    agent = await world.agent()
    async with world.events(timedelta(seconds=1)) as events:
        assert counted(await following(events)) == (agent.pid, 1, False)
        await agent.kill()
        assert await gap(events) == RuntimeCode.AGENT_OFFLINE
        with pytest.raises(ConnectorFailure) as caught:
            await following(events)
    assert caught.value.code == RuntimeCode.AGENT_OFFLINE
    assert "subscribe again" in caught.value.message


@on_rabbitmq
async def test_a_hub_that_loses_its_broker_goes_on_with_the_same_agent(world: World) -> None:
    """It is away for longer than an agent may be silent: nobody knows what was missed."""
    await world.open(over_a_wire=True)
    wire = cast("Wire", world.wire)
    agent = await world.agent()
    async with world.events(timedelta(minutes=5)) as events:
        assert counted(await following(events)) == (agent.pid, 1, False)
        await wire.cut()
        assert await gap(events) == RuntimeCode.AGENT_OFFLINE
        await wire.mend()
        assert counted(await following(events)) == (agent.pid, 1, True)
        assert counted(await following(events)) == (agent.pid, 2, False)

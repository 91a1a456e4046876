"""Subscriptions through a queue, with an agent over every implementation that has a wire."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.agent import serve_agent
from connectors.agent_settings import AgentSettings, BrokerSettings, ConnectorSettings
from connectors.broker import LARGEST_MESSAGE_BYTES, Broker
from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.queue_stream import CREDIT_EVENTS
from schema.errors import RuntimeCode
from tests.contracts.broker.conftest import WIRED_STACKS
from tests.contracts.broker.stacks import Stack, until
from tests.contracts.broker.wire import Wire

pytestmark = pytest.mark.parametrize("stack", WIRED_STACKS, indirect=True)
CLOCK = SystemClock()
CONCURRENCY = 4
SOON = timedelta(seconds=0.3)
REQUEST = FetchRequest("subscription { ticks }", kind="subscription")


class Ticking:
    """A department's system that counts to ``last``, or for ever, and knows who still listens."""

    def __init__(self) -> None:
        self.last: int | None = None
        self.pause = 0.0
        self.failure: ConnectorFailure | None = None
        self.sent = 0
        self.listeners = 0
        self.answer: object = True
        self.running = self.most_at_once = 0

    async def fetch(self, _request: FetchRequest) -> FetchResponse:
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        await asyncio.sleep(self.pause)
        self.running -= 1
        return FetchResponse({"ok": self.answer})

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        assert request.kind == "subscription"
        self.listeners += 1
        try:
            for tick in itertools.count(1):
                if self.last is not None and tick > self.last:
                    break
                await asyncio.sleep(self.pause)
                self.sent = tick
                yield FetchResponse({"ticks": tick})
            if self.failure is not None:
                raise self.failure
        finally:
            self.listeners -= 1

    async def describe(self) -> str:
        return "type Query { ok: Boolean }"

    async def close(self) -> None:
        """Nothing is held."""


class World:
    """A hub process and an agent, each with its own connection."""

    def __init__(self, stack: Stack, folder: Path, closing: AsyncExitStack) -> None:
        self.system = Ticking()
        self.stop = asyncio.Event()
        self._stack = stack
        self._folder = folder
        self._closing = closing

    async def open(self) -> None:
        self.hub = await self._stack.hub_broker()
        await self.hub.declare_department(self._stack.department)
        self.replies = Replies(self.hub, "one")
        await self.replies.open()
        self._closing.push_async_callback(self.replies.close)
        self.connector = MessageQueueConnector(
            self._stack.department, self.hub, self.replies, sdl="", clock=CLOCK, deadline=timedelta(seconds=10)
        )
        await self._run_agent(await self._stack.department_broker())

    async def _run_agent(self, broker: Broker) -> None:
        settings = AgentSettings(
            self._stack.department,
            BrokerSettings("http://unused.invalid"),
            ConnectorSettings("graphql", None, None, concurrency=CONCURRENCY),
            None,
            self._folder,
            timedelta(seconds=1),
        )
        ready = asyncio.Event()
        self.agent = asyncio.create_task(
            serve_agent(settings, CLOCK, broker, self.system, self.stop, lambda *_: ready.set())
        )

        async def end() -> None:
            self.stop.set()
            await asyncio.wait_for(self.agent, 15)

        self._closing.push_async_callback(end)
        await ready.wait()
        department = self._stack.department
        await until(lambda: any(each.presence.hears for each in self.replies.agents.of(department)))

    def ticks(self) -> Any:
        return aclosing(cast("Any", self.connector.subscribe(REQUEST)))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is gone is missed within a second."""
    for place in ("heart.BEAT", "queue_stream.BEAT"):
        monkeypatch.setattr(f"connectors.{place}", SOON)
    for place in ("heart.ALIVE_FOR", "agents.ALIVE_FOR", "agent_streams.ALIVE_FOR"):
        monkeypatch.setattr(f"connectors.{place}", SOON * 4)


@pytest.fixture
async def world(stack: Stack, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as closing:
        opened = World(stack, tmp_path, closing)
        await opened.open()
        yield opened


async def read(world: World, number: int | None = None) -> list[int]:
    got: list[int] = []
    async with world.ticks() as events:
        async for event in events:
            got.append(event.data["ticks"])
            if len(got) == number:
                break
    return got


async def read_to_the_end(
    world: World, on_tick: Callable[[int], Awaitable[None]] | None = None
) -> tuple[list[int], ConnectorFailure | None]:
    """All ticks that came, and the failure that ended them."""
    got: list[int] = []
    try:
        async with world.ticks() as events:
            async for event in events:
                got.append(event.data["ticks"])
                if on_tick is not None:
                    await on_tick(got[-1])
    except ConnectorFailure as failure:
        return got, failure
    return got, None


async def test_every_event_arrives_in_order_and_then_the_end(world: World) -> None:
    """More than may be under way at once."""
    world.system.last = 3 * CREDIT_EVENTS
    assert await read(world) == list(range(1, 3 * CREDIT_EVENTS + 1))
    await until(lambda: world.system.listeners == 0)


async def test_several_subscriptions_do_not_mix(world: World) -> None:
    """Each its own numbers, beside ordinary requests."""
    world.system.last = 20
    answers = await asyncio.gather(*(read(world) for _ in range(5)), world.connector.fetch(FetchRequest("{ ok }")))
    assert answers[:5] == [list(range(1, 21))] * 5
    assert cast("Any", answers[5]).data == {"ok": True}


async def test_a_department_is_asked_no_more_at_once_than_it_wants(world: World) -> None:
    """However many requests come in one message."""
    world.system.pause = 0.05
    await asyncio.gather(*(world.connector.fetch(FetchRequest("{ ok }")) for _ in range(60)))
    assert world.system.most_at_once == CONCURRENCY


async def test_an_answer_that_is_too_large_is_told(world: World) -> None:
    """At once and with a code, instead of a deadline that passes; the connection lives on."""
    world.system.answer = "x" * (LARGEST_MESSAGE_BYTES + 1)
    with pytest.raises(ConnectorFailure) as caught:
        await world.connector.fetch(FetchRequest("{ ok }"))
    assert caught.value.code == RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE
    world.system.answer = True
    assert (await world.connector.fetch(FetchRequest("{ ok }"))).data == {"ok": True}


async def test_whoever_leaves_stops_the_source(world: World) -> None:
    """The department's system is told, not only the hub's memory."""
    world.system.pause = 0.01
    assert await read(world, 3) == [1, 2, 3]
    await until(lambda: world.system.listeners == 0, within=3)


async def test_a_slow_reader_holds_the_source_back(world: World) -> None:
    """Nothing piles up in the broker or in the hub: the source is read as far as somebody reads its events."""
    async with world.ticks() as events:
        assert (await anext(events)).data == {"ticks": 1}
        await asyncio.sleep(0.5)
        assert world.system.sent <= CREDIT_EVENTS + 1
        for _ in range(CREDIT_EVENTS):
            await anext(events)
        await until(lambda: world.system.sent > CREDIT_EVENTS + 1)


async def test_a_failing_source_is_told_after_its_events(world: World) -> None:
    """With the code that the agent met."""
    world.system.last = 2
    world.system.failure = ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "It broke off.")
    got, failure = await read_to_the_end(world)
    assert got == [1, 2]
    assert failure is not None
    assert (failure.code, failure.message) == (RuntimeCode.DEPARTMENT_UNREACHABLE, "It broke off.")


async def test_an_agent_that_stops_says_so(world: World) -> None:
    """The subscriber is told at once that events may be missed, and may subscribe again."""
    world.system.pause = 0.01

    async def stop(tick: int) -> None:
        if tick == 3:
            world.stop.set()

    _, failure = await read_to_the_end(world, stop)
    assert failure is not None
    assert failure.code == RuntimeCode.AGENT_OFFLINE
    assert "ubscribe again" in failure.message


@pytest.mark.usefixtures("quick")
async def test_an_agent_that_is_gone_without_a_word_is_missed(world: World, stack: Stack) -> None:
    """A power cut says no good-bye: here the wire is cut and not mended while anybody waits."""
    wire = cast("Wire", stack.wire)

    async def cut(tick: int) -> None:
        if tick == 3:
            world.system.pause = 60
            await wire.cut()

    _, failure = await read_to_the_end(world, cut)
    assert failure is not None
    assert failure.code == RuntimeCode.AGENT_OFFLINE
    await wire.mend()


@pytest.mark.usefixtures("quick")
async def test_a_hub_process_that_is_gone_ends_its_subscriptions(world: World) -> None:
    """Nobody would ever cancel them."""
    world.system.pause = 0.05
    events = cast("Any", world.connector.subscribe(REQUEST))
    assert (await anext(events)).data == {"ticks": 1}
    world.replies.agents.cancel = lambda *_: None  # type: ignore[method-assign] # the process is dead
    await world.hub.close()
    await until(lambda: world.system.listeners == 0, within=8)
    await events.aclose()


@pytest.mark.usefixtures("quick")
async def test_a_cut_wire_loses_no_event_in_silence(world: World, stack: Stack) -> None:
    """Each event once and in order, up to the end or to an error that says that some may be missed."""
    wire = cast("Wire", stack.wire)
    world.system.pause, world.system.last = 0.02, 60

    async def cut(tick: int) -> None:
        if tick in (5, 25):
            await wire.cut()
            await wire.mend()

    got, failure = await read_to_the_end(world, cut)
    assert got == list(range(1, len(got) + 1))
    assert len(got) == 60 or (failure is not None and failure.code == RuntimeCode.AGENT_OFFLINE)

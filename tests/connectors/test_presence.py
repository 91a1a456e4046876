"""Agents and hub processes know of each other: who is there, what to stop, who is too old."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.agent_settings import ConnectorSettings
from connectors.broker import Message
from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.embedded import EmbeddedBroker
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.presence import PRESENCE, PROTOCOL, Presence, read_presence
from connectors.topology import presence_address, request_address
from schema.errors import RuntimeCode
from tests.connectors.message_fixtures import DEPARTMENT, SDL, embedded_broker
from tests.connectors.test_agent import running_agent, say_ok
from tests.contracts.broker.stacks import until

CLOCK = SystemClock()


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    async with embedded_broker(tmp_path / "broker.db") as broker:
        yield broker


@pytest.fixture
async def replies(hub: EmbeddedBroker) -> AsyncIterator[Replies]:
    opened = Replies(hub, "one")
    await opened.open()
    yield opened
    await opened.close()


def connector(hub: EmbeddedBroker, replies: Replies, **more: Any) -> MessageQueueConnector:
    return MessageQueueConnector(DEPARTMENT, hub, replies, sdl=SDL, clock=CLOCK, **more)


async def test_two_agents_on_one_queue_are_both_seen_until_they_leave(
    hub: EmbeddedBroker, replies: Replies, tmp_path: Path
) -> None:
    """With what each is, and how long a word to it and back takes; one that stops is not shown any more."""
    async with running_agent(hub, tmp_path / "a", say_ok):
        async with running_agent(hub, tmp_path / "b", say_ok):
            await until(lambda: len(replies.agents.of(DEPARTMENT)) == 2)
            await until(lambda: all(each.presence.latency_ms for each in replies.agents.of(DEPARTMENT)))
            first, second = replies.agents.of(DEPARTMENT)
            assert first.presence.agent != second.presence.agent
            assert (first.presence.kind, first.presence.concurrency, first.presence.protocol) == (
                "graphql",
                16,
                PROTOCOL,
            )
            assert first.refusal is None
            assert first.presence.version
        await until(lambda: replies.agents.of(DEPARTMENT) == (first,) or len(replies.agents.of(DEPARTMENT)) == 1)
    await until(lambda: replies.agents.of(DEPARTMENT) == ())


async def test_every_hub_process_sees_an_agent(hub: EmbeddedBroker, replies: Replies, tmp_path: Path) -> None:
    """Whichever of them a client or an operator asks."""
    other = EmbeddedBroker(hub.store, CLOCK)
    await other.connect()
    await other.declare_hub("two")
    second = Replies(other, "two")
    await second.open()
    async with running_agent(hub, tmp_path, say_ok):
        await until(lambda: len(second.agents.of(DEPARTMENT)) == len(replies.agents.of(DEPARTMENT)) == 1)
    await second.close()
    await other.close()


@pytest.mark.parametrize("protocol", [PROTOCOL - 1, PROTOCOL + 1])
async def test_an_agent_too_old_or_too_new_is_refused_and_shown(
    hub: EmbeddedBroker, replies: Replies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    """It takes nothing in hand, its log and the operator say why; a client learns it, too."""
    monkeypatch.setattr("connectors.agent.PROTOCOL", protocol)
    asking = connector(hub, replies, deadline=timedelta(seconds=1))
    async with running_agent(hub, tmp_path, say_ok):
        await until(lambda: bool(replies.agents.of(DEPARTMENT)))
        (sighting,) = replies.agents.of(DEPARTMENT)
        older = "agent" if protocol < PROTOCOL else "hub"
        assert sighting.refusal == f"The agent speaks protocol {protocol}, the hub {PROTOCOL}. Update the {older}."

        async def is_idle() -> bool:
            return not await asking.is_online()

        await until(is_idle)
        with pytest.raises(ConnectorFailure) as caught:
            await asking.fetch(FetchRequest("{ ok }"))
        assert (caught.value.code, caught.value.message) == (RuntimeCode.AGENT_OFFLINE, sighting.refusal)


async def test_what_nobody_waits_for_is_stopped(hub: EmbeddedBroker, replies: Replies, tmp_path: Path) -> None:
    """The client goes away, the department's system is left in peace."""
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def slowly(_request: FetchRequest) -> FetchResponse:
        begun.set()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            stopped.set()
            raise
        return FetchResponse({"ok": True})

    async with running_agent(hub, tmp_path, slowly):
        await until(lambda: any(each.presence.hears for each in replies.agents.of(DEPARTMENT)))
        asking = asyncio.create_task(
            connector(hub, replies, deadline=timedelta(seconds=30)).fetch(FetchRequest("{ ok }"))
        )
        await begun.wait()
        asking.cancel()
        await asyncio.wait_for(stopped.wait(), 3)


async def test_a_mutation_goes_on_when_its_client_leaves(
    hub: EmbeddedBroker, replies: Replies, tmp_path: Path
) -> None:
    """Whoever sent it may want its effect."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slowly(_request: FetchRequest) -> FetchResponse:
        begun.set()
        await asyncio.sleep(0.5)
        ended.set()
        return FetchResponse({"ok": True})

    async with running_agent(hub, tmp_path, slowly):
        await until(lambda: any(each.presence.hears for each in replies.agents.of(DEPARTMENT)))
        asking = asyncio.create_task(
            connector(hub, replies).fetch(FetchRequest("mutation { ok }", kind="mutation"))
        )
        await begun.wait()
        asking.cancel()
        await asyncio.wait_for(ended.wait(), 3)


async def test_an_expired_request_is_not_executed(hub: EmbeddedBroker, replies: Replies, tmp_path: Path) -> None:
    """Whoever asked has had its answer long ago."""
    late = CLOCK.now() - timedelta(seconds=1)
    expired = Message("r-1", "jiyi.request", "hub", late, {"query": "{ ok }"}, reply_to="one", expires_at=late)
    async with running_agent(hub, tmp_path, say_ok) as (_, system):
        await hub.publish(request_address(DEPARTMENT), expired)
        assert (await connector(hub, replies).fetch(FetchRequest("{ fresh }"))).data == {"ok": True}
    assert [request.query for request in system.asked] == ["{ fresh }"]


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"agent": "../../etc"}, {"agent": "a" * 33}, {"agent": 7}, {"agent": ""}],
)
async def test_a_sign_of_life_that_is_none_is_let_go(hub: EmbeddedBroker, replies: Replies, data: Any) -> None:
    """A department's program may send what it likes under its own key."""
    message = Message("m", PRESENCE, DEPARTMENT, CLOCK.now(), data)
    await hub.publish(presence_address(DEPARTMENT), message, durable=False)
    await asyncio.sleep(0.1)
    assert replies.agents.of(DEPARTMENT) == ()


def test_a_sign_of_life_says_what_it_said() -> None:
    """There and back; strange values become nothing, and text that is no text is shortened."""
    presence = Presence("0a1b", 3, 2, "1.0", "rest", 16, 4, 1.5, True, False, {"s": 7})
    assert read_presence(Message("m", PRESENCE, DEPARTMENT, CLOCK.now(), presence.data())) == presence
    strange = presence.data() | {
        "version": "x" * 500 + "\x00",
        "concurrency": -1,
        "latencyMs": "fast",
        "streams": [],
    }
    read = read_presence(Message("m", PRESENCE, DEPARTMENT, CLOCK.now(), strange))
    assert read is not None
    assert (len(read.version), read.concurrency, read.latency_ms, read.streams) == (100, 0, None, {})


async def test_two_agents_share_the_work_of_one_queue(
    hub: EmbeddedBroker, replies: Replies, tmp_path: Path
) -> None:
    """One that is busy leaves the rest to the other."""

    async def slowly(_request: FetchRequest) -> FetchResponse:
        await asyncio.sleep(0.1)
        return FetchResponse({"ok": True})

    one = ConnectorSettings("graphql", "http://127.0.0.1:9/graphql", None, concurrency=1)
    asking = connector(hub, replies)
    async with (
        running_agent(hub, tmp_path / "a", slowly, connector=one) as (_, first),
        running_agent(hub, tmp_path / "b", slowly, connector=one) as (_, second),
    ):
        await asyncio.gather(*(asking.fetch(FetchRequest("{ ok }")) for _ in range(10)))
    assert len(first.asked) + len(second.asked) == 10
    assert min(len(first.asked), len(second.asked)) >= 3

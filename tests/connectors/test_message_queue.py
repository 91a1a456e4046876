"""Asking a department behind a queue: answers, and every way not to get one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.broker import Broker, BrokerUnavailable, Consumption, Delivery, Message
from connectors.clock import SystemClock
from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse, RequestContext
from connectors.embedded import EmbeddedBroker
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.queue_messages import RESPONSE
from connectors.request_handler import RequestHandler
from connectors.topology import reply_address, requests_queue
from schema.errors import RuntimeCode
from tests.connectors.message_fixtures import DEPARTMENT, SDL, Answer, FakeConnector, embedded_broker

CLOCK = SystemClock()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    async with embedded_broker(tmp_path / "broker.db") as opened:
        yield opened


@pytest.fixture
async def replies(broker: EmbeddedBroker) -> AsyncIterator[Replies]:
    opened = Replies(broker, "one")
    await opened.open()
    yield opened
    await opened.close()


def connector_over(broker: Broker, replies: Replies, **more: Any) -> MessageQueueConnector:
    return MessageQueueConnector(
        DEPARTMENT, broker, replies, sdl=SDL, clock=CLOCK, **{"deadline": timedelta(seconds=2), **more}
    )


async def run_department(broker: Broker, answer: Answer) -> tuple[Consumption, FakeConnector]:
    """The agent's half of the read road, in this process."""
    system = FakeConnector(answer)
    handler = RequestHandler(DEPARTMENT, system, broker, CLOCK, is_repeatable=True)
    return await broker.consume(requests_queue(DEPARTMENT), handler.handle), system


async def fails_with(connector: MessageQueueConnector, request: FetchRequest) -> ConnectorFailure:
    with pytest.raises(ConnectorFailure) as caught:
        await connector.fetch(request)
    return caught.value


async def test_the_answer_comes_back_as_the_department_gave_it(broker: EmbeddedBroker, replies: Replies) -> None:
    """Data, errors and extensions; and the department learns on whose errand, never by whose token."""

    async def answer(request: FetchRequest) -> FetchResponse:
        return FetchResponse({"n": request.variables["n"]}, ({"message": "half", "path": ["m"]},), {"x": 1})

    _, system = await run_department(broker, answer)
    context = RequestContext(actor="opaque", roles=frozenset({"citizen"}), purpose="case", case="r-1")
    request = FetchRequest("query Q($n: Int) { n }", {"n": 3}, operation_name="Q", context=context)
    assert await connector_over(broker, replies).fetch(request) == FetchResponse(
        {"n": 3}, ({"message": "half", "path": ["m"]},), {"x": 1}
    )
    (asked,) = system.asked
    assert (asked.query, asked.operation_name, asked.kind) == ("query Q($n: Int) { n }", "Q", "query")
    assert asked.context == RequestContext(actor="opaque", purpose="case", case="r-1")


async def test_many_requests_find_each_its_own_answer(broker: EmbeddedBroker, replies: Replies) -> None:
    """Answers come back in any order; the correlation id tells them apart."""

    async def answer(request: FetchRequest) -> FetchResponse:
        await asyncio.sleep((request.variables["n"] % 5) / 500)
        return FetchResponse({"n": request.variables["n"]})

    await run_department(broker, answer)
    connector = connector_over(broker, replies)
    answers = await asyncio.gather(*(connector.fetch(FetchRequest("{ n }", {"n": n})) for n in range(100)))
    assert [response.data for response in answers] == [{"n": n} for n in range(100)]


async def test_without_an_agent_the_answer_is_agent_offline_at_once(
    broker: EmbeddedBroker, replies: Replies
) -> None:
    """Nobody waits five seconds for an agent that is known to be away."""
    began = time.monotonic()
    failure = await fails_with(connector_over(broker, replies), FetchRequest("{ ok }"))
    assert (failure.code, failure.never_sent) == (RuntimeCode.AGENT_OFFLINE, True)
    assert time.monotonic() - began < 4, "nobody waits for the deadline"


async def test_an_agent_that_returns_is_used_at_once(broker: EmbeddedBroker, replies: Replies) -> None:
    """Absence is never remembered."""

    async def answer(_request: FetchRequest) -> FetchResponse:
        return FetchResponse({"ok": True})

    connector = connector_over(broker, replies)
    await fails_with(connector, FetchRequest("{ ok }"))
    await run_department(broker, answer)
    assert (await connector.fetch(FetchRequest("{ ok }"))).data == {"ok": True}


async def test_an_agent_that_is_slow_is_a_timeout(broker: EmbeddedBroker, replies: Replies) -> None:
    """Within the deadline and half a second, and the department's own work is stopped too."""
    stopped = asyncio.Event()

    async def hang(_request: FetchRequest) -> FetchResponse:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    await run_department(broker, hang)
    connector = connector_over(broker, replies, deadline=timedelta(seconds=5))
    began = time.monotonic()
    failure = await fails_with(connector, FetchRequest("{ ok }", timeout=timedelta(milliseconds=200)))
    assert failure.code == RuntimeCode.DEPARTMENT_TIMEOUT
    assert time.monotonic() - began < 4, "the request's own time holds, not the longer deadline"
    await asyncio.wait_for(stopped.wait(), 1)


async def test_an_agent_that_dies_meanwhile_is_offline_not_slow(broker: EmbeddedBroker, replies: Replies) -> None:
    """The operator is told what to look for."""
    asked = asyncio.Event()

    async def hang(_request: FetchRequest) -> FetchResponse:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    consumption, _ = await run_department(broker, hang)
    connector = connector_over(broker, replies, deadline=timedelta(milliseconds=400))
    waiting = asyncio.create_task(fails_with(connector, FetchRequest("{ ok }")))
    await asked.wait()
    await consumption.cancel()
    assert (await waiting).code == RuntimeCode.AGENT_OFFLINE


async def test_what_the_agent_met_is_told_by_its_own_code(broker: EmbeddedBroker, replies: Replies) -> None:
    """The department's system is down behind a living agent."""

    async def refuse(_request: FetchRequest) -> FetchResponse:
        raise ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "It refuses connections.", "http://10.0.0.1")

    await run_department(broker, refuse)
    failure = await fails_with(connector_over(broker, replies), FetchRequest("{ ok }"))
    assert (failure.code, failure.message) == (RuntimeCode.DEPARTMENT_UNREACHABLE, "It refuses connections.")
    assert "10.0.0.1" not in failure.detail


async def test_a_mistake_in_the_agent_is_an_error_and_not_a_silence(
    broker: EmbeddedBroker, replies: Replies
) -> None:
    async def stumble(_request: FetchRequest) -> FetchResponse:
        raise KeyError("secret")

    await run_department(broker, stumble)
    failure = await fails_with(connector_over(broker, replies), FetchRequest("{ ok }"))
    assert failure.code == RuntimeCode.INTERNAL_SERVER_ERROR
    assert "secret" not in failure.message


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"data": 3},
        {"data": None},
        {"errors": "x"},
        {"failure": {"code": "NONSENSE"}},
        {"failure": {"code": ["DEPARTMENT_ERROR"]}},
        {"data": {}, "errors": {"0": {}}},
        {"data": {}, "errors": [[]]},
        {"data": {}, "extensions": [1]},
        {"failure": None},
    ],
)
async def test_nonsense_from_an_agent_is_a_malformed_answer(
    broker: EmbeddedBroker, replies: Replies, data: Any
) -> None:
    """An agent is the department's: its answer is checked like any stranger's."""

    async def answer(delivery: Delivery) -> None:
        await reply(broker, delivery, data)

    await broker.consume(requests_queue(DEPARTMENT), answer)
    failure = await fails_with(connector_over(broker, replies), FetchRequest("{ ok }"))
    assert failure.code == RuntimeCode.DEPARTMENT_MALFORMED_ANSWER


async def test_another_departments_reply_is_not_taken(broker: EmbeddedBroker, replies: Replies) -> None:
    """A correlation id that leaked is worth nothing to another department."""
    await broker.declare_department("transport")

    async def answer(delivery: Delivery) -> None:
        await reply(broker, delivery, {"data": {"ok": "forged"}}, department="transport")
        await reply(broker, delivery, {"data": {"ok": "true"}})

    await broker.consume(requests_queue(DEPARTMENT), answer)
    response = await connector_over(broker, replies).fetch(FetchRequest("{ ok }"))
    assert response.data == {"ok": "true"}


async def test_a_late_or_doubled_reply_is_dropped(broker: EmbeddedBroker, replies: Replies) -> None:
    """The second of two replies finds nobody waiting, and the next request is not confused."""

    async def answer_twice(delivery: Delivery) -> None:
        await reply(broker, delivery, {"data": {"ok": 1}})
        await reply(broker, delivery, {"data": {"ok": 2}})

    await broker.consume(requests_queue(DEPARTMENT), answer_twice)
    connector = connector_over(broker, replies)
    for _ in range(3):
        assert (await connector.fetch(FetchRequest("{ ok }"))).data == {"ok": 1}


async def test_no_more_are_in_flight_than_allowed(broker: EmbeddedBroker, replies: Replies) -> None:
    """A bulkhead: one slow department does not fill the hub."""
    running = most = 0

    async def answer(_request: FetchRequest) -> FetchResponse:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return FetchResponse({"ok": True})

    await run_department(broker, answer)
    connector = connector_over(broker, replies, max_in_flight=3)
    await asyncio.gather(*(connector.fetch(FetchRequest("{ ok }")) for _ in range(12)))
    assert most == 3


async def test_a_broker_that_is_down_is_told_as_such(broker: EmbeddedBroker, replies: Replies) -> None:
    class Down(EmbeddedBroker):
        async def consumers(self, queue: str) -> int:
            raise BrokerUnavailable("gone")

    down = Down(broker.store, CLOCK)
    failure = await fails_with(connector_over(down, replies), FetchRequest("{ ok }"))
    assert failure.code == RuntimeCode.BROKER_UNAVAILABLE


async def test_the_schema_is_the_registered_one(broker: EmbeddedBroker, replies: Replies) -> None:
    """The graph stays known while the agent is away."""
    assert await connector_over(broker, replies).describe() == SDL


async def reply(broker: Broker, delivery: Delivery, data: Any, department: str = DEPARTMENT) -> None:
    """Answer by hand, as a strange agent might."""
    asked = delivery.message
    answer = Message("reply", RESPONSE, department, CLOCK.now(), data, correlation_id=asked.correlation_id)
    await broker.publish(reply_address(department, asked.reply_to or ""), answer, durable=False)
    if department == DEPARTMENT:
        await delivery.acknowledge()

"""Deadline, retries, bulkhead and breaker around a connector that does what the test says."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.resilience import ResilienceSettings, Resilient
from schema.errors import RuntimeCode

QUERY = FetchRequest("{ a }")
COMMAND = FetchRequest("mutation { a }", kind="mutation")
FINE = FetchResponse({"a": 1})
SETTINGS = ResilienceSettings(deadline=timedelta(seconds=0.3), retry_delay=timedelta(milliseconds=1))


class FakeClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 2, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def pass_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Scripted:
    """Fails with each code of the script in turn, then answers; ``delay`` is how long each takes."""

    def __init__(self, *script: RuntimeCode, delay: float = 0) -> None:
        self.script = list(script)
        self.delay = delay
        self.calls = 0
        self.running = 0
        self.most_running = 0

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.calls += 1
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.running -= 1
        if self.script:
            raise ConnectorFailure(self.script.pop(0), "told", "detail")
        return FINE

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        yield await self.fetch(request)

    async def describe(self) -> str:
        return "type Query { a: Int }"

    async def close(self) -> None: ...


def resilient(connector: Scripted, settings: ResilienceSettings = SETTINGS) -> tuple[Resilient, FakeClock]:
    clock = FakeClock()
    return Resilient(connector, settings, clock, random.Random(1)), clock


async def code_of(connector: Resilient, request: FetchRequest = COMMAND) -> RuntimeCode | None:
    try:
        await connector.fetch(request)
    except ConnectorFailure as failure:
        return failure.code
    return None


UNREACHABLE, TIMEOUT = RuntimeCode.DEPARTMENT_UNREACHABLE, RuntimeCode.DEPARTMENT_TIMEOUT
TOO_LARGE = RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE


async def test_a_query_that_was_refused_is_sent_again() -> None:
    """A department that restarts is not a failure the citizen has to see."""
    inner = Scripted(UNREACHABLE, UNREACHABLE)
    connector, _ = resilient(inner)
    assert await connector.fetch(QUERY) == FINE
    assert inner.calls == 3


async def test_a_mutation_is_never_sent_twice() -> None:
    """Nobody here knows whether the first had its effect."""
    inner = Scripted(UNREACHABLE)
    connector, _ = resilient(inner)
    assert await code_of(connector, COMMAND) == UNREACHABLE
    assert inner.calls == 1


@pytest.mark.parametrize(
    "code", [RuntimeCode.DEPARTMENT_BAD_STATUS, RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, TIMEOUT]
)
async def test_a_query_that_was_answered_badly_is_not_sent_again(code: RuntimeCode) -> None:
    """An overloaded department is not helped by asking more."""
    inner = Scripted(code)
    connector, _ = resilient(inner)
    assert await code_of(connector, QUERY) == code
    assert inner.calls == 1


async def test_the_deadline_holds_over_everything() -> None:
    """Waiting for a slot and retrying count too; who never got a slot says nothing against the department."""
    inner = Scripted(delay=5)
    connector, _ = resilient(inner, ResilienceSettings(deadline=timedelta(seconds=0.1), concurrency=1))
    loop = asyncio.get_running_loop()
    began = loop.time()
    codes = tuple(await asyncio.gather(*(code_of(connector, QUERY) for _ in range(2))))
    assert codes == (TIMEOUT, RuntimeCode.DEPARTMENT_BUSY)
    assert loop.time() - began < 0.4
    assert inner.running == 0
    assert [each.failures for each in connector.state.circuits if each.kind == "TIMEOUT"] == [1]


async def test_the_caller_may_be_less_patient_than_the_connector() -> None:
    """An operation's own deadline is shorter than what the operator allows."""
    connector, _ = resilient(Scripted(delay=5), ResilienceSettings())
    assert await code_of(connector, FetchRequest("{ a }", timeout=timedelta(milliseconds=20))) == TIMEOUT


async def test_no_more_requests_run_at_once_than_allowed() -> None:
    """A slow department holds a bounded part of the hub."""
    inner = Scripted(delay=0.01)
    connector, _ = resilient(inner, ResilienceSettings(concurrency=3))
    await asyncio.gather(*(connector.fetch(QUERY) for _ in range(12)))
    assert inner.most_running == 3


async def test_the_circuit_opens_after_five_failures_in_a_row() -> None:
    """A department that is down answers at once, in the hub's words."""
    inner = Scripted(*[TIMEOUT] * 5)
    connector, _ = resilient(inner)
    assert [await code_of(connector) for _ in range(5)] == [TIMEOUT] * 5
    assert await code_of(connector) == RuntimeCode.CIRCUIT_OPEN
    assert inner.calls == 5
    assert connector.state.circuit == "open"


async def test_a_success_in_between_starts_the_count_anew() -> None:
    """Five in a row, not five ever."""
    inner = Scripted(*[TIMEOUT] * 4)
    connector, _ = resilient(inner)
    assert [await code_of(connector) for _ in range(5)] == [*[TIMEOUT] * 4, None]
    inner.script = [TIMEOUT] * 4
    assert [await code_of(connector) for _ in range(5)] == [*[TIMEOUT] * 4, None]
    assert connector.state.circuit == "closed"


async def test_one_request_a_second_tries_whether_the_department_is_back() -> None:
    """It serves again within a second of its return, and is not flooded before."""
    inner = Scripted(*[TIMEOUT] * 6)
    connector, clock = resilient(inner)
    for _ in range(5):
        await code_of(connector)
    clock.pass_by(1)
    assert await code_of(connector) == TIMEOUT
    assert await code_of(connector) == RuntimeCode.CIRCUIT_OPEN
    clock.pass_by(1)
    assert await code_of(connector) is None
    assert connector.state.circuit == "closed"
    assert await code_of(connector) is None


async def test_a_trial_that_hangs_does_not_block_the_next_one() -> None:
    """A department that returns while a trial still waits is found a second later."""
    inner = Scripted(*[TIMEOUT] * 5)
    connector, clock = resilient(inner, ResilienceSettings(deadline=timedelta(seconds=2)))
    for _ in range(5):
        await code_of(connector)
    clock.pass_by(1)
    inner.delay = 5
    hanging = asyncio.create_task(code_of(connector))
    await asyncio.sleep(0.01)
    inner.delay = 0
    clock.pass_by(1)
    assert await code_of(connector) is None
    hanging.cancel()


@pytest.mark.parametrize("code", [RuntimeCode.AGENT_OFFLINE, RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE])
async def test_failures_that_say_nothing_of_the_department_do_not_open(code: RuntimeCode) -> None:
    """One greedy query, or an agent that is away, keeps its own code."""
    connector, _ = resilient(Scripted(*[code] * 9))
    assert {await code_of(connector) for _ in range(9)} == {code}
    assert connector.state.circuit == "closed"


async def test_a_question_that_is_always_answered_with_too_much_rests_and_no_other() -> None:
    """Reading what will be thrown away costs the others; the pause doubles, and one answer that fits ends it."""
    inner = Scripted(*[TOO_LARGE] * 6)
    connector, clock = resilient(inner)
    greedy = FetchRequest("query ($n: Int) { a(first: $n) }", {"n": 1_000_000})
    assert {await code_of(connector, greedy) for _ in range(9)} == {TOO_LARGE}
    assert inner.calls == 5
    script, inner.script = inner.script, []
    assert await code_of(connector, FetchRequest(greedy.query, {"n": 10})) is None
    assert await code_of(connector, COMMAND) is None
    inner.script = script
    clock.pass_by(1)
    assert await code_of(connector, greedy) == TOO_LARGE
    assert inner.script == []
    clock.pass_by(1.5)
    assert await code_of(connector, greedy) == TOO_LARGE
    clock.pass_by(0.5)
    assert await code_of(connector, greedy) is None
    inner.script = [TOO_LARGE]
    assert [await code_of(connector, greedy) for _ in range(2)] == [TOO_LARGE, None]


async def test_commands_do_not_rest() -> None:
    """Each is something new, whatever the one before was answered with."""
    inner = Scripted(*[TOO_LARGE] * 9)
    connector, _ = resilient(inner)
    assert {await code_of(connector, COMMAND) for _ in range(9)} == {TOO_LARGE}
    assert inner.calls == 9


async def test_the_state_tells_what_the_operator_wants_to_know() -> None:
    """Last error with its time, last success, latency."""
    inner = Scripted(TIMEOUT)
    connector, clock = resilient(inner)
    failed_at = clock.now()
    await code_of(connector)
    clock.pass_by(60)
    await connector.fetch(QUERY)
    state = connector.state
    assert (state.last_error, state.last_error_code, state.last_error_at) == ("told", TIMEOUT, failed_at)
    assert state.last_success_at == clock.now()
    assert state.median_milliseconds is not None
    assert state.in_flight == 0


async def test_cancelling_frees_the_slot() -> None:
    """Clients that leave do not use up the department's share."""
    inner = Scripted(delay=5)
    connector, _ = resilient(inner, ResilienceSettings(concurrency=1))
    fetch = asyncio.create_task(connector.fetch(QUERY))
    await asyncio.sleep(0.01)
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch
    inner.delay = 0
    assert await connector.fetch(QUERY) == FINE


class Streaming(Scripted):
    """Remembers how it was subscribed to, and tells of a gap between two events."""

    def __init__(self) -> None:
        super().__init__()
        self.subscribed: list[FetchRequest] = []

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        self.subscribed.append(request)
        yield FINE
        lost = ConnectorFailure(RuntimeCode.AGENT_OFFLINE, "gone")
        yield FetchResponse(None, ({"message": "gone"},), failure=lost, has_gap=True)
        yield FINE


async def test_a_subscription_goes_on_for_as_long_as_an_operator_set() -> None:
    """A gap on the way is handed on, told to whoever looks at the connector, and opens no circuit."""
    connector = Streaming()
    wrapped, _ = resilient(connector)
    for settings, seconds in ((SETTINGS, 300), (SETTINGS.changed({"subscriptions_go_on_s": 0}), 0)):
        wrapped.set(settings)
        events = [
            each async for each in wrapped.subscribe(FetchRequest("subscription { a }", kind="subscription"))
        ]
        assert [each.has_gap for each in events] == [False, True, False]
        assert connector.subscribed[-1].goes_on_for == timedelta(seconds=seconds)
    assert wrapped.state.last_error_code == RuntimeCode.AGENT_OFFLINE
    assert wrapped.state.circuit == "closed"

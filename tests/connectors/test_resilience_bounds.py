"""What a connector's trouble may cost: retries, slots, second requests; and that an operator can change it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.resilience import InvalidResilience, ResilienceSettings
from connectors.resilience.settings import KNOBS
from schema.errors import RuntimeCode
from tests.connectors.test_resilience import COMMAND, FINE, QUERY, Scripted, code_of, resilient

UNREACHABLE, TIMEOUT = RuntimeCode.DEPARTMENT_UNREACHABLE, RuntimeCode.DEPARTMENT_TIMEOUT
BAD_STATUS, MALFORMED = RuntimeCode.DEPARTMENT_BAD_STATUS, RuntimeCode.DEPARTMENT_MALFORMED_ANSWER
BUSY, OPEN = RuntimeCode.DEPARTMENT_BUSY, RuntimeCode.CIRCUIT_OPEN
NEVER_OPEN = ResilienceSettings(retry_delay=timedelta(milliseconds=1), failures_to_open=1_000_000)
SHARED = FetchRequest("{ a }", payload=b'{"query":"{ a }"}')


class Hanging(Scripted):
    """Answers once it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.calls += 1
        self.running += 1
        try:
            await self.go.wait()
        finally:
            self.running -= 1
        return FINE


async def begun(*requests: Any) -> list[asyncio.Task[Any]]:
    tasks = [asyncio.ensure_future(each) for each in requests]
    await asyncio.sleep(0.01)
    return tasks


async def test_an_outage_is_not_asked_much_more_than_a_department_that_is_well() -> None:
    """After a reserve of ten, two retries in ten requests; without a budget there would be two for each."""
    inner = Scripted(*[UNREACHABLE] * 10_000)
    connector, _ = resilient(inner, NEVER_OPEN)
    for _ in range(100):
        await code_of(connector, QUERY)
    assert inner.calls == 100 + 10 + 19
    assert connector.state.retries_left == 0


async def test_a_budget_of_nothing_means_no_retry() -> None:
    """Whatever is in reserve."""
    inner = Scripted(UNREACHABLE)
    connector, _ = resilient(inner, replace(NEVER_OPEN, retry_percent=0))
    assert await code_of(connector, QUERY) == UNREACHABLE
    assert inner.calls == 1


async def test_each_kind_of_failure_is_counted_for_itself() -> None:
    """Four time-outs and four error pages open nothing; the fifth time-out does, and says so."""
    connector, clock = resilient(Scripted(*[TIMEOUT, BAD_STATUS] * 4, TIMEOUT))
    for _ in range(8):
        await code_of(connector)
    assert connector.state.circuit == "closed"
    opened_at = clock.now()
    assert await code_of(connector) == TIMEOUT
    with pytest.raises(ConnectorFailure, match="did not answer in time 5 times in a row") as refusal:
        await connector.fetch(COMMAND)
    assert (refusal.value.code, refusal.value.never_sent) == (OPEN, True)
    assert [(c.kind, c.state, c.failures, c.since) for c in connector.state.circuits] == [
        ("UNREACHABLE", "closed", 0, None),
        ("TIMEOUT", "open", 5, opened_at),
        ("BAD_STATUS", "closed", 4, None),
        ("MALFORMED_ANSWER", "closed", 0, None),
    ]


async def test_a_trial_under_way_is_half_open_and_its_failure_keeps_it_open() -> None:
    """An operator sees that somebody is looking; only a success closes."""
    inner = Scripted(*[MALFORMED] * 6)
    connector, clock = resilient(inner)
    for _ in range(5):
        await code_of(connector)
    clock.pass_by(1)
    inner.delay = 0.05
    (trial,) = await begun(code_of(connector))
    assert [c.state for c in connector.state.circuits] == ["closed", "closed", "closed", "half-open"]
    assert await trial == MALFORMED
    assert [c.state for c in connector.state.circuits] == ["closed", "closed", "closed", "open"]
    clock.pass_by(1)
    assert await code_of(connector) is None
    assert connector.state.circuit == "closed"


async def test_who_finds_the_queue_full_is_told_at_once() -> None:
    """Two in hand, one waits, the fourth is refused without waiting, and a place that is free again is given."""
    inner = Hanging()
    settings = ResilienceSettings(concurrency=2, queue_length=1, queue_wait=timedelta(seconds=4))
    connector, _ = resilient(inner, settings)
    waiting = await begun(*(connector.fetch(QUERY) for _ in range(3)))
    bulkhead = connector.state.bulkhead
    assert (bulkhead.in_flight, bulkhead.waiting, inner.running) == (2, 1, 2)
    assert await asyncio.wait_for(code_of(connector), 0.5) == BUSY
    inner.go.set()
    assert await asyncio.gather(*waiting) == [FINE] * 3
    bulkhead = connector.state.bulkhead
    assert (bulkhead.in_flight, bulkhead.waiting, bulkhead.refused) == (0, 0, 1)


async def test_nobody_waits_for_a_slot_longer_than_allowed() -> None:
    """A short queue is short in time too, and is no failure of the department."""
    settings = ResilienceSettings(concurrency=1, queue_wait=timedelta(milliseconds=20))
    connector, _ = resilient(Hanging(), settings)
    (hanging,) = await begun(connector.fetch(QUERY))
    assert await asyncio.wait_for(code_of(connector), 0.5) == BUSY
    assert all(circuit.failures == 0 for circuit in connector.state.circuits)
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    assert connector.state.in_flight == 0


async def test_an_open_circuit_is_told_without_waiting_for_a_slot() -> None:
    """Also while those who asked before still hang."""
    inner = Scripted(*[TIMEOUT] * 5)
    connector, _ = resilient(inner, ResilienceSettings(concurrency=1, queue_wait=timedelta(seconds=4)))
    for _ in range(4):
        await code_of(connector)
    inner.delay = 0.2
    hanging = await begun(code_of(connector), code_of(connector))
    assert await asyncio.wait_for(asyncio.gather(*hanging), 1) == [TIMEOUT, OPEN]


async def test_a_patient_caller_shares_with_an_impatient_one() -> None:
    """The one gives up in its own time, the other has the answer: one request to the department."""
    inner = Hanging()
    connector, _ = resilient(inner, ResilienceSettings(deadline=timedelta(seconds=4)))
    impatient = replace(SHARED, timeout=timedelta(milliseconds=20))
    tasks = await begun(code_of(connector, impatient), connector.fetch(SHARED))
    assert await asyncio.wait_for(tasks[0], 1) == TIMEOUT
    inner.go.set()
    assert await tasks[1] == FINE
    assert inner.calls == 1


async def test_a_department_that_hangs_is_given_a_rest_though_every_caller_is_impatient() -> None:
    """Half of the connector's own time counts; a caller who waits a moment only proves nothing."""
    connector, _ = resilient(Hanging(), ResilienceSettings(deadline=timedelta(milliseconds=100)))
    for _ in range(5):
        assert await code_of(connector, replace(SHARED, timeout=timedelta(milliseconds=5))) == TIMEOUT
    assert [c.failures for c in connector.state.circuits] == [0, 0, 0, 0]
    for _ in range(5):
        assert await code_of(connector, replace(SHARED, timeout=timedelta(milliseconds=70))) == TIMEOUT
    await asyncio.sleep(0)
    assert connector.state.circuit == "open"


async def test_a_hedged_read_takes_the_first_answer_and_ends_the_other() -> None:
    """One slow request in twenty is asked again after the time in which most are answered."""
    inner = Scripted()
    connector, _ = resilient(inner, ResilienceSettings(hedge=True))
    for _ in range(20):
        await connector.fetch(QUERY)
    slow = [1.0]

    async def fetch(request: FetchRequest) -> FetchResponse:
        inner.running += 1
        inner.calls += 1
        try:
            await asyncio.sleep(slow.pop() if slow else 0)
        finally:
            inner.running -= 1
        return FINE

    inner.fetch = fetch  # type: ignore[method-assign]
    assert await asyncio.wait_for(connector.fetch(QUERY), 0.5) == FINE
    assert (inner.calls, inner.running) == (22, 0)


async def test_a_command_is_never_hedged_and_nothing_is_unless_it_is_asked_for() -> None:
    """A slow command may have had its effect."""
    for settings, request in ((ResilienceSettings(hedge=True), COMMAND), (ResilienceSettings(), QUERY)):
        inner = Scripted()
        connector, _ = resilient(inner, settings)
        for _ in range(20):
            await connector.fetch(request)
        inner.delay = 0.05
        await connector.fetch(request)
        assert inner.calls == 21


async def test_settings_change_while_requests_run_and_what_was_counted_stays() -> None:
    """Three failures so far; an operator who allows three only finds the circuit open."""
    inner = Scripted(*[TIMEOUT] * 3)
    connector, _ = resilient(inner)
    for _ in range(3):
        await code_of(connector)
    connector.set(connector.settings.changed({"failures_to_open": 3, "concurrency": 1}))
    assert await code_of(connector) == OPEN
    assert connector.state.bulkhead.concurrency == 1


async def test_more_slots_let_those_in_who_wait() -> None:
    """At once, not with the next request."""
    inner = Hanging()
    connector, _ = resilient(inner, ResilienceSettings(concurrency=1, queue_wait=timedelta(seconds=4)))
    tasks = await begun(connector.fetch(QUERY), connector.fetch(QUERY))
    assert inner.running == 1
    connector.set(replace(connector.settings, concurrency=2))
    await asyncio.sleep(0.01)
    assert inner.running == 2
    inner.go.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_each_setting_has_bounds_and_reads_back(knob: Any) -> None:
    """What an operator writes is what he reads; one step too far is refused, with what is allowed."""
    settings = ResilienceSettings()
    assert settings.values() == settings.changed(settings.values()).values()
    if knob.is_switch:
        assert settings.changed({knob.name: True}).values()[knob.name] is True
        wrong: tuple[object, ...] = (1, "true", None)
    else:
        for value in (knob.least, knob.most):
            assert settings.changed({knob.name: value}).values()[knob.name] == value
        wrong = (knob.least - 1, knob.most + 1, "5", 1.5, True, None)
    for value in wrong:
        with pytest.raises(InvalidResilience, match=f'"{knob.name}" is'):
            settings.changed({knob.name: value})


def test_every_mistake_is_told_at_once() -> None:
    """An operator mends all of them in one go."""
    with pytest.raises(InvalidResilience) as refusal:
        ResilienceSettings().changed({"concurency": 5, "retries": 99})
    assert '"concurency" is no setting' in str(refusal.value)
    assert '"retries" is a whole number from 0 to 5.' in str(refusal.value)

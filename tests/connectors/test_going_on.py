"""What a subscriber is told while streams break off and begin again, attempt by attempt."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from connectors import going_on as subject
from connectors.connector import ConnectorFailure, FetchResponse
from connectors.going_on import StreamLost, going_on
from schema.errors import RuntimeCode
from tests.connectors.followed import followed

LONG = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(subject, "LONGEST_PAUSE", 0.002)


class Department:
    """Each attempt is the next of ``streams``: numbers are events, failures end it. Then it is away for ever."""

    def __init__(self, *streams: tuple[int | ConnectorFailure, ...]) -> None:
        self.streams = list(streams)
        self.attempts = 0

    async def subscribe(self) -> AsyncGenerator[FetchResponse, None]:
        self.attempts += 1
        for step in self.streams.pop(0):
            if isinstance(step, ConnectorFailure):
                raise step
            yield FetchResponse({"n": step})

    async def agent_is_there(self) -> None:
        if not self.streams:
            await asyncio.Event().wait()


async def told(department: Department, within: timedelta = LONG) -> list[object]:
    return await followed(going_on(department.subscribe, department.agent_is_there, within))


def failed(code: RuntimeCode) -> ConnectorFailure:
    return ConnectorFailure(code, "It failed.")


async def test_a_loss_is_told_once_and_the_first_event_afterwards_bears_the_mark() -> None:
    """However many attempts lie between."""
    away = tuple(failed(code) for code in sorted(subject.PASSING))
    department = Department((1, 2, StreamLost("It stops.")), *((each,) for each in away), (3, 4))
    assert await told(department) == [1, 2, "AGENT_OFFLINE", -3, 4]
    assert department.attempts == 2 + len(away)


async def test_who_loses_each_stream_at_once_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event in each is no sign that it holds: the time of the first loss goes on."""
    ticks = itertools.count()
    # A millisecond for each look at the clock, however busy the machine is.
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: next(ticks) / 1000)
    lost = StreamLost("It stops.")
    department = Department(*(((1, lost),) * 10_000))
    got = await told(department, timedelta(seconds=1))
    assert got[:4] == [1, "AGENT_OFFLINE", -1, "AGENT_OFFLINE"]
    assert isinstance(got[-1], StreamLost)
    assert 2 < department.attempts < 1_000


async def test_each_loss_is_told() -> None:
    """Events came between: the first mark says nothing of the second gap."""
    lost = StreamLost("It stops.")
    assert await told(Department((1, lost), (2, lost), (3,))) == [1, "AGENT_OFFLINE", -2, "AGENT_OFFLINE", -3]


async def test_an_agent_that_breaks_off_at_once_each_time_floods_nobody() -> None:
    """One message, however often it is begun in vain."""
    lost = StreamLost("It stops.")
    assert await told(Department((1, lost), (lost,), (lost,), (2,))) == [1, "AGENT_OFFLINE", -2]


async def test_a_quiet_stream_that_held_is_a_new_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """It served for so long that what is missed now is another gap, with a time of its own."""
    monkeypatch.setattr(subject, "HELD_FOR", timedelta())
    lost = StreamLost("It stops.")
    assert await told(Department((1, lost), (lost,), (2,))) == [1, "AGENT_OFFLINE", "AGENT_OFFLINE", -2]


async def test_it_ends_when_nobody_comes_back_in_time() -> None:
    """With the error that it began with, and what to do."""
    got = await told(Department((1, StreamLost("It stops."))), timedelta(milliseconds=50))
    assert got[:2] == [1, "AGENT_OFFLINE"]
    assert isinstance(got[2], StreamLost)
    assert "subscribe again" in got[2].message


async def test_whoever_wants_no_second_attempt_gets_the_loss_as_the_end() -> None:
    """As an agent does that has no agent behind it."""
    department = Department((1, StreamLost("It stops.")), (2,))
    got = await told(department, timedelta())
    assert [got[0], type(got[1])] == [1, StreamLost]
    assert department.attempts == 1


@pytest.mark.parametrize("code", [RuntimeCode.AGENT_OFFLINE, RuntimeCode.DEPARTMENT_ERROR])
async def test_a_subscription_that_never_began_is_refused(code: RuntimeCode) -> None:
    """Nothing was missed, and the client is still there to decide."""
    refusal = failed(code)
    assert await told(Department((refusal,), (1,))) == [refusal]


async def test_a_refusal_after_a_loss_is_the_end() -> None:
    """The department is there again, and does not want it."""
    refusal = failed(RuntimeCode.DEPARTMENT_ERROR)
    department = Department((1, StreamLost("It stops.")), (refusal,), (2,))
    assert await told(department) == [1, "AGENT_OFFLINE", refusal]

"""The hub's side of a stream, message by message: order, doubles, losses, and an agent that keeps no rule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.broker import Message
from connectors.connector import ConnectorFailure
from connectors.presence import Presence
from connectors.queue_messages import STREAM
from connectors.queue_stream import CREDIT_EVENTS, QueueStream
from schema.errors import RuntimeCode

NOW = datetime.now(UTC)


def stream() -> QueueStream:
    opened = QueueStream("s", "parks")
    opened.take(sent(0, opened=True))
    return opened


def sent(sequence: int, agent: str = "0a", **more: Any) -> Message:
    data = {"agent": agent, "sequence": sequence, **more}
    return Message("m", STREAM, "parks", NOW, data, correlation_id="s")


def event(sequence: int, agent: str = "0a") -> Message:
    return sent(sequence, agent, response={"data": {"n": sequence}})


def alive(last: int | None, agent: str = "0a", *, is_leaving: bool = False) -> Presence:
    streams = {} if last is None else {"s": last}
    return Presence(agent, 1, 2, "1", "graphql", 16, is_leaving=is_leaving, streams=streams)


async def read(stream: QueueStream) -> tuple[list[int], ConnectorFailure | None]:
    got: list[int] = []
    try:
        while response := await stream.next(lambda: True):
            got.append((response.data or {})["n"])
    except ConnectorFailure as failure:
        return got, failure
    return got, None


async def test_events_out_of_order_and_doubled_come_once_and_in_order() -> None:
    """A message that was sent again, and one that another overtook."""
    opened = stream()
    for number in (2, 1, 1, 2, 4, 3):
        opened.take(event(number))
    opened.take(sent(4, complete=True))
    assert await read(opened) == ([1, 2, 3, 4], None)


async def test_the_end_waits_for_what_it_overtook() -> None:
    """The last event is no less an event."""
    opened = stream()
    opened.take(sent(2, complete=True))
    opened.take(event(1))
    assert not opened.is_over
    opened.take(event(2))
    assert await read(opened) == ([1, 2], None)


@pytest.mark.parametrize(
    ("signs", "why"),
    [
        ((alive(2), alive(2)), "Events were lost"),
        ((alive(None), alive(None)), "does not serve it any more"),
        ((alive(1, is_leaving=True),), "stops"),
    ],
)
async def test_what_signs_of_life_show_to_be_lost_ends_the_stream(signs: tuple[Presence, ...], why: str) -> None:
    """Nothing is missed in silence; what has come is still read."""
    opened = stream()
    opened.take(event(1))
    for sign in signs:
        opened.hear(sign)
    got, failure = await read(opened)
    assert got == [1]
    assert failure is not None
    assert failure.code == RuntimeCode.AGENT_OFFLINE
    assert why in failure.message


async def test_a_sign_of_life_that_an_event_meets_on_its_way_ends_nothing() -> None:
    """They may cross: only what is still missing at the next sign is lost."""
    opened = stream()
    opened.hear(alive(1))
    opened.take(event(1))
    opened.hear(alive(1))
    opened.hear(alive(None))
    opened.hear(alive(1))
    opened.hear(alive(None, agent="0b"))
    assert not opened.is_over


async def test_another_agent_cannot_speak_in_a_stream() -> None:
    """A subscription that was delivered twice is served by whoever answered first."""
    opened = stream()
    opened.take(event(1, agent="0b"))
    opened.take(event(1))
    opened.take(sent(1, complete=True))
    assert await read(opened) == ([1], None)


async def test_an_agent_that_sends_more_than_it_may_is_cut_off() -> None:
    """The hub's memory is not an agent's to fill."""
    opened = stream()
    for number in range(1, CREDIT_EVENTS + 2):
        opened.take(event(number))
    got, failure = await read(opened)
    assert len(got) == CREDIT_EVENTS
    assert failure is not None
    assert failure.code == RuntimeCode.DEPARTMENT_MALFORMED_ANSWER


@pytest.mark.parametrize("data", [None, [], "x", {"sequence": "1"}, {"agent": "0a", "sequence": 1, "response": 7}])
async def test_nonsense_is_no_event(data: Any) -> None:
    """It is dropped, or an error of its own event; nothing raises."""
    opened = stream()
    opened.take(Message("m", STREAM, "parks", NOW, data, correlation_id="s"))
    opened.take(sent(1, failure={"code": "DEPARTMENT_ERROR", "message": "over"}))
    opened.take(event(1))
    got, failure = await read(opened)
    assert failure is not None
    assert len(got) <= 1

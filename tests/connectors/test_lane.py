"""Gathering without waiting: what goes together, what does not, and who learns of a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from connectors.broker import BrokerUnavailable, Message
from connectors.lane import LARGEST_GROUP, LARGEST_GROUP_BYTES, SENDS_AT_ONCE, Encoded, Lane


def encoded(body: bytes) -> Encoded:
    return Encoded(Message("m", "t", "s", datetime(2026, 11, 23, tzinfo=UTC), None), body)


class Wire:
    """What is sent, each held until ``release``."""

    def __init__(self) -> None:
        self.sent: list[list[bytes]] = []
        self.release = asyncio.Event()
        self.failure: Exception | None = None

    async def send(self, group: Sequence[Encoded]) -> None:
        self.sent.append([each.body for each in group])
        await self.release.wait()
        if self.failure is not None:
            raise self.failure


async def turn() -> None:
    """Let everything run that can run now."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_lone_message_leaves_at_once_and_alone() -> None:
    """Nobody waits for company that may never come."""
    wire = Wire()
    lane = Lane(wire.send)
    adding = [asyncio.create_task(lane.add(encoded(b"a")))]
    await turn()
    adding.append(asyncio.create_task(lane.add(encoded(b"b"))))
    await turn()
    assert wire.sent == [[b"a"], [b"b"]]
    wire.release.set()
    await asyncio.gather(*adding)
    assert lane.is_idle


async def test_what_comes_while_all_sends_are_under_way_leaves_together() -> None:
    """A backlog is one message, not many."""
    wire = Wire()
    lane = Lane(wire.send)
    adding = []
    for number in range(SENDS_AT_ONCE):
        adding.append(asyncio.create_task(lane.add(encoded(b"%d" % number))))
        await turn()
    adding += [asyncio.create_task(lane.add(encoded(b"late"))) for _ in range(LARGEST_GROUP + 1)]
    await turn()
    assert len(wire.sent) == SENDS_AT_ONCE
    wire.release.set()
    await asyncio.gather(*adding)
    assert [len(group) for group in wire.sent[SENDS_AT_ONCE:]] == [LARGEST_GROUP, 1]


async def test_large_messages_do_not_travel_together() -> None:
    """One that is over the bound by itself goes alone, in its turn."""
    wire = Wire()
    lane = Lane(wire.send)
    large = b"x" * (LARGEST_GROUP_BYTES + 1)
    adding = [asyncio.create_task(lane.add(encoded(body))) for body in (b"a", large, b"b", b"c")]
    await turn()
    wire.release.set()
    await asyncio.gather(*adding)
    assert wire.sent == [[b"a"], [large], [b"b", b"c"]]


async def test_what_was_added_together_leaves_together_in_its_order() -> None:
    """So the later ones are never safe without the earlier, whatever else waits and however many they are."""
    wire = Wire()
    wire.release.set()
    lane = Lane(wire.send, largest_group=3, sends_at_once=1)
    many = [encoded(b"%d" % number) for number in range(5)]
    added = ([encoded(b"a"), encoded(b"b")], [encoded(b"c"), encoded(b"d")], [encoded(b"e")], many)
    await asyncio.gather(*(lane.add(*each) for each in added))
    assert wire.sent == [[b"a", b"b"], [b"c", b"d", b"e"], [b"0", b"1", b"2", b"3", b"4"]]


async def test_a_failure_is_told_to_each_of_its_group() -> None:
    """None may believe that its message is safe."""
    wire = Wire()
    wire.failure = BrokerUnavailable("away")
    wire.release.set()
    lane = Lane(wire.send)
    told = await asyncio.gather(lane.add(encoded(b"a")), lane.add(encoded(b"b")), return_exceptions=True)
    assert [type(each) for each in told] == [BrokerUnavailable, BrokerUnavailable]
    assert wire.sent == [[b"a", b"b"]]


async def test_whoever_gave_up_is_left_behind() -> None:
    """A request whose client went away need not be asked."""
    wire = Wire()
    lane = Lane(wire.send)
    given_up, waiting = asyncio.create_task(lane.add(encoded(b"a"))), asyncio.create_task(lane.add(encoded(b"b")))
    await asyncio.sleep(0)
    given_up.cancel()
    wire.release.set()
    await waiting
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert wire.sent in ([[b"b"]], [[b"a", b"b"]])

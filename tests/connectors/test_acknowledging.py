"""Acknowledgements that stand for several messages never stand for one that is still in hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import ChannelInvalidStateError
from hypothesis import given
from hypothesis import strategies as st

from connectors.broker import BrokerUnavailable
from connectors.rabbitmq.acknowledging import Acknowledging


@dataclass
class Channel:
    """As RabbitMQ counts: what was delivered and is not acknowledged."""

    unacknowledged: set[int]
    frames: int = 0
    is_broken: bool = False

    def message(self, tag: int) -> AbstractIncomingMessage:
        return cast("AbstractIncomingMessage", Incoming(tag, self))


@dataclass
class Incoming:
    delivery_tag: int
    channel: Channel = field(repr=False)

    async def ack(self, multiple: bool = False) -> None:
        if self.channel.is_broken:
            raise ChannelInvalidStateError("closed")
        covered = {tag for tag in self.channel.unacknowledged if tag <= self.delivery_tag}
        assert self.delivery_tag in covered, "what is not there any more closes the channel"
        self.channel.frames += 1
        self.channel.unacknowledged -= covered if multiple else {self.delivery_tag}


async def _end(acknowledging: Acknowledging, channel: Channel, tags: Any) -> None:
    await asyncio.gather(*(acknowledging.end(channel.message(tag)) for tag in tags))


@given(st.permutations(range(1, 13)), st.lists(st.integers(1, 4), min_size=12, max_size=12))
def test_what_has_ended_is_acknowledged_and_nothing_else(order: list[int], sizes: list[int]) -> None:
    """In whatever order, and however many at once: a crash must bring back what is in hand."""

    async def run() -> None:
        acknowledging, channel = Acknowledging(), Channel(set(order))
        left = list(order)
        for size in sizes:
            group, left = left[:size], left[size:]
            await _end(acknowledging, channel, group)
            assert channel.unacknowledged == set(left)

    asyncio.run(run())


async def test_a_batch_is_one_frame() -> None:
    """That is what it is for."""
    acknowledging, channel = Acknowledging(), Channel(set(range(1, 65)))

    await _end(acknowledging, channel, range(1, 65))

    assert (channel.unacknowledged, channel.frames) == (set(), 1)


async def test_everybody_hears_that_the_connection_broke() -> None:
    """Each message comes again, so none may count as ended."""
    acknowledging, channel = Acknowledging(), Channel({1, 2}, is_broken=True)

    ends = (acknowledging.end(channel.message(tag)) for tag in (1, 2))
    told = await asyncio.gather(*ends, return_exceptions=True)

    assert [type(each) for each in told] == [BrokerUnavailable] * 2
    with pytest.raises(BrokerUnavailable):
        await acknowledging.end(channel.message(1))

"""A network between the sides that breaks, over every implementation that has one."""

from __future__ import annotations

import asyncio

import pytest

from connectors.broker import BrokerUnavailable, Delivery
from connectors.topology import (
    command_address,
    event_address,
    inbox_queue,
    partition_of,
)
from tests.contracts.broker.conftest import WIRED_STACKS
from tests.contracts.broker.sides import Collector, commands_of, opened
from tests.contracts.broker.stacks import Stack, message, until
from tests.contracts.broker.wire import Wire

pytestmark = pytest.mark.parametrize("stack", WIRED_STACKS, indirect=True)


@pytest.fixture
def wire(stack: Stack) -> Wire:
    assert stack.wire is not None
    return stack.wire


async def test_a_cut_wire_is_mended_by_itself(stack: Stack, wire: Wire) -> None:
    """The broker's connection is lost in the middle: publishing says so, and afterwards nothing is missing."""
    hub, department = await opened(stack)
    got, inbox = Collector(), Collector()
    await department.consume(commands_of(stack, "k"), got)
    await hub.consume(inbox_queue(partition_of("k")), inbox)
    await hub.publish(command_address(stack.department, "k"), message("before", key="k"))
    await got.wait_for(1)

    await wire.cut()
    event = message("event", key="k", source=stack.department)
    with pytest.raises(BrokerUnavailable):
        await department.publish(event_address(stack.department, "k"), event)
    await wire.mend()

    async def is_published() -> bool:
        try:
            await hub.publish(command_address(stack.department, "k"), message("after", key="k"))
            await department.publish(event_address(stack.department, "k"), event)
        except BrokerUnavailable:
            return False
        return True

    await until(is_published)
    await until(lambda: "after" in got.names and "event" in inbox.names)


async def test_what_was_in_hand_when_the_wire_broke_comes_again_after_its_handler(
    stack: Stack, wire: Wire
) -> None:
    """A command under way is finished before its redelivery is begun: never both at once."""
    hub, department = await opened(stack)
    release, seen = asyncio.Event(), []
    running = 0

    async def slowly(delivery: Delivery) -> None:
        nonlocal running
        running += 1
        assert running == 1
        seen.append(delivery.attempt)
        await release.wait()
        running -= 1
        await delivery.acknowledge()

    queue = commands_of(stack, "k")
    await department.consume(queue, slowly)
    await hub.publish(command_address(stack.department, "k"), message("m", key="k"))
    await until(lambda: seen == [1])
    await wire.cut()
    await wire.mend()

    async def is_back() -> bool:
        try:
            return await department.consumers(queue) > 0
        except BrokerUnavailable:
            return False

    await until(is_back)
    await asyncio.sleep(0.1)
    assert seen == [1]
    release.set()
    await until(lambda: seen == [1, 2])


async def test_a_broker_that_is_not_there_is_told_at_once(stack: Stack, wire: Wire) -> None:
    """The first connection fails loudly; only a connection once made is restored in silence."""
    await wire.cut()
    with pytest.raises(BrokerUnavailable):
        await stack.department_broker()
    await wire.mend()

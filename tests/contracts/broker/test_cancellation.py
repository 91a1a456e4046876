"""Who is interrupted while beginning to consume leaves nothing behind that holds messages."""

from __future__ import annotations

import asyncio

import pytest

from connectors.broker import Delivery
from connectors.remote_broker import RemoteBroker
from connectors.topology import command_address
from tests.contracts.broker.sides import Collector, commands_of, opened
from tests.contracts.broker.stacks import Stack, message


async def _never_ends(_delivery: Delivery) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("steps", [1, 3, 8])
async def test_consuming_that_is_cut_short_holds_no_message(stack: Stack, steps: int) -> None:
    """A connection that breaks at any moment of its beginning must not keep a command from the next one."""
    hub, department = await opened(stack)
    queue = commands_of(stack, "case-1")
    await hub.publish(command_address(stack.department, "case-1"), message("m-1", key="case-1"))
    beginning = asyncio.create_task(department.consume(queue, _never_ends))
    for _ in range(steps):
        await asyncio.sleep(0)
    beginning.cancel()
    (begun,) = await asyncio.gather(beginning, return_exceptions=True)
    if not isinstance(begun, BaseException):
        await begun.cancel()
    if isinstance(department, RemoteBroker):
        # An agent that is interrupted ends its connection, with which the hub takes everything back.
        await department.close()
        department = await stack.department_broker()
    got = Collector()
    await department.consume(queue, got)
    assert await got.wait_for(1) == ["m-1"]

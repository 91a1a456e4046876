"""Many transient messages at once, which an implementation may send together: nobody notices."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from connectors.broker import Delivery
from connectors.topology import replies_queue, reply_address, request_address, requests_queue
from tests.contracts.broker.sides import Collector, opened
from tests.contracts.broker.stacks import Stack, message, until

SOON = timedelta(seconds=20)
MANY = 60


async def test_many_at_once_arrive_each_once(stack: Stack) -> None:
    """There and back, each with its own id and in the order of sending."""
    hub, department = await opened(stack)
    asked, answered = Collector(), Collector()
    await department.consume(requests_queue(stack.department), asked)
    await hub.consume(replies_queue("one"), answered, prefetch=MANY)
    names = [f"m{number:02}" for number in range(MANY)]
    await asyncio.gather(
        *(
            hub.publish(request_address(stack.department), message(n, expires_in=SOON), durable=False)
            for n in names
        )
    )
    assert sorted(await asked.wait_for(MANY)) == names
    address = reply_address(stack.department, "one")
    replies = [message(f"r-{n}", source=stack.department, expires_in=SOON) for n in names]
    await asyncio.gather(*(department.publish(address, reply, durable=False) for reply in replies))
    assert sorted(await answered.wait_for(MANY)) == [f"r-{n}" for n in names]
    await asyncio.sleep(0.2)
    assert (len(asked.names), len(answered.names)) == (MANY, MANY)


async def test_each_of_many_ends_by_itself(stack: Stack) -> None:
    """What is acknowledged beside one that is still in hand, is tried again, or is no use, stays ended."""
    hub, department = await opened(stack)
    release, tried = asyncio.Event(), list[tuple[str, int]]()

    async def handle(delivery: Delivery) -> None:
        tried.append((delivery.message.id, delivery.attempt))
        if delivery.message.id == "slow":
            await release.wait()
        if delivery.message.id == "again" and delivery.attempt == 1:
            await delivery.retry(timedelta(milliseconds=50), "once more")
        elif delivery.message.id == "bad":
            await delivery.dead_letter("no use")
        else:
            await delivery.acknowledge()

    await department.consume(requests_queue(stack.department), handle)
    names = ("slow", "again", "bad", "fine", "fine too")
    await asyncio.gather(
        *(
            hub.publish(request_address(stack.department), message(n, expires_in=SOON), durable=False)
            for n in names
        )
    )
    await until(lambda: ("again", 2) in tried and len(tried) == 6)
    release.set()

    async def is_buried() -> bool:
        return [letter.message.id for letter in await hub.dead_letters()] == ["bad"]

    await until(is_buried)
    await asyncio.sleep(0.1)
    assert sorted(tried) == [("again", 1), ("again", 2), ("bad", 1), ("fine", 1), ("fine too", 1), ("slow", 1)]


async def test_an_expired_message_is_not_delivered_beside_a_fresh_one(stack: Stack) -> None:
    """Each has its own deadline, however they travelled; the handler sees it."""
    hub, department = await opened(stack)
    got = Collector()
    short, long = message("short", expires_in=timedelta(seconds=0.3)), message("long", expires_in=SOON)
    address = request_address(stack.department)
    await asyncio.gather(*(hub.publish(address, each, durable=False) for each in (short, long)))
    await asyncio.sleep(0.5)
    await department.consume(requests_queue(stack.department), got)
    await got.wait_for(1)
    await asyncio.sleep(0.2)
    assert got.names == ["long"]

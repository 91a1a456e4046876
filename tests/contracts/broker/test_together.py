"""Many messages at once, which an implementation may send together: nobody notices."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from connectors.broker import Delivery
from connectors.topology import (
    event_address,
    inbox_queues,
    replies_queue,
    reply_address,
    request_address,
    requests_queue,
)
from tests.contracts.broker.sides import Collector, opened
from tests.contracts.broker.stacks import Stack, message, until

pytestmark = pytest.mark.whole

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


async def test_what_departments_say_at_once_arrives_each_once_and_in_order_per_case(stack: Stack) -> None:
    """Several cases' events side by side, each case's own all together: none lost, doubled or overtaken."""
    hub, department = await opened(stack)
    got = Collector()
    for queue in inbox_queues():
        await hub.consume(queue, got)
    cases = [f"case-{number}" for number in range(12)]

    async def tell(case: str) -> None:
        address = event_address(stack.department, case)
        said = [message(f"{case}/{step}", key=case, source=stack.department) for step in range(3)]
        await department.publish_all(address, said)
        await department.publish(address, message(f"{case}/3", key=case, source=stack.department))

    await asyncio.gather(*(tell(case) for case in cases))
    await got.wait_for(len(cases) * 4)
    await asyncio.sleep(0.2)
    for case in cases:
        of_case = [name for name in got.names if name.startswith(f"{case}/")]
        assert of_case == [f"{case}/{step}" for step in range(4)]


async def test_of_what_was_said_together_each_ends_by_itself(stack: Stack) -> None:
    """One that is refused or tried again takes no other with it, and later ones of its case wait for it."""
    hub, department = await opened(stack)
    tried = list[tuple[str, int]]()

    async def handle(delivery: Delivery) -> None:
        tried.append((delivery.message.id, delivery.attempt))
        if delivery.message.id == "again" and delivery.attempt == 1:
            raise RuntimeError("once more")
        if delivery.message.id == "bad":
            await delivery.dead_letter("no use")
        else:
            await delivery.acknowledge()

    address = event_address(stack.department, "k")
    said = [message(name, key="k", source=stack.department) for name in ("first", "bad", "again", "last")]
    await department.publish_all(address, said)
    for queue in inbox_queues():
        await hub.consume(queue, handle)

    await until(lambda: ("last", 1) in tried)
    assert tried == [("first", 1), ("bad", 1), ("again", 1), ("again", 2), ("last", 1)]
    assert [letter.message.id for letter in await hub.dead_letters()] == ["bad"]

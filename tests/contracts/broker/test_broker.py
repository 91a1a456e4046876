"""What every broker promises (connectors/broker.py), over every implementation."""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.broker import Delivery, Message, QueueStatistics, Unroutable
from connectors.topology import (
    command_address,
    event_address,
    inbox_queue,
    partition_of,
    replies_queue,
    reply_address,
    request_address,
    requests_queue,
)
from tests.contracts.broker.sides import Collector, commands_of, opened
from tests.contracts.broker.stacks import Stack, as_argument, keys_of_one_partition, message, until


async def test_a_message_arrives_as_it_was_sent(stack: Stack) -> None:
    """Nothing of the envelope is lost on the way, whatever the broker's own format."""
    hub, department = await opened(stack)
    sent = Message(
        id="c-1",
        type="jiyi.command",
        source="hub",
        time=datetime(2026, 11, 3, 8, 30, 0, 123000, tzinfo=UTC),
        data={"query": "mutation { a }", "variables": {"名": [1, 2.5, None, True]}},
        subject="receipt-1",
        partition_key="case-1",
        correlation_id="corr",
        reply_to="one",
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        extensions={"channel": "web"},
    )
    got = Collector()
    await department.consume(commands_of(stack, "case-1"), got)
    await hub.publish(command_address(stack.department, "case-1"), sent)
    await got.wait_for(1)
    assert got.deliveries[0].message == sent
    assert got.deliveries[0].attempt == 1


async def test_what_was_accepted_waits_for_its_consumer_across_restarts(stack: Stack) -> None:
    """The agent is stopped, the hub restarts: the command is still there."""
    hub, department = await opened(stack)
    await hub.publish(command_address(stack.department, "k"), message("kept", key="k"))
    await hub.close()
    await department.close()
    got = Collector()
    await (await stack.department_broker()).consume(commands_of(stack, "k"), got)
    assert await got.wait_for(1) == ["kept"]


async def test_a_killed_consumer_loses_nothing(stack: Stack) -> None:
    """SIGKILL while a message is in hand: it comes again, and says that it was tried before."""
    hub, department = await opened(stack)
    queue = commands_of(stack, "k")
    await hub.publish(command_address(stack.department, "k"), message("held", key="k"))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.contracts.broker.consuming_process",
        as_argument(stack.department_process()),
        queue,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"held\n"
    finally:
        process.kill()
        await process.wait()
    got = Collector()
    await department.consume(queue, got)
    assert await got.wait_for(1) == ["held"]
    assert got.deliveries[0].attempt == 2


async def test_what_is_in_hand_goes_back_when_the_consumer_is_cancelled(stack: Stack) -> None:
    """An agent that stops politely delays nothing: the next one gets the message at once."""
    hub, department = await opened(stack)
    in_hand = asyncio.Event()

    async def hold(delivery: Delivery) -> None:
        in_hand.set()
        await asyncio.Event().wait()

    first = await department.consume(commands_of(stack, "k"), hold)
    await hub.publish(command_address(stack.department, "k"), message("back", key="k"))
    await asyncio.wait_for(in_hand.wait(), 5)
    await first.cancel()
    got = Collector()
    await department.consume(commands_of(stack, "k"), got)
    assert await got.wait_for(1) == ["back"]


async def test_messages_of_one_key_are_handled_in_order(stack: Stack) -> None:
    """A case's steps never overtake each other, also when many cases share a queue."""
    hub, department = await opened(stack)
    keys = keys_of_one_partition(3)
    seen: dict[str, list[int]] = defaultdict(list)

    async def slow_at_even(delivery: Delivery) -> None:
        number = int(delivery.message.id.split(":")[1])
        await asyncio.sleep(0.01 if number % 2 == 0 else 0)
        seen[delivery.message.partition_key].append(number)
        await delivery.acknowledge()

    await department.consume(commands_of(stack, keys[0]), slow_at_even)
    for number in range(8):
        for key in keys:
            await hub.publish(command_address(stack.department, key), message(f"{key}:{number}", key=key))
    await until(lambda: sum(map(len, seen.values())) == 24)
    assert seen == {key: list(range(8)) for key in keys}


async def test_two_consumers_of_a_partition_never_handle_one_key_at_once(stack: Stack) -> None:
    """Two agents on one queue are for safety; they do not break the order."""
    hub, department = await opened(stack)
    second = await stack.department_broker()
    running = 0
    seen: list[int] = []

    async def alone(delivery: Delivery) -> None:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0.005)
        seen.append(int(delivery.message.id))
        running -= 1
        await delivery.acknowledge()

    await department.consume(commands_of(stack, "k"), alone)
    await second.consume(commands_of(stack, "k"), alone)
    for number in range(10):
        await hub.publish(command_address(stack.department, "k"), message(str(number), key="k"))
    await until(lambda: len(seen) == 10)
    assert seen == list(range(10))


async def test_a_consumer_holds_no_more_than_its_prefetch(stack: Stack) -> None:
    """Back-pressure: a slow department is not drowned."""
    hub, department = await opened(stack)
    in_hand = most = done = 0

    async def count(delivery: Delivery) -> None:
        nonlocal in_hand, most, done
        in_hand += 1
        most = max(most, in_hand)
        await asyncio.sleep(0.02)
        in_hand -= 1
        done += 1
        await delivery.acknowledge()

    await department.consume(requests_queue(stack.department), count, prefetch=2)
    for number in range(8):
        await hub.publish(request_address(stack.department), message(str(number)), durable=False)
    await until(lambda: done == 8)
    assert most == 2


async def test_two_consumers_share_the_work_of_a_queue(stack: Stack) -> None:
    """Two agents answer twice as many reads; none is answered twice."""
    hub, department = await opened(stack)
    second = await stack.department_broker()
    seen: list[tuple[str, str]] = []

    def worker(name: str) -> Callable[[Delivery], asyncio.Future[None]]:
        async def handle(delivery: Delivery) -> None:
            await asyncio.sleep(0.02)
            seen.append((name, delivery.message.id))
            await delivery.acknowledge()

        return handle  # type: ignore[return-value] # a coroutine function is a Handler

    await department.consume(requests_queue(stack.department), worker("a"), prefetch=1)
    await second.consume(requests_queue(stack.department), worker("b"), prefetch=1)
    for number in range(20):
        await hub.publish(request_address(stack.department), message(str(number)))
    await until(lambda: len(seen) >= 20)
    assert sorted(int(name) for _, name in seen) == list(range(20))
    assert {worker_name for worker_name, _ in seen} == {"a", "b"}


async def test_a_message_to_nobody_is_refused(stack: Stack) -> None:
    """A typing mistake in a department's name is an error at once, not a message lost."""
    hub, _ = await opened(stack)
    for address in (
        command_address("dept-never-declared", "k"),
        request_address("dept-never-declared"),
        reply_address(stack.department, "no-such-hub"),
    ):
        source = stack.department if ".out" in address else "hub"
        with pytest.raises(Unroutable):
            await hub.publish(address, message("m", key="k", source=source))


async def test_a_queue_that_does_not_exist_cannot_be_consumed(stack: Stack) -> None:
    """An agent that starts before its department is declared is told so, and tries again."""
    department = await stack.department_broker()
    with pytest.raises(Unroutable):
        await department.consume(requests_queue(stack.department), Collector())


async def test_a_department_speaks_for_itself_only(stack: Stack) -> None:
    """The source is how the hub knows who decided: it cannot be another's."""
    _, department = await opened(stack)
    with pytest.raises(ValueError, match="source"):
        await department.publish(event_address(stack.department, "k"), message("m", key="k", source="finance"))


async def test_an_expired_request_is_not_delivered(stack: Stack) -> None:
    """Nobody waits for the answer any more, so the department is not troubled."""
    hub, department = await opened(stack)
    address = request_address(stack.department)
    await hub.publish(address, message("late", expires_in=timedelta(milliseconds=50)), durable=False)
    await hub.publish(address, message("in-time", expires_in=timedelta(seconds=30)), durable=False)
    await asyncio.sleep(0.15)
    got = Collector()
    await department.consume(requests_queue(stack.department), got)
    assert await got.wait_for(1) == ["in-time"]
    await asyncio.sleep(0.1)
    assert got.names == ["in-time"]


async def test_a_request_gets_its_reply(stack: Stack) -> None:
    """The read road: request, reply to the hub's process that asked."""
    hub, department = await opened(stack)
    got = Collector()

    async def answer(delivery: Delivery) -> None:
        reply = message("reply", source=stack.department, correlation_id=delivery.message.correlation_id)
        await department.publish(reply_address(stack.department, "one"), reply, durable=False)
        await delivery.acknowledge()

    await hub.consume(replies_queue("one"), got)
    await department.consume(requests_queue(stack.department), answer)
    await hub.publish(request_address(stack.department), message("ask", correlation_id="c"), durable=False)
    await got.wait_for(1)
    assert got.deliveries[0].message.correlation_id == "c"


async def test_an_event_reaches_the_hubs_inbox(stack: Stack) -> None:
    """The write road back: what a department says about a case, in the case's partition."""
    hub, department = await opened(stack)
    got = Collector()
    await hub.consume(inbox_queue(partition_of("case-7")), got)
    await department.publish(
        event_address(stack.department, "case-7"), message("e", key="case-7", source=stack.department)
    )
    assert await got.wait_for(1) == ["e"]


async def test_the_number_of_consumers_is_known(stack: Stack) -> None:
    """The hub tells "agent offline" from "agent slow" by it."""
    hub, department = await opened(stack)
    queue = requests_queue(stack.department)
    assert await hub.consumers(queue) == 0
    assert await hub.consumers(requests_queue("dept-never-declared")) == 0
    consumption = await department.consume(queue, Collector())
    assert await hub.consumers(queue) == 1
    await consumption.cancel()
    assert await hub.consumers(queue) == 0


async def test_statistics_count_what_waits(stack: Stack) -> None:
    """The operator's page: what lies where, and that nothing is left once traffic rests."""
    hub, department = await opened(stack)
    queue = commands_of(stack, "k")

    async def figures() -> QueueStatistics:
        return next(entry for entry in await hub.statistics() if entry.name == queue)

    async def settle(ready: int, consumers: int) -> None:
        async def is_settled() -> bool:
            now = await figures()
            return (now.ready, now.unacknowledged, now.consumers) == (ready, 0, consumers)

        await until(is_settled)

    for number in range(3):
        await hub.publish(command_address(stack.department, "k"), message(str(number), key="k"))
    await settle(ready=3, consumers=0)
    got = Collector()
    await department.consume(queue, got)
    await got.wait_for(3)
    await settle(ready=0, consumers=1)


async def test_declaring_twice_is_harmless(stack: Stack) -> None:
    """A second start finds what the first has made, with what is in it."""
    hub, department = await opened(stack)
    await hub.publish(command_address(stack.department, "k"), message("kept", key="k"))
    await hub.declare_department(stack.department)
    await hub.declare_hub("one")
    got = Collector()
    await department.consume(commands_of(stack, "k"), got)
    assert await got.wait_for(1) == ["kept"]


async def test_a_name_that_would_break_topics_is_refused(stack: Stack) -> None:
    """Dots, stars and hashes are syntax in routing keys (a department could listen to others)."""
    hub, _ = await opened(stack)
    for name in ("a.b", "a*", "#", "hub", "", "A"):
        with pytest.raises(ValueError, match="cannot name a department"):
            await hub.declare_department(name)

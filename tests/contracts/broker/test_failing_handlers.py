"""What becomes of a message whose handler fails: retry, order, dead letter, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.broker import Delivery
from connectors.topology import (
    DELIVERY_LIMIT,
    command_address,
)
from tests.contracts.broker.sides import Collector, commands_of, opened
from tests.contracts.broker.stacks import Stack, keys_of_one_partition, message, until

SHORT = timedelta(milliseconds=20)


async def test_a_retried_message_holds_back_its_own_key_only(stack: Stack) -> None:
    """One case that must wait does not stop the district."""
    hub, department = await opened(stack)
    waiting, other = keys_of_one_partition(2)
    got = Collector()

    async def retry_first_once(delivery: Delivery) -> None:
        if delivery.message.id == "first" and delivery.attempt == 1:
            await delivery.retry(timedelta(milliseconds=300), "not yet")
        else:
            await got(delivery)

    await department.consume(commands_of(stack, waiting), retry_first_once)
    for name, key in (("first", waiting), ("second", waiting), ("elsewhere", other)):
        await hub.publish(command_address(stack.department, key), message(name, key=key))
    assert await got.wait_for(3) == ["elsewhere", "first", "second"]
    assert got.deliveries[1].attempt == 2


async def test_a_message_that_fails_too_often_becomes_a_dead_letter(stack: Stack) -> None:
    """It is kept with its reason, and the messages behind it go on."""
    hub, department = await opened(stack)
    got = Collector()
    tries: list[int] = []

    async def refuse_bad(delivery: Delivery) -> None:
        if delivery.message.id != "bad":
            await got(delivery)
            return
        tries.append(delivery.attempt)
        await delivery.retry(SHORT, "the form is torn")

    await department.consume(commands_of(stack, "k"), refuse_bad)
    await hub.publish(command_address(stack.department, "k"), message("bad", key="k"))
    await hub.publish(command_address(stack.department, "k"), message("good", key="k"))
    assert await got.wait_for(1) == ["good"]
    assert tries == list(range(1, DELIVERY_LIMIT + 1))
    (letter,) = await hub.dead_letters()
    assert (letter.queue, letter.message.id, letter.reason, letter.attempts) == (
        commands_of(stack, "k"),
        "bad",
        "the form is torn",
        DELIVERY_LIMIT,
    )
    assert abs(datetime.now(UTC) - letter.since) < timedelta(seconds=30)


async def test_a_handler_that_raises_is_a_retry(stack: Stack) -> None:
    """A mistake in a handler costs a second, not the message."""
    hub, department = await opened(stack)
    got = Collector()

    async def stumble_once(delivery: Delivery) -> None:
        if delivery.attempt == 1:
            raise KeyError("stumble")
        await got(delivery)

    await department.consume(commands_of(stack, "k"), stumble_once)
    await hub.publish(command_address(stack.department, "k"), message("m", key="k"))
    await got.wait_for(1)
    assert got.deliveries[0].attempt == 2


async def test_a_dead_letter_can_be_sent_again(stack: Stack) -> None:
    """After the mend, an operator redrives it, and it starts from its first attempt."""
    hub, department = await opened(stack)
    mended = False
    got = Collector()

    async def handle(delivery: Delivery) -> None:
        if mended:
            await got(delivery)
        else:
            await delivery.dead_letter("unknown form")

    await department.consume(commands_of(stack, "k"), handle)
    for name in ("one", "two"):
        await hub.publish(command_address(stack.department, "k"), message(name, key="k"))

    async def dead() -> list[str]:
        return sorted(letter.message.id for letter in await hub.dead_letters())

    async def both_are_dead() -> bool:
        return await dead() == ["one", "two"]

    await until(both_are_dead)
    mended = True
    assert await hub.redrive("two")
    assert await got.wait_for(1) == ["two"]
    assert got.deliveries[0].attempt == 1
    assert await dead() == ["one"]
    assert not await hub.redrive("two")
    assert not await hub.redrive("never-seen")

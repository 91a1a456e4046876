"""What RabbitMQ alone can get wrong: strangers writing straight to it, past our own checks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aio_pika
import pytest

from connectors.broker import Broker, Delivery, Message
from connectors.cloud_events import BATCH_MEDIA_TYPE, encode_event, join_events
from connectors.topology import (
    DEAD_LETTER_QUEUE,
    HUB_EXCHANGE,
    inbox_queue,
    out_exchange,
    partition_of,
    requests_queue,
)
from tests.contracts.broker.conftest import rabbitmq_stack
from tests.contracts.broker.stacks import RabbitMQStack, message, until

pytestmark = pytest.mark.rabbitmq


@pytest.fixture
async def stack(amqp_url: str) -> AsyncIterator[RabbitMQStack]:
    async with AsyncExitStack() as closing:
        yield await rabbitmq_stack(amqp_url, closing)


@pytest.fixture
async def hub(stack: RabbitMQStack) -> Broker:
    broker = await stack.hub_broker()
    await broker.declare_hub("one")
    await broker.declare_department(stack.department)
    return broker


async def write_raw(url: str, exchange: str, key: str, body: bytes, headers: dict[str, Any]) -> None:
    """As a department's own program could, with the department's credentials."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        target = await channel.get_exchange(exchange, ensure=False)
        await target.publish(aio_pika.Message(body, headers=headers), key)


async def letters(hub: Broker, number: int) -> list[tuple[str, str]]:
    async def are_there() -> bool:
        return len(await hub.dead_letters()) == number

    await until(are_there)
    return [(letter.queue, letter.reason) for letter in await hub.dead_letters()]


async def consume_inbox(hub: Broker) -> list[Message]:
    got: list[Message] = []

    async def take(delivery: Delivery) -> None:
        got.append(delivery.message)
        await delivery.acknowledge()

    await hub.consume(inbox_queue(partition_of("k")), take)
    return got


async def test_an_event_in_anothers_name_is_never_handled(
    hub: Broker, stack: RabbitMQStack, amqp_url: str
) -> None:
    """The exchange says whose it is; the envelope may not say otherwise."""
    got = await consume_inbox(hub)
    exchange, key = f"{stack.namespace}{out_exchange(stack.department)}", f"event.{partition_of('k')}"
    await write_raw(amqp_url, exchange, key, encode_event(message("forged", key="k", source="finance")), {})
    ((queue, reason),) = await letters(hub, 1)
    assert queue == inbox_queue(partition_of("k"))
    assert reason == f'"{stack.department}" sent a message in the name of "finance".'
    assert got == []


async def test_a_body_that_is_no_event_is_kept_for_the_operator(
    hub: Broker, stack: RabbitMQStack, amqp_url: str
) -> None:
    """Garbage neither stops the queue nor disappears."""
    got = await consume_inbox(hub)
    exchange, key = f"{stack.namespace}{out_exchange(stack.department)}", f"event.{partition_of('k')}"
    await write_raw(amqp_url, exchange, key, b"\xffgarbage", {})
    await write_raw(amqp_url, exchange, key, encode_event(message("good", key="k", source=stack.department)), {})
    await until(lambda: [message.id for message in got] == ["good"])
    assert await letters(hub, 1) == [(inbox_queue(partition_of("k")), "It is no CloudEvent.")]


async def test_a_department_cannot_have_a_letter_sent_to_another(
    hub: Broker, stack: RabbitMQStack, amqp_url: str
) -> None:
    """A forged dead letter, redriven by a kind operator, would be a command to a neighbour."""
    exchange = f"{stack.namespace}{out_exchange(stack.department)}"
    headers = {
        "x-jiyi-queue": requests_queue("finance"),
        "x-jiyi-reason": "please",
        "x-jiyi-attempts": "many",
        "x-jiyi-since": "once upon a time",
    }
    await write_raw(amqp_url, exchange, "dead", encode_event(message("m", source=stack.department)), headers)
    ((queue, _),) = await letters(hub, 1)
    assert queue == out_exchange(stack.department)
    assert not await hub.redrive("m")


async def test_what_rabbitmq_buries_together_is_as_many_letters(
    hub: Broker, stack: RabbitMQStack, amqp_url: str
) -> None:
    """Events that travelled together and crashed every hub: each is seen, and one can be sent again without the
    others."""
    got = await consume_inbox(hub)
    said = [message(name, key="k", source=stack.department) for name in ("one", "two", "three")]
    body = join_events([encode_event(each) for each in said])
    queue = inbox_queue(partition_of("k"))
    death: Any = {"queue": f"{stack.namespace}{queue}", "reason": "delivery_limit"}
    connection = await aio_pika.connect(amqp_url)
    async with connection, connection.channel() as channel:
        target = await channel.get_exchange(f"{stack.namespace}{HUB_EXCHANGE}", ensure=False)
        buried = aio_pika.Message(body, content_type=BATCH_MEDIA_TYPE, headers={"x-death": [death]})
        await target.publish(buried, DEAD_LETTER_QUEUE)
    assert await letters(hub, 3) == [(queue, "RabbitMQ: delivery_limit")] * 3

    assert await hub.redrive("two")
    await until(lambda: [message.id for message in got] == ["two"])
    assert await letters(hub, 2) == [(queue, "RabbitMQ: delivery_limit")] * 2
    assert sorted(letter.message.id for letter in await hub.dead_letters()) == ["one", "three"]


async def test_cancelling_one_consumer_leaves_the_connection_to_the_others(
    hub: Broker, stack: RabbitMQStack
) -> None:
    """A connector is retired while the rest of the hub goes on."""

    async def ignore(delivery: Delivery) -> None:
        await delivery.acknowledge()

    first = await hub.consume(requests_queue(stack.department), ignore)
    got = await consume_inbox(hub)
    await first.cancel()
    assert await hub.consumers(requests_queue(stack.department)) == 0
    department = await stack.department_broker()
    event = message("m", key="k", source=stack.department)
    await department.publish(f"{out_exchange(stack.department)}/event.{partition_of('k')}", event)
    await until(lambda: [message.id for message in got] == ["m"])

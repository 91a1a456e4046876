"""S25 on RabbitMQ: what a department's own user is refused, tried with a bare client and its real credentials."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import AMQPConnectionError
from aiormq.exceptions import ChannelAccessRefused

from connectors.broker import Delivery, Message
from connectors.clock import SystemClock
from connectors.cloud_events import encode_event
from connectors.connector import ConnectorFailure, FetchRequest
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.queue_messages import REQUEST, RESPONSE
from connectors.rabbitmq import RabbitMQBroker
from connectors.topology import agent_queue, command_queues, inbox_queues, replies_queue, requests_queue
from hub.messages.broker_accounts import AccountsUnavailable, BrokerAccount, ManagedAccounts, ToldAccounts
from tests.contracts.broker.stacks import message, until
from tests.rabbitmq_node import RabbitMQNode

pytestmark = pytest.mark.whole

CLOCK = SystemClock()
OWN, OTHER, HUB = "civil-affairs", "finance", "one"


@dataclass
class World:
    """A hub at a broker of its own, two departments, and the credentials of one of them."""

    hub: RabbitMQBroker
    node: RabbitMQNode
    namespace: str
    accounts: ManagedAccounts
    account: BrokerAccount

    @property
    def url(self) -> str:
        return self.node.url_of(self.account.user or "", self.account.password or "")

    def stored(self, name: str) -> str:
        return f"{self.namespace}{name}"


@pytest.fixture
async def world(rabbitmq_node: RabbitMQNode) -> AsyncIterator[World]:
    namespace = f"t{uuid.uuid4().hex[:8]}."
    hub = RabbitMQBroker(rabbitmq_node.url, CLOCK, namespace=namespace)
    await hub.connect()
    await hub.declare_hub(HUB)
    for department in (OWN, OTHER):
        await hub.declare_department(department)
    accounts = ManagedAccounts(rabbitmq_node.management_url, namespace, "/")
    yield World(hub, rabbitmq_node, namespace, accounts, await accounts.admit(OWN))
    await hub.close()


async def refused(url: str, act: Callable[[AbstractChannel], Awaitable[Any]]) -> bool:
    """Whether RabbitMQ refuses ``act`` for want of permission; it closes the channel then."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        try:
            await act(channel)
        except (ChannelAccessRefused, asyncio.CancelledError):
            return True
        return False


async def ignore(_: object) -> None:
    """What is consumed here comes again to whoever is meant."""


def publishing(exchange: str, key: str) -> Callable[[AbstractChannel], Awaitable[Any]]:
    async def act(channel: AbstractChannel) -> None:
        target = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
        await target.publish(aio_pika.Message(encode_event(message("m", source=OWN))), key, timeout=5)

    return act


def consuming(queue: str) -> Callable[[AbstractChannel], Awaitable[Any]]:
    async def act(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).consume(ignore)

    return act


def taking(queue: str) -> Callable[[AbstractChannel], Awaitable[Any]]:
    async def act(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).get(fail=False)

    return act


async def test_a_department_consumes_its_own_queues_and_no_other(world: World) -> None:
    """Not a neighbour's requests and commands, not the hub's inbox, replies and dead letters, nor all at once."""
    for department in (OWN, OTHER):
        await world.hub.declare_agent(department, "0a1b")
    own = (requests_queue(OWN), *command_queues(OWN), agent_queue(OWN, "0a1b"))
    others = (
        agent_queue(OTHER, "0a1b"),
        requests_queue(OTHER),
        *command_queues(OTHER),
        *inbox_queues(),
        replies_queue(HUB),
        "jiyi.dead",
    )
    for name in own:
        assert not await refused(world.url, consuming(world.stored(name))), name
    for name in others:
        assert await refused(world.url, consuming(world.stored(name))), name
        assert await refused(world.url, taking(world.stored(name))), name
    for name in (f"{OWN}.requests.", f"x{OWN}.requests", f"{OWN}-2.requests"):
        assert await refused(world.url, consuming(world.stored(name))), name


async def test_a_department_writes_its_own_exchange_under_its_own_keys_only(world: World) -> None:
    """The default exchange would lead anywhere; a wildcard as a key would be bound to whatever comes."""
    out = world.stored(f"{OWN}.out")
    for key in ("event.0", "event.3", f"reply.{HUB}", "presence", "dead"):
        assert not await refused(world.url, publishing(out, key)), key
    for key in (
        "*",
        "#",
        ".",
        ">",
        "event.#",
        "event.*",
        "event.4",
        "reply.*",
        "reply.#",
        "reply.a.b",
        "commands",
    ):
        assert await refused(world.url, publishing(out, key)), key
    for exchange in (f"{OTHER}.out", "jiyi.hub", "jiyi.in", f"{OWN}.out2"):
        assert await refused(world.url, publishing(world.stored(exchange), "event.0")), exchange
    for key in (world.stored(requests_queue(OTHER)), world.stored(requests_queue(OWN)), "anything"):
        assert await refused(world.url, publishing("", key)), key
        assert await refused(world.url, publishing("amq.topic", key)), key


async def test_a_department_makes_empties_and_removes_nothing(world: World) -> None:
    """Not even its own queues: what waits in them is the hub's promise."""
    own, others = world.stored(requests_queue(OWN)), world.stored(requests_queue(OTHER))
    out = world.stored(f"{OWN}.out")
    attempts: list[Callable[[AbstractChannel], Awaitable[Any]]] = [
        lambda channel: channel.declare_queue(f"{OWN}.more"),
        lambda channel: channel.declare_queue("", exclusive=True),
        lambda channel: channel.declare_exchange(f"{OWN}.more"),
        lambda channel: channel.queue_delete(others),
        lambda channel: channel.queue_delete(own),
        lambda channel: channel.exchange_delete(out),
        lambda channel: _purge(channel, others),
        lambda channel: _bind(channel, own, world.stored("jiyi.in")),
        lambda channel: _bind(channel, own, world.stored(f"{OTHER}.out")),
    ]
    for number, attempt in enumerate(attempts):
        assert await refused(world.url, attempt), number


async def _purge(channel: AbstractChannel, queue: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).purge()


async def _bind(channel: AbstractChannel, queue: str, exchange: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).bind(exchange, "#")


async def test_the_management_door_is_closed_to_a_department(world: World) -> None:
    """Its user has no tag: it sees nothing there, neither others' queues nor their messages."""
    department = ManagedAccounts(
        world.node.management_url.replace("guest:guest", f"{world.account.user}:{world.account.password}"),
        world.namespace,
        "/",
    )
    with pytest.raises(AccountsUnavailable, match="HTTP 401"):
        await department.admit(OTHER)


async def test_a_forged_or_replayed_reply_reaches_nobody(world: World) -> None:
    """A neighbour who learnt a correlation id answers first, in its own name and in the other's; then the
    department itself answers twice. Only its first answer counts."""
    replies = Replies(world.hub, HUB)
    await replies.open()
    connector = MessageQueueConnector(OTHER, world.hub, replies, sdl="", clock=CLOCK)
    got: list[Message] = []

    async def take(delivery: Delivery) -> None:
        if delivery.message.type == REQUEST:
            got.append(delivery.message)
        await delivery.acknowledge()

    await world.hub.consume(requests_queue(OTHER), take)
    asked = asyncio.create_task(connector.fetch(FetchRequest("{ ok }")))
    await until(lambda: bool(got))

    async def answer(url: str, exchange: str, source: str, text: str) -> None:
        reply = Message(
            uuid.uuid4().hex,
            RESPONSE,
            source,
            CLOCK.now(),
            {"data": {"ok": text}},
            correlation_id=got[0].correlation_id,
        )
        connection = await aio_pika.connect(url)
        async with connection, connection.channel() as channel:
            target = await channel.get_exchange(world.stored(exchange), ensure=False)
            await target.publish(aio_pika.Message(encode_event(reply)), f"reply.{HUB}")

    for source in (OWN, OTHER, "hub"):
        await answer(world.url, f"{OWN}.out", source, "forged")
    await asyncio.sleep(0.3)
    assert not asked.done()
    for text in ("first", "replayed"):
        await answer(world.node.url, f"{OTHER}.out", OTHER, text)
    assert (await asked).data == {"ok": "first"}
    with pytest.raises(ConnectorFailure):
        await connector.fetch(FetchRequest("{ ok }", timeout=CLOCK.now() - CLOCK.now()))
    await replies.close()


async def test_a_new_password_leaves_connections_alone_and_ends_the_old_one(world: World) -> None:
    """A rotation without an outage: what is connected stays, what comes anew needs the new password."""
    connection = await aio_pika.connect(world.url)
    channel = await connection.channel()
    renewed = await world.accounts.admit(OWN)
    assert renewed.user == world.account.user
    assert renewed.password != world.account.password
    await publishing(world.stored(f"{OWN}.out"), "event.0")(channel)
    with pytest.raises(AMQPConnectionError):
        await aio_pika.connect(world.url)
    again = await aio_pika.connect(world.node.url_of(renewed.user or "", renewed.password or ""))
    await again.close()
    await connection.close()


async def test_a_dismissed_department_is_thrown_out(world: World) -> None:
    """Its connections end with its user; a second time is harmless."""
    connection = await aio_pika.connect(world.url)
    ended = asyncio.Event()
    connection.close_callbacks.add(lambda *_: ended.set())
    assert await world.accounts.dismiss(OWN) == ()
    await asyncio.wait_for(ended.wait(), 10)
    with pytest.raises(AMQPConnectionError):
        await aio_pika.connect(world.url)
    assert await world.accounts.dismiss(OWN) == ()


async def test_the_commands_for_an_administrator_say_the_same(world: World) -> None:
    """Where the hub may not do it, the printed commands carry the very permissions that the tests above prove."""
    account = await ToldAccounts(world.namespace, "/").admit(OWN)
    user, exchange = world.account.user, world.stored(f"{OWN}.out")
    own = world.stored(f"{OWN}.").replace(".", r"\.").replace("-", r"\-")
    add, tags, permissions, topics = account.commands
    assert add == (
        f"rabbitmqctl add_user {user} {account.password} || rabbitmqctl change_password {user} {account.password}"
    )
    assert tags == f"rabbitmqctl set_user_tags {user}"
    assert permissions == (
        f"rabbitmqctl set_permissions -p / {user} '^$' '^{own}out$'"
        f" '^{own}(requests|commands\\.[0-3]|agents\\.[0-9a-f]+)$'"
    )
    assert topics == (
        f"rabbitmqctl set_topic_permissions -p / {user} {exchange}"
        " '^(event\\.[0-3]|reply\\.[A-Za-z0-9-]+|presence|dead)$' '^$'"
    )
    assert await ToldAccounts(world.namespace, "/").dismiss(OWN) == (f"rabbitmqctl delete_user {user}",)

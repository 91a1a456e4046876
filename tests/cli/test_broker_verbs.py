"""`jiyi broker plan|apply|check`: drift is told, mended, and messages are not destroyed without being asked."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from auth.clients import department_client
from connectors.clock import SystemClock
from connectors.embedded import EmbeddedBroker
from connectors.rabbitmq import RabbitMQBroker
from connectors.rabbitmq.management import Management
from connectors.topology import command_address
from hub.keys.sealing import Sealer
from hub.messages.broker_accounts import ManagedAccounts
from hub.messages.broker_store import DatabaseBrokerStore
from hub.people.auth_store import HubAuthStore
from hub.storage.database import Database
from hub.tables.registry import ConnectorRow
from tests.cli.conftest import Jiyi, Ran
from tests.contracts.broker.stacks import message
from tests.rabbitmq_node import RabbitMQNode

pytestmark = pytest.mark.whole

OWN, GONE = "civil-affairs", "gone"
CASE = "JY-1"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """A hub's database in which one department is enrolled."""
    url = f"sqlite:///{tmp_path / 'hub.db'}"

    async def make() -> None:
        database = Database(url)
        await database.create_tables_for_tests()
        await HubAuthStore(database, Sealer(())).save_client(department_client(OWN, "hash"))
        async with database.transaction() as session:
            values: dict[str, Any] = {"kind": "graphql", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
            session.add(ConnectorRow(name="old", department=GONE, is_retired=True, **values))
        await database.close()

    asyncio.run(make())
    return url


class Broker:
    """A namespace of its own on one RabbitMQ, and ``jiyi broker`` beside it."""

    def __init__(self, url: str, management: str | None, database_url: str, jiyi: Jiyi) -> None:
        self.namespace = f"t{uuid.uuid4().hex[:8]}."
        self.url = url
        self.management = management
        self._jiyi = jiyi
        self._environment = {
            "JIYI_DATABASE_URL": database_url,
            "JIYI_BROKER_URL": url,
            "JIYI_BROKER_NAMESPACE": self.namespace,
        }
        if management is not None:
            self._environment["JIYI_BROKER_MANAGEMENT_URL"] = management

    def __call__(self, *arguments: str) -> Ran:
        return self._jiyi("broker", *arguments, **self._environment)

    def told(self, verb: str) -> list[tuple[str, str]]:
        """What `check` or `plan` tells of, in the order of the thing."""
        data = self(verb, "--json").data
        found = data["differences" if verb == "check" else "steps"]
        return sorted((each["kind"], each["thing"].replace(self.namespace, "")) for each in found)

    def do(self, act: Callable[[AbstractChannel], Awaitable[object]]) -> None:
        """Something that an administrator did by hand."""

        async def run() -> None:
            connection = await aio_pika.connect(self.url)
            async with connection, connection.channel() as channel:
                await act(channel)

        asyncio.run(run())

    def manage(self, method: str, path: str, body: dict[str, Any]) -> None:
        async def run() -> None:
            assert self.management is not None
            async with Management(self.management, "/").open() as session:
                await session.change(method, path.replace("NS", self.namespace), body)

        asyncio.run(run())

    @asynccontextmanager
    async def hub(self) -> AsyncIterator[RabbitMQBroker]:
        broker = RabbitMQBroker(self.url, SystemClock(), namespace=self.namespace)
        await broker.connect()
        try:
            yield broker
        finally:
            await broker.close()


@pytest.fixture
def broker(rabbitmq_node: RabbitMQNode, database_url: str, jiyi: Jiyi) -> Broker:
    """A broker that is as the hub needs it."""
    made = Broker(rabbitmq_node.url, rabbitmq_node.management_url, database_url, jiyi)

    async def enrol() -> None:
        async with made.hub() as hub:
            await hub.declare_hub("one")
            await hub.declare_department(OWN)
        await ManagedAccounts(rabbitmq_node.management_url, made.namespace, "/").admit(OWN)

    asyncio.run(enrol())
    return made


@pytest.mark.rabbitmq
def test_check_is_well_and_plan_has_nothing_to_do(broker: Broker) -> None:
    """What the running hub declares is what `check` wants."""
    assert broker("check").out == "the broker is as the hub needs it\n"
    assert broker("plan").out == "nothing to do\n"
    assert broker("apply").out == "nothing to do\n"


@pytest.mark.rabbitmq
def test_an_empty_broker_is_planned_and_applied(broker: Broker, rabbitmq_node: RabbitMQNode) -> None:
    """From nothing to what is needed; only a department's password has to be made anew."""
    broker.namespace = f"t{uuid.uuid4().hex[:8]}."
    broker._environment["JIYI_BROKER_NAMESPACE"] = broker.namespace
    assert ("missing", 'queue "hub.inbox.3"') in broker.told("plan")
    applied = broker("apply", "--json")
    assert applied.exit_code == 1
    assert [each["thing"] for each in applied.data["left"]] == [f'user "{broker.namespace}department-{OWN}"']
    assert "jiyi department enrol" in applied.data["left"][0]["why"]
    assert broker.told("check") == [("missing", f'user "department-{OWN}"')]


@pytest.mark.rabbitmq
def test_every_kind_of_drift_is_told_and_mended(broker: Broker) -> None:
    """Missing, wrong arguments, foreign bindings, what a department left behind, a user with too much."""

    async def meddle(channel: AbstractChannel) -> None:
        named = broker.namespace
        await channel.queue_delete(f"{named}hub.inbox.2")
        await channel.queue_delete(f"{named}{OWN}.commands.0")
        await channel.declare_queue(f"{named}{OWN}.commands.0", durable=True)
        spy = await channel.declare_queue(f"{named}spy", durable=True)
        await spy.bind(f"{named}jiyi.in", "event.*")

    async def leave_behind() -> None:
        async with broker.hub() as hub:
            await hub.declare_department(GONE)

    broker.do(meddle)
    asyncio.run(leave_behind())
    broker.manage("PUT", f"users/NSdepartment-{OWN}", {"password": "x", "tags": "monitoring"})
    broker.manage("PUT", f"permissions/%2F/NSdepartment-{OWN}", {"configure": ".*", "write": ".*", "read": ".*"})
    broker.manage("PUT", f"users/NSdepartment-{GONE}", {"password": "x", "tags": ""})

    found = broker("check", "--json")
    assert (found.exit_code, found.code) == (1, "BROKER_DRIFT")
    told = broker.told("check")
    assert told == broker.told("plan")
    assert [each for each in told if not each[1].startswith("binding")] == [
        ("left-over", f'exchange "{GONE}.out"'),
        *(("left-over", f'queue "{GONE}.commands.{n}"') for n in range(4)),
        ("left-over", f'queue "{GONE}.requests"'),
        ("left-over", f'user "department-{GONE}"'),
        ("missing", 'queue "hub.inbox.2"'),
        ("too-much", f'user "department-{OWN}"'),
        ("wrong", f'queue "{OWN}.commands.0"'),
    ]
    assert ("foreign", 'binding "jiyi.in" → queue "spy" under "event.*"') in told

    assert broker("apply").exit_code == 0
    assert broker("check").exit_code == 0
    broker.do(lambda channel: channel.queue_delete(f"{broker.namespace}spy"))


@pytest.mark.rabbitmq
def test_messages_are_destroyed_only_when_asked(broker: Broker) -> None:
    """Everything else is mended meanwhile; RabbitMQ's figures may be old, so the queue itself is asked."""

    async def leave_behind() -> None:
        async with broker.hub() as hub:
            await hub.declare_department(GONE)
            await hub.publish(command_address(GONE, CASE), message("m1", key=CASE))

    asyncio.run(leave_behind())
    refused = broker("apply", "--json")
    assert (refused.exit_code, refused.code) == (1, "BROKER_NOT_MENDED")
    ((left,),) = [refused.data["left"]]
    assert "holds 1 messages" in left["why"]
    assert "--destroy-messages" in left["why"]
    assert len(broker.told("check")) == 1

    assert broker("apply", "--destroy-messages").exit_code == 0
    assert broker("check").exit_code == 0


@pytest.mark.rabbitmq
def test_without_the_management_api_it_goes_as_far_as_amqp_tells(
    amqp_url: str, database_url: str, jiyi: Jiyi
) -> None:
    """What is missing is made; what has wrong arguments is told; the rest is said not to be seen."""
    broker = Broker(amqp_url, None, database_url, jiyi)
    try:
        assert ("missing", f'queue "{OWN}.requests"') in broker.told("plan")
        assert broker("apply").exit_code == 0
        checked = broker("check")
        assert (checked.exit_code, "broker_management_url" in checked.err) == (0, True)

        async def meddle(channel: AbstractChannel) -> None:
            await channel.queue_delete(f"{broker.namespace}{OWN}.commands.0")
            await channel.declare_queue(f"{broker.namespace}{OWN}.commands.0", durable=True)

        broker.do(meddle)
        assert broker.told("check") == [("wrong", f'queue "{OWN}.commands.0"')]
        assert broker("apply").exit_code == 1
    finally:
        broker.do(lambda channel: _delete_all(channel, broker.namespace))


async def _delete_all(channel: AbstractChannel, namespace: str) -> None:
    from connectors.rabbitmq.topology import Naming

    everything = Naming(namespace).whole([OWN])
    for queue in everything.queues:
        await channel.queue_delete(queue.name)
    for exchange in everything.exchanges:
        await channel.exchange_delete(exchange.name)


def test_the_embedded_broker_answers_too(database_url: str, jiyi: Jiyi) -> None:
    """Its queues are rows; a department's that is gone are told, and kept while messages are in them."""
    environment = {"JIYI_DATABASE_URL": database_url}

    async def leave_behind() -> None:
        database = Database(database_url)
        broker = EmbeddedBroker(DatabaseBrokerStore(database), SystemClock())
        await broker.connect()
        await broker.declare_department(GONE)
        await broker.publish(command_address(GONE, CASE), message("m1", key=CASE))
        await broker.close()
        await database.close()

    missing = jiyi("broker", "check", "--json", **environment)
    assert missing.code == "BROKER_DRIFT"
    assert {each["kind"] for each in missing.data["differences"]} == {"missing"}
    assert jiyi("broker", "apply", **environment).exit_code == 0
    assert jiyi("broker", "check", **environment).exit_code == 0

    asyncio.run(leave_behind())
    refused = jiyi("broker", "apply", "--json", **environment)
    assert (refused.exit_code, len(refused.data["mended"]), len(refused.data["left"])) == (1, 4, 1)
    assert jiyi("broker", "apply", "--destroy-messages", **environment).exit_code == 0
    assert jiyi("broker", "check", **environment).exit_code == 0


def test_a_broker_that_is_not_there_is_told(database_url: str, jiyi: Jiyi, free_port: int) -> None:
    """Without its password."""
    environment = {
        "JIYI_DATABASE_URL": database_url,
        "JIYI_BROKER_URL": f"amqp://hub:s3cret@127.0.0.1:{free_port}/",
    }
    told = jiyi("broker", "check", **environment)
    assert (told.exit_code, told.code) == (1, "BROKER_UNAVAILABLE")
    assert "s3cret" not in told.err

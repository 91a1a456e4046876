"""A request whose command lies with the dead letters says so, and goes on when an operator drives it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import pytest

from connectors.broker import Delivery, Message
from connectors.embedded import EmbeddedBroker
from connectors.topology import command_address, command_queues
from hub.durable.stalled import StalledTickets
from hub.messages.broker_store import DatabaseBrokerStore
from tests.contracts.broker.stacks import until
from tests.hub.durable.department import NAME, Durable
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, OPERATOR, World

COUNT = "mutation { count(by: 3) { id } }"
TICKET = "query ($id: ID!) { durableTicket(id: $id) { state stalledSince version } }"
REDRIVE = """mutation ($ids: [ID!]!) {
  redriveDeadLetters(ids: $ids, reason: "the department answers again") { redriven gone } }"""


@pytest.fixture
async def broker(world: World) -> AsyncIterator[EmbeddedBroker]:
    made = EmbeddedBroker(DatabaseBrokerStore(world.database), world.clock, poll=timedelta(milliseconds=20))
    await made.connect()
    await made.declare_hub("one")
    await made.declare_department(NAME)
    yield made
    await made.close()


async def test_a_stalled_request_says_since_when_and_goes_on_once_driven_again(
    world: World, broker: EmbeddedBroker
) -> None:
    """Its state stays SENT; each change has a version of its own, which followers hear of."""
    durable = Durable(world)
    stalled = StalledTickets(world.database, broker, world.clock, world.wakeups)
    ticket = (await durable.gets(COUNT))["count"]["id"]
    (command,) = await durable.relays()
    assert await stalled.look() == 0
    taken = await buried(broker, command)
    world.clock.move(seconds=10)

    assert await stalled.look() == 1
    assert await stalled.look() == 0
    found = await read(durable, ticket)
    assert (found["state"], found["stalledSince"]) == ("SENT", world.clock.now().isoformat())

    graph = Graph(world, broker=broker)
    redriven = (await graph.ask(REDRIVE, OPERATOR, ids=[ticket]))["redriveDeadLetters"]
    assert redriven == {"redriven": [ticket], "gone": []}
    assert await read(durable, ticket) == {"state": "SENT", "stalledSince": None, "version": found["version"] + 1}
    await until(taken.came_again)
    assert await stalled.look() == 0

    await durable.works(command)
    assert (await read(durable, ticket))["state"] == "DONE"
    assert durable.department.effects == [("count", 3)]


async def test_a_request_that_ends_is_not_stalled_any_more(world: World, broker: EmbeddedBroker) -> None:
    """Driven again from elsewhere, or answered late after all."""
    durable = Durable(world)
    stalled = StalledTickets(world.database, broker, world.clock, world.wakeups)
    ticket = (await durable.gets(COUNT))["count"]["id"]
    (command,) = await durable.relays()
    await buried(broker, command)
    world.clock.move(seconds=10)
    await stalled.look()

    await durable.works(command)

    found = await read(durable, ticket)
    assert (found["state"], found["stalledSince"]) == ("DONE", None)
    assert await stalled.look() == 0


async def read(durable: Durable, id: str) -> dict[str, Any]:
    return cast("dict[str, Any]", (await durable.gets(TICKET, ANNA, variables={"id": id}))["durableTicket"])


class Taker:
    """Buries what comes first, and takes it when it comes again."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, delivery: Delivery) -> None:
        self.times += 1
        if self.times == 1:
            await delivery.dead_letter("DEPARTMENT_BAD_STATUS: 500")
        else:
            await delivery.acknowledge()

    async def came_again(self) -> bool:
        return self.times == 2


async def buried(broker: EmbeddedBroker, command: Message) -> Taker:
    """The command as its department's agent gives it up."""
    taker = Taker()
    for queue in command_queues(NAME):
        await broker.consume(queue, taker)
    await broker.publish(command_address(NAME, str(command.partition_key)), command)

    async def is_dead() -> bool:
        return len(await broker.dead_letters()) == 1

    await until(is_dead)
    return taker

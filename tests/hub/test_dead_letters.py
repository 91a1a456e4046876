"""Dead letters are shown without a person's data, and put back with a reason that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.broker import Delivery, Message
from connectors.embedded import EmbeddedBroker
from connectors.topology import event_address, inbox_queues
from hub.messages.broker_store import DatabaseBrokerStore
from hub.messages.dead_letters import without_numbers
from tests.contracts.broker.stacks import until
from tests.hub.own_graph import Graph
from tests.hub.world import ANNA, OPERATOR, World

DEPARTMENT = "civil-affairs"
LIST = """{ deadLetters {
  id queue type source parkedCase reason attempts redrives { by reason wasFound } } }"""
SHOW = "query ($id: ID!) { deadLetter(id: $id) { id } }"
REDRIVE = """mutation ($ids: [ID!]!, $reason: String!) {
  redriveDeadLetters(ids: $ids, reason: $reason) { redriven gone } }"""


class Mail:
    """An inbox that buries everything until it is told to take it."""

    def __init__(self) -> None:
        self.refuses: str | None = "No such case of 110101199003070011."
        self.taken: list[str] = []

    async def __call__(self, delivery: Delivery) -> None:
        if self.refuses is not None:
            await delivery.dead_letter(self.refuses)
            return
        self.taken.append(delivery.message.id)
        await delivery.acknowledge()


@pytest.fixture
async def broker(world: World) -> AsyncIterator[EmbeddedBroker]:
    made = EmbeddedBroker(DatabaseBrokerStore(world.database), world.clock, poll=timedelta(milliseconds=20))
    await made.connect()
    await made.declare_hub("one")
    await made.declare_department(DEPARTMENT)
    yield made
    await made.close()


@pytest.fixture
async def mail(broker: EmbeddedBroker) -> Mail:
    handler = Mail()
    for queue in inbox_queues():
        await broker.consume(queue, handler)
    return handler


@pytest.fixture
async def graph(world: World, broker: EmbeddedBroker) -> Graph:
    return Graph(world, broker=broker)


async def bury(broker: EmbeddedBroker, world: World, *names: str) -> None:
    for name in names:
        at = world.clock.now()
        message = Message(name, "jiyi.case.accepted", DEPARTMENT, at, {"secret": 1}, "JY-1", partition_key="JY-1")
        await broker.publish(event_address(DEPARTMENT, "JY-1"), message)
        world.clock.moment += timedelta(seconds=1)

    async def are_dead() -> bool:
        return len(await broker.dead_letters()) == len(names)

    await until(are_dead)


async def test_an_operator_sees_why_from_where_how_often_and_which_case_waits(
    graph: Graph, world: World, broker: EmbeddedBroker, mail: Mail
) -> None:
    """Nobody else sees anything, and the number of the person that the reason quoted is gone."""
    await bury(broker, world, "m1")
    assert await graph.ask(LIST, OPERATOR) == {
        "deadLetters": [
            {
                "id": "m1",
                "queue": (await broker.dead_letters())[0].queue,
                "type": "jiyi.case.accepted",
                "source": DEPARTMENT,
                "parkedCase": "JY-1",
                "reason": "No such case of ***.",
                "attempts": 1,
                "redrives": [],
            }
        ]
    }
    asked: dict[str, Any] = {"ids": ["m1"], "reason": "why not"}
    assert await graph.refused(LIST, ANNA) == ["FORBIDDEN"]
    assert await graph.refused(SHOW, ANNA, id="m1") == ["FORBIDDEN"]
    assert await graph.refused(REDRIVE, ANNA, **asked) == ["FORBIDDEN"]
    assert await graph.refused(REDRIVE, None, **asked) == ["UNAUTHENTICATED"]
    assert len(await broker.dead_letters()) == 1


async def test_many_are_put_back_in_their_order_with_a_reason(
    graph: Graph, world: World, broker: EmbeddedBroker, mail: Mail
) -> None:
    """The order in which they are named does not matter: those of one case keep theirs."""
    await bury(broker, world, "m1", "m2", "m3")
    for reason in ("", "   ", "x" * 1001):
        assert await graph.refused(REDRIVE, OPERATOR, ids=["m1"], reason=reason) == ["BAD_USER_INPUT"]
    assert await graph.refused(REDRIVE, OPERATOR, ids=[], reason="mended") == ["BAD_USER_INPUT"]

    mail.refuses = None
    done = await graph.ask(REDRIVE, OPERATOR, ids=["m3", "m1", "m2", "never"], reason="The case is here now.")
    await until(lambda: len(mail.taken) == 3)
    assert done == {"redriveDeadLetters": {"redriven": ["m1", "m2", "m3"], "gone": ["never"]}}
    assert mail.taken == ["m1", "m2", "m3"]
    assert await graph.ask(SHOW, OPERATOR, id="m1") == {"deadLetter": None}


async def test_who_put_it_back_and_why_is_kept_and_shown_when_it_comes_again(
    graph: Graph, world: World, broker: EmbeddedBroker, mail: Mail
) -> None:
    """So the next operator knows what was tried."""
    await bury(broker, world, "m1")
    await graph.ask(REDRIVE, OPERATOR, ids=["m1"], reason="Perhaps now.")

    async def is_back() -> bool:
        await asyncio.sleep(0)
        return len(await broker.dead_letters()) == 1

    await until(is_back)
    (letter,) = (await graph.ask(LIST, OPERATOR))["deadLetters"]
    assert letter["redrives"] == [{"by": OPERATOR.subject, "reason": "Perhaps now.", "wasFound": True}]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("No case of 11010119900307001X.", "No case of ***."),
        ("91110000600037341L is unknown", "*** is unknown"),
        ("There is no case JY20261126-000001-7", "There is no case JY20261126-000001-7"),
        ("id 8f14e45fceea167a5a36dedd4bea2543", "id 8f14e45fceea167a5a36dedd4bea2543"),
    ],
)
def test_numbers_of_persons_and_enterprises_are_taken_out(text: str, shown: str) -> None:
    """Whatever an error quoted; receipt numbers and message ids stay."""
    assert without_numbers(text) == shown

"""A durable mutation whatever dies: each request that was accepted is done once, on both stacks.

The judge is the department's own book of addresses, where every effect is a line of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from hub.demo.places import HUB
from hub.demo.road import Road, open_road
from hub.demo.sign_in import sign_in_app
from hub.demo.stack import AGENT, QUEUE_DEPARTMENT
from tests.acceptance.stacks import RunningDemo, embedded_demo, served_demo
from tests.faults.journey import persist

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

DEAR = [pytest.mark.rabbitmq, pytest.mark.postgresql]
STACKS = ["embedded", pytest.param("rabbitmq", marks=DEAR)]
CHANGE = """mutation Move($street: String!, $key: String) {
  changeContactAddress(street: $street, idempotencyKey: $key) { id state result { reference street } } }"""
TICKET = """query Ticket($id: ID!) { durableTicket(id: $id) {
  state error { code } ... on ChangeContactAddressDurableTicket { result { reference street } } } }"""
CANCEL = "mutation Cancel($id: ID!) { cancelDurableTicket(id: $id) { state } }"


class Clerk:
    """A citizen who moves, and the department's book."""

    def __init__(self, demo: RunningDemo, road: Road) -> None:
        self.demo = demo
        self.road = road

    async def asks(self, query: str, **variables: Any) -> Any:
        return await self.road.client.data(query, variables, self.road.token)

    async def moves(self, street: str, key: str | None = None) -> str:
        """The ticket, asked for as often as it takes where there is a key."""

        async def attempt() -> str:
            ticket: str = (await self.asks(CHANGE, street=street, key=key))["changeContactAddress"]["id"]
            return ticket

        return await (persist("the ticket", attempt) if key else attempt())

    async def done(self, ticket: str) -> Any:
        async def is_done() -> Any:
            found = (await self.asks(TICKET, id=ticket))["durableTicket"]
            assert found["state"] in ("ACCEPTED", "SENT", "DONE"), found
            return found if found["state"] == "DONE" else None

        return await persist("the end of the request", is_done)

    async def book(self, street: str) -> list[str]:
        """The references under which the department noted this address, and for whom it did."""
        records = await self.road.client.json(f"{self.road.door(QUEUE_DEPARTMENT)}/__records")
        lines = [each for each in records["addresses"] if each["street"] == street]
        assert {each["holder"] for each in lines} <= {self.road.person.id_number}
        return [each["reference"] for each in lines]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=STACKS)
async def clerk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clerk]:
    start = embedded_demo if request.param == "embedded" else served_demo
    async with AsyncExitStack() as closing:
        demo = await closing.enter_async_context(start(tmp_path_factory.mktemp(request.param)))
        road = await closing.enter_async_context(open_road(demo.stack))
        road.tokens["citizen"] = await sign_in_app(road.client, road.person, road.door("public-security"))
        yield Clerk(demo, road)


def street() -> str:
    return f"Blossom Lane {uuid4().hex[:8]}"


async def test_a_department_that_is_away_does_it_when_it_is_back(clerk: Clerk) -> None:
    """The citizen has the ticket at once, and the address is changed without being asked for again."""
    agent, where = clerk.demo.stack.processes[AGENT], street()
    await agent.stop()
    ticket = await clerk.moves(where)
    assert (await clerk.asks(TICKET, id=ticket))["durableTicket"]["result"] is None
    assert await clerk.book(where) == []
    await agent.start()

    found = await clerk.done(ticket)
    assert [found["result"]["reference"]] == await clerk.book(where)
    assert found["result"]["street"] == where


async def test_a_hub_that_dies_between_accepting_and_sending_loses_nothing(clerk: Clerk) -> None:
    """Ticket and command are one transaction: the next process sends what this one only promised."""
    stack, where = clerk.demo.stack, street()
    await stack.processes[HUB].kill()
    await stack.hub(worker=False).start()
    ticket, taken_back = await clerk.moves(where, "before"), await clerk.moves(f"{where} b", "cancelled")
    assert (await clerk.asks(TICKET, id=ticket))["durableTicket"]["state"] == "ACCEPTED"
    assert (await clerk.asks(CANCEL, id=taken_back))["cancelDurableTicket"] == {"state": "CANCELLED"}
    await stack.processes[HUB].kill()
    await stack.hub().start()

    found = await clerk.done(ticket)
    assert await clerk.moves(where, "before") == ticket
    assert [found["result"]["reference"]] == await clerk.book(where)
    assert await clerk.book(f"{where} b") == []


async def test_an_agent_that_dies_while_executing_does_it_once(clerk: Clerk) -> None:
    """It had its effect, or not, and nobody knows: the department knows the command by its key."""
    agent, department, where = clerk.demo.stack.processes[AGENT], clerk.road.door(QUEUE_DEPARTMENT), street()
    await clerk.road.client.json(f"{department}/__faults", "POST", {"delayMs": 1500})
    ticket = await clerk.moves(where)

    async def is_there() -> bool | None:
        return True if (await clerk.asks(TICKET, id=ticket))["durableTicket"]["state"] == "SENT" else None

    await persist("the sending", is_there)
    await asyncio.sleep(0.4)
    await agent.kill()
    await clerk.road.client.json(f"{department}/__faults", "DELETE")
    await agent.start()

    found = await clerk.done(ticket)
    assert [found["result"]["reference"]] == await clerk.book(where)


async def test_whatever_dies_while_many_ask_again_and_again(clerk: Clerk) -> None:
    """Requests with a key each, repeated until they are answered, while agent, hub and wire go and come."""
    wheres = [street() for _ in range(12)]

    async def ask(where: str) -> str:
        return await clerk.moves(where, where)

    async def strikes() -> None:
        for name in (AGENT, HUB):
            await asyncio.sleep(0.3)
            await clerk.demo.stack.processes[name].kill()
            await clerk.demo.stack.processes[name].start()
        await clerk.demo.wire.cut()
        await asyncio.sleep(0.5)
        await clerk.demo.wire.mend()

    asked = asyncio.gather(*map(ask, wheres))
    await asyncio.gather(asked, strikes())
    again = await asyncio.gather(*map(ask, wheres))
    assert list(asked.result()) == list(again)
    for where, ticket in zip(wheres, again, strict=True):
        found = await clerk.done(ticket)
        assert [found["result"]["reference"]] == await clerk.book(where), where

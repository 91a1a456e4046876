"""A ticket that is followed: first as it stands, then after each change, until it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from hub.gateway import GraphQLAnswer, GraphQLRequest
from tests.hub.durable.department import Durable
from tests.hub.world import ANNA, BO, World

FOLLOW = """subscription ($id: ID!) { ticketChanged(id: $id) {
  state ... on CountDurableTicket { result } } }"""


@pytest.fixture
def durable(world: World) -> Durable:
    return Durable(world)


def followed(
    durable: Durable, ticket: str, actor: Any = ANNA, cursor: str | None = None
) -> AsyncGenerator[GraphQLAnswer, None]:
    extensions = {} if cursor is None else {"cursor": cursor}
    request = GraphQLRequest(FOLLOW, variables={"id": ticket}, extensions=extensions)
    return durable.gateway.subscribe(request, actor)


async def test_each_change_is_told_with_the_result_and_the_end_ends_it(durable: Durable, world: World) -> None:
    """The client needs no second question, and no reason to hang on."""
    ticket = (await durable.gets("mutation { count(by: 3) { id result } }"))["count"]["id"]
    told: list[dict[str, Any]] = []
    async with world.changes, aclosing(followed(durable, ticket)) as events:

        async def hear() -> None:
            async for event in events:
                assert event.errors == ()
                assert event.data is not None
                told.append(event.data["ticketChanged"])

        hearing = asyncio.create_task(hear())
        await _until(lambda: len(told) == 1)
        (command,) = await durable.relays()
        await _until(lambda: len(told) == 2)
        await durable.works(command)
        await durable.relays()
        await asyncio.wait_for(hearing, 20)

    assert told == [
        {"state": "ACCEPTED", "result": None},
        {"state": "SENT", "result": None},
        {"state": "DONE", "result": 3},
    ]


async def test_who_resumes_after_the_end_is_told_of_it_again(durable: Durable, world: World) -> None:
    """The end was told while the line broke: a browser that comes back with its cursor learns that it is over."""
    ticket = (await durable.gets("mutation { count(by: 3) { id } }"))["count"]["id"]
    async with world.changes:
        async with aclosing(followed(durable, ticket)) as events:
            first = await anext(events)
        (command,) = await durable.relays()
        await durable.works(command)
        await durable.relays()
        cursors = [first.extensions["cursor"]]
        async with asyncio.timeout(10):
            while len(cursors) < 4:
                again = [event async for event in followed(durable, ticket, cursor=cursors[-1])]
                cursors.append(again[-1].extensions["cursor"])

    assert cursors[-1] == cursors[-2]
    assert [event.data for event in again] == [{"ticketChanged": {"state": "DONE", "result": 3}}]


async def test_nobody_follows_anothers_ticket(durable: Durable, world: World) -> None:
    """As if there were none."""
    ticket = (await durable.gets("mutation { count { id } }"))["count"]["id"]
    async with world.changes:
        events = [event async for event in followed(durable, ticket, BO)]
    assert [error["extensions"]["code"] for event in events for error in event.errors] == ["NOT_FOUND"]


async def _until(holds: Any) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - it holds by what a subscription tells, which sets no event
            await asyncio.sleep(0.02)

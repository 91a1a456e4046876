"""Notices are told as they come: to their person, or to whoever sits at their desk, and to nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

from auth.actor import Actor
from auth.roles import HANDLER
from hub.notices.notices import citizen, department_desk, put_notice
from hub.storage.change_feed import give_positions
from schema.domain.notice import NoticeKind, NoticeText
from tests.hub.own_graph import Graph, request
from tests.hub.world import ANNA, BO, World

NOTICES = "subscription { notices { kind text textEn } }"
KIND = next(iter(NoticeKind))
CLERK = Actor("clerk", "portal", frozenset(), frozenset({HANDLER}), ANNA.expires_at, "civil-affairs")


async def tell(world: World, recipient: str, text: str) -> None:
    async with world.database.transaction() as session:
        put_notice(session, recipient, KIND, text, NoticeText(text, text), world.clock.now())
    async with world.database.transaction() as session:
        await give_positions(session)
    world.wakeups.changes.set()


def follow(graph: Graph, actor: Actor) -> Any:
    return graph.connector.subscribe(request(NOTICES, actor, {}))


async def take(events: Any, number: int) -> list[str]:
    async with asyncio.timeout(10):
        return [(await anext(events)).data["notices"]["text"] for _ in range(number)]


async def test_the_newest_is_told_first_and_then_each_to_whom_it_is_for(world: World) -> None:
    """A department's notice reaches who handles its cases; a person's nobody else."""
    graph = Graph(world)
    await tell(world, citizen("anna"), "before")
    async with world.changes:
        annas, bos, clerks = follow(graph, ANNA), follow(graph, BO), follow(graph, CLERK)
        assert await take(annas, 1) == ["before"]
        waiting = [asyncio.create_task(anext(each)) for each in (bos, clerks)]
        await asyncio.sleep(0.3)
        await tell(world, citizen("anna"), "for anna")
        await tell(world, department_desk("civil-affairs"), "for the desk")
        await tell(world, citizen("bo"), "for bo")
        assert await take(annas, 1) == ["for anna"]
        async with asyncio.timeout(10):
            told = [(await each).data["notices"]["text"] for each in waiting]
        assert told == ["for bo", "for the desk"]
        for each in (annas, bos, clerks):
            await each.aclose()

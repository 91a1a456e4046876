"""A subgraph that is down at the start keeps no other from being served, and is taken in when it comes.

Demands: apollographql/federation #355, #380; apollo-server #4424, #4499; apollographql/router #2311.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from connectors.clock import SystemClock
from hub.gateway import Gateway, GraphQLRequest
from hub.gateway.policy import nobody
from hub.standalone.describing import SubgraphUnreadable, described_so_far, subgraph_client
from hub.standalone.engine import Engine, EngineSettings
from hub.standalone.graph_source import GraphSource
from hub.standalone.latecomers import Awaited, Latecomers
from hub.standalone.open_policy import OpenPolicy
from hub.standalone.subgraph_list import ListedSubgraph
from tests.standalone.conftest import shop
from tests.standalone.shop import PRODUCTS, Shop

__all__ = ["shop"]
ACROSS = "{ topProducts(first: 1) { name inStock } }"
AT_ONCE = timedelta(0)


def listed(shop: Shop) -> tuple[ListedSubgraph, ListedSubgraph]:
    """Products with SDL, inventory without."""
    return (
        ListedSubgraph("products", shop.products_url, PRODUCTS),
        ListedSubgraph("inventory", shop.inventory_url, described_at=shop.inventory_url),
    )


@asynccontextmanager
async def begun(shop: Shop, said: list[str]) -> AsyncIterator[tuple[Engine, Latecomers]]:
    """Inventory is out of order; what serves without it."""
    shop.inventory.is_broken = True
    clock = SystemClock()
    async with subgraph_client() as client:
        come, missing = await described_so_far(listed(shop), client, patience=AT_ONCE, say=said.append)
        engine = Engine(Gateway(OpenPolicy(), nobody, clock=clock), EngineSettings(), client, clock)
        await engine.take_up(GraphSource.of(*come))
        yield engine, Latecomers(engine, Awaited(missing, said.append), engine.take_up, pause_seconds=0.01)
        await engine.close()


async def ask(engine: Engine, query: str) -> dict[str, Any]:
    return (await engine.gateway.answer(GraphQLRequest(query), None)).payload()


async def test_the_others_are_served_and_the_late_one_once_it_answers(shop: Shop) -> None:
    """Each is told once; nobody starts anything again."""
    said: list[str] = []
    async with begun(shop, said) as (engine, latecomers):
        assert (await ask(engine, "{ topProducts(first: 1) { name } }"))["data"] == {
            "topProducts": [{"name": "P1"}]
        }
        assert "errors" in await ask(engine, ACROSS)
        said.clear()
        for _ in range(2):
            await latecomers.look()
        assert [each.partition(":")[0] for each in said] == ['subgraph "inventory" is not served yet']
        shop.inventory.is_broken = False
        async with asyncio.timeout(5):
            await latecomers.run()
        assert said[1:] == ['subgraph "inventory" has come and is served']
        assert (await ask(engine, ACROSS))["data"] == {"topProducts": [{"name": "P1", "inStock": True}]}


async def test_one_that_does_not_fit_is_told_and_the_others_go_on(shop: Shop) -> None:
    """It came, with a schema that composes with nothing."""
    said: list[str] = []
    async with begun(shop, said) as (engine, latecomers):
        shop.inventory.is_broken = False
        shop.inventory.sdl = "type Query { topProducts: Int }"
        said.clear()
        await latecomers.look()
        assert said[0].startswith('subgraph "inventory" is not served yet: ')
        assert engine.version == 1


async def test_another_list_ends_the_waiting(shop: Shop) -> None:
    """Whoever published it did not ask for the late one."""
    said: list[str] = []
    async with begun(shop, said) as (engine, latecomers):
        await engine.take_up(GraphSource.of(listed(shop)[0].with_sdl("type Query { other: Int }")))
        shop.inventory.is_broken = False
        async with asyncio.timeout(5):
            await latecomers.run()
        assert [each.name for each in engine.source.subgraphs] == ["products"]


async def test_what_no_waiting_mends_is_an_end_and_so_is_nobody(shop: Shop) -> None:
    """A server that is no subgraph, and a list of which nobody came."""
    shop.inventory.is_broken = True
    missing = listed(shop)[1]
    stranger = ListedSubgraph("stranger", "http://0.0.0.0/graphql", described_at="http://0.0.0.0/graphql")
    async with subgraph_client() as client:
        for wrong, code in (
            ((missing,), "DEPARTMENT_BAD_STATUS"),
            ((listed(shop)[0], stranger), "ADDRESS_REFUSED"),
        ):
            with pytest.raises(SubgraphUnreadable) as unreadable:
                await described_so_far(wrong, client, patience=AT_ONCE, say=lambda _text: None)
            assert unreadable.value.code == code

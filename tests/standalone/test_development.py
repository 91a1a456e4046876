"""The engine as a developer runs it: recomposed on change, traced on demand, with an explorer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from connectors.clock import SystemClock
from hub.gateway.policy import nobody
from hub.standalone.application import GatewayOptions
from hub.standalone.describing import subgraph_client
from hub.standalone.development import DevelopmentOptions, open_development
from hub.standalone.engine import Engine, EngineSettings
from hub.standalone.open_policy import OpenPolicy
from hub.standalone.subgraph_list import BadSubgraphList, ListedSubgraph
from hub.standalone.tracing import TracedGateway
from hub.standalone.watching import Watcher
from tests.hub.serving import served
from tests.standalone.shop import INVENTORY, PRODUCTS, Shop

ACROSS = "{ topProducts(first: 1) { name inStock } }"


@dataclass
class Desk:
    """What a developer changes (``listed``) and reads (``said``)."""

    listed: list[ListedSubgraph]
    said: list[str] = field(default_factory=list)
    unreadable: str = ""

    def read(self) -> list[ListedSubgraph]:
        if self.unreadable:
            raise BadSubgraphList(self.unreadable)
        return list(self.listed)

    def heard(self) -> list[str]:
        said, self.said = self.said, []
        return said


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(
        [
            ListedSubgraph("products", shop.products_url, described_at=shop.products_url),
            ListedSubgraph("inventory", shop.inventory_url, INVENTORY),
        ]
    )


@asynccontextmanager
async def watching(desk: Desk) -> AsyncIterator[tuple[Watcher, Engine]]:
    clock = SystemClock()
    async with subgraph_client() as client:
        gateway = TracedGateway(OpenPolicy(), nobody, clock=clock, say=desk.said.append, shows_plans=False)
        engine = Engine(gateway, EngineSettings(), client, clock)
        yield Watcher(engine, desk.read, lambda text: desk.said.append(text), 1), engine
        await engine.close()


@asynccontextmanager
async def developing(desk: Desk, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    say: Callable[[str], None] = lambda text: desk.said.append(text)  # noqa: E731  # said is replaced when heard
    opened = open_development(GatewayOptions(), DevelopmentOptions(**options), desk.read, say)
    async with opened as app, served(app) as url, httpx2.AsyncClient(base_url=url) as client:
        yield client


async def test_what_changes_is_composed_and_served(desk: Desk) -> None:
    """Told by name; a second look at the same says nothing."""
    async with watching(desk) as (watcher, engine):
        await watcher.look()
        assert desk.heard()[0].endswith("version 1: inventory added, products added")
        await watcher.look()
        assert desk.heard() == []
        desk.listed[1] = ListedSubgraph("inventory", desk.listed[1].url, INVENTORY.replace("warehouses", "halls"))
        await watcher.look()
        assert desk.heard()[0].endswith("version 2: inventory changed")
        assert engine.gateway.state is not None
        assert "halls" in engine.gateway.state.supergraph.sdl


async def test_a_subgraph_that_states_another_schema_is_noticed(desk: Desk, shop: Shop) -> None:
    """A restart of the developer's own server is enough."""
    async with watching(desk) as (watcher, _engine):
        await watcher.look()
        shop.products.sdl = PRODUCTS.replace("name: String! }", "name: String! size: Int }")
        desk.heard()
        await watcher.look()
        assert desk.heard()[0].endswith("version 2: products changed")


async def test_what_does_not_compose_is_told_once_and_the_graph_of_before_goes_on(desk: Desk) -> None:
    """Errors with their places, and what it means for whoever asks now."""
    async with watching(desk) as (watcher, engine):
        await watcher.look()
        desk.heard()
        desk.listed[1] = ListedSubgraph("inventory", desk.listed[1].url, INVENTORY.replace('"upc"', '"isbn"'))
        await watcher.look()
        await watcher.look()
        error, consequence = desk.heard()
        assert error.startswith("KEY_INVALID_FIELDS: ")
        assert error.endswith(" inventory:4:14")
        assert consequence == "COMPOSITION_FAILED: 1 to mend. The graph of before goes on."
        assert engine.version == 1


async def test_a_subgraph_that_goes_away_keeps_its_schema(desk: Desk, shop: Shop) -> None:
    """Told when it goes and when it is back; the others are not disturbed."""
    async with watching(desk) as (watcher, engine):
        await watcher.look()
        desk.heard()
        shop.products.is_broken = True
        await watcher.look()
        await watcher.look()
        (gone,) = desk.heard()
        assert gone.startswith('subgraph "products": ')
        assert gone.endswith("; its schema of before stays")
        shop.products.is_broken = False
        await watcher.look()
        assert desk.heard() == ['subgraph "products" is back']
        assert engine.version == 1


async def test_a_list_that_cannot_be_read_any_more_changes_nothing(desk: Desk) -> None:
    """An editor that is saving, a file with a slip."""
    async with watching(desk) as (watcher, engine):
        await watcher.look()
        desk.heard()
        desk.unreadable = "config.yaml:3:1: is neither JSON nor YAML"
        await watcher.look()
        await watcher.look()
        desk.unreadable = ""
        await watcher.look()
        assert desk.heard() == ["config.yaml:3:1: is neither JSON nor YAML", "the list can be read again"]
        assert engine.version == 1


async def test_each_request_is_one_line(desk: Desk, shop: Shop) -> None:
    """How long, how many fetches, to whom, how many errors."""
    async with developing(desk, pause_seconds=None) as client:
        desk.heard()
        await client.post("/graphql", json={"query": f"query Names {ACROSS}", "operationName": "Names"})
        shop.inventory.is_broken = True
        await client.post("/graphql", json={"query": "{ warehouses }"})
    first, second, error = desk.heard()
    assert first.partition(" ms")[2] == "  2 fetches  products, inventory  0 errors  Names"
    assert second.partition(" ms")[2] == "  1 fetch  inventory  1 error"
    assert error.strip().startswith("DEPARTMENT_BAD_STATUS: ")


async def test_a_request_can_ask_for_its_plan_and_fetches(desk: Desk) -> None:
    """By a header; without it the answer is what any gateway gives."""
    async with developing(desk, pause_seconds=None) as client:
        plain = (await client.post("/graphql", json={"query": ACROSS})).json()
        told = (await client.post("/graphql", json={"query": ACROSS}, headers={"Jiyi-Explain": "1"})).json()
    assert "extensions" not in plain
    explained = told["extensions"]["explain"]
    assert explained["plan"].startswith("QueryPlan {")
    assert [(each["service"], each["outcome"]) for each in explained["fetches"]] == [
        ("products", "ok"),
        ("inventory", "ok"),
    ]
    assert explained["fetches"][1]["variables"]["representations"] == [{"__typename": "Product", "upc": "1"}]


async def test_plans_are_printed_where_wanted(desk: Desk) -> None:
    """On the desk, for every request."""
    async with developing(desk, pause_seconds=None, shows_plans=True) as client:
        desk.heard()
        await client.post("/graphql", json={"query": "{ warehouses }"})
    _line, plan, fetch = desk.heard()
    assert plan.startswith('QueryPlan {\n  Fetch(service: "inventory")')
    assert fetch.endswith("inventory  ok  query { warehouses }")


async def test_a_browser_finds_the_explorer(desk: Desk) -> None:
    """At the bare address and at the graph's."""
    async with developing(desk, pause_seconds=None) as client:
        root = await client.get("/")
        graph = await client.get("/graphql", headers={"Accept": "text/html"})
        page = await client.get("/explorer")
    assert root.headers["location"] == graph.headers["location"] == "/explorer"
    assert 'data-graphql="/graphql"' in page.text


async def test_it_serves_as_soon_as_there_is_something_that_composes(desk: Desk) -> None:
    """A mistake at the start is mended in the editor, not by starting again."""
    right = desk.listed[1]
    desk.listed[1] = ListedSubgraph("inventory", right.url, "type Query {")
    async with developing(desk, pause_seconds=0.05) as client:
        assert (await client.get("/readyz")).status_code == 503
        assert desk.heard()[-1] == "COMPOSITION_FAILED: 1 to mend. Nothing is served yet."
        desk.listed[1] = right
        while (await client.get("/readyz")).status_code != 200:
            pass
        answer = await client.post("/graphql", json={"query": "{ warehouses }"})
        assert answer.json() == {"data": {"warehouses": 3}}

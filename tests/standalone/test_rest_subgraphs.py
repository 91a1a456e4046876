"""A subgraph that is mapped from REST by ``@connect`` is served like any other, without a server of its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli.subgraph_lists import read_list
from hub.standalone.subgraph_list import read_subgraphs
from schema.subgraph import Subgraph
from tests.standalone.conftest import Serve
from tests.standalone.shop import Shop

SUPPLIERS = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.3", import: ["@source", "@connect"])
  @source(name: "api", http: { baseURL: "BASE", headers: [{ name: "x-from", value: "{$env.SUPPLIERS_CALLER}" }] })

type Query {
  supplier(id: ID!): Supplier
    @connect(source: "api", http: { GET: "/suppliers/{$args.id}" }, selection: "id name"
             errors: { extensions: "why: $.reason" })
}
type Supplier { id: ID! name: String }

type Product @key(fields: "upc")
  @connect(source: "api", http: { POST: "/of", body: "codes: $batch.upc" }
           selection: "upc: code supplier: by { id name }") {
  upc: ID!
  supplier: Supplier
}
"""


@pytest.fixture
async def suppliers() -> AsyncIterator[tuple[Subgraph, list[str]]]:
    """The connector's SDL and, line by line, what its service was asked."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        body = await request.text()
        asked.append(f"{request.method} {request.path} {body} {request.headers.get('x-from')}")
        if request.path == "/suppliers/9":
            return web.json_response({"reason": "closed"}, status=410)
        if request.path == "/of":
            found = [{"code": code, "by": {"id": 7, "name": "甲"}} for code in json.loads(body)["codes"]]
            return web.json_response(found)
        return web.json_response({"id": 7, "name": "甲"})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handle)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    yield Subgraph("suppliers", SUPPLIERS.replace("BASE", str(server.make_url("")).rstrip("/"))), asked
    await server.close()


async def test_entities_of_other_subgraphs_are_completed_over_rest(
    gateway: Serve, shop: Shop, suppliers: tuple[Subgraph, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planned across all of them; one batch for the list, with what the environment says in its header."""
    monkeypatch.setenv("SUPPLIERS_CALLER", "jiyi")
    subgraph, asked = suppliers
    async with gateway(subgraphs=(*shop.subgraphs, subgraph)) as client:
        answer = await client.post("/graphql", json={"query": "{ topProducts { name supplier { name } } }"})
    assert answer.json() == {
        "data": {
            "topProducts": [{"name": "P1", "supplier": {"name": "甲"}}, {"name": "P2", "supplier": {"name": "甲"}}]
        }
    }
    assert asked == ['POST /of {"codes":["1","2"]} jiyi']


async def test_a_refusal_tells_status_connector_and_what_the_mapping_adds(
    gateway: Serve, shop: Shop, suppliers: tuple[Subgraph, list[str]]
) -> None:
    """As the convention has it; the rest of the answer is there."""
    subgraph, _ = suppliers
    async with gateway(subgraphs=(*shop.subgraphs, subgraph)) as client:
        answer = await client.post(
            "/graphql", json={"query": "{ a: supplier(id: 9) { id } b: supplier(id: 7) { id } }"}
        )
    assert answer.json() == {
        "data": {"a": None, "b": {"id": "7"}},
        "errors": [
            {
                "message": "Request failed",
                "path": ["a"],
                "extensions": {
                    "code": "CONNECTOR_FETCH",
                    "http": {"status": 410},
                    "connector": {"coordinate": "suppliers:Query.supplier@connect[0]"},
                    "why": "closed",
                    "service": "suppliers",
                },
            }
        ],
    }


def test_a_list_may_leave_out_its_address(tmp_path: Path) -> None:
    """In our JSON and in rover's YAML, where it is often an address that means nothing."""
    (listed,) = read_subgraphs([{"name": "suppliers", "sdl": SUPPLIERS}])
    assert listed.with_sdl(SUPPLIERS) == Subgraph("suppliers", SUPPLIERS, "")
    (tmp_path / "suppliers.graphql").write_text(SUPPLIERS)
    config = tmp_path / "supergraph.yaml"
    config.write_text(
        "subgraphs:\n  a: {schema: {file: suppliers.graphql}}\n"
        "  b: {routing_url: 'http://ignore', schema: {file: suppliers.graphql}}\n"
    )
    assert [each.with_sdl(each.sdl or "").url for each in read_list(config)] == ["", ""]

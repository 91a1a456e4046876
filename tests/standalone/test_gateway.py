"""The engine alone answers like any federation gateway, to anybody, and says whether it serves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hub.standalone.application import GatewayOptions
from hub.standalone.describing import read_sdl, subgraph_client
from hub.standalone.graph_source import GraphSource
from schema.composition import compose
from schema.subgraph import Subgraph
from tests.standalone.conftest import Serve
from tests.standalone.shop import INVENTORY, Shop

ACROSS = {"query": "{ topProducts { name inStock } }"}


async def test_an_operation_over_two_subgraphs_is_answered(gateway: Serve) -> None:
    """By POST, in the operation's order, each subgraph asked for its own."""
    async with gateway() as client:
        answer = (await client.post("/graphql", json=ACROSS)).json()
    assert answer == {"data": {"topProducts": [{"name": "P1", "inStock": True}, {"name": "P2", "inStock": False}]}}


async def test_a_supergraph_that_was_composed_before_is_served(gateway: Serve, shop: Shop) -> None:
    """The addresses are those in the supergraph."""
    supergraph = compose(shop.subgraphs).supergraph
    assert supergraph is not None
    async with gateway(source=GraphSource(supergraph=supergraph.sdl)) as client:
        answer = (await client.post("/graphql", json=ACROSS)).json()
    assert answer["data"]["topProducts"][1] == {"name": "P2", "inStock": False}


async def test_a_query_is_answered_by_get_and_a_mutation_is_not(gateway: Serve) -> None:
    """GraphQL over HTTP: GET changes nothing."""
    async with gateway() as client:
        query = await client.get("/graphql", params={"query": "{ warehouses }"})
        mutation = await client.get("/graphql", params={"query": 'mutation { rename(upc: 1, name: "x") { upc } }'})
    assert query.json() == {"data": {"warehouses": 3}}
    assert mutation.status_code == 405


async def test_it_says_that_it_serves(gateway: Serve) -> None:
    """All three spellings that the field's probes use."""
    async with gateway() as client:
        statuses = [(await client.get(path)).status_code for path in ("/health", "/healthz", "/readyz")]
    assert statuses == [200, 200, 200]


async def test_without_a_graph_it_lives_and_is_not_ready(gateway: Serve) -> None:
    """Started with --publish alone, until the first list comes."""
    async with gateway(subgraphs=()) as client:
        statuses = [(await client.get(path)).status_code for path in ("/healthz", "/readyz")]
        answer = (await client.post("/graphql", json=ACROSS)).json()
    assert statuses == [200, 503]
    assert answer["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"


async def test_a_bearer_token_that_nobody_verifies_is_no_reason_to_refuse(gateway: Serve) -> None:
    """Without --jwks everybody is anonymous, whatever they carry."""
    async with gateway() as client:
        answer = await client.post("/graphql", json=ACROSS, headers={"Authorization": "Bearer whatever"})
    assert answer.json()["data"] is not None


async def test_named_headers_go_on_to_every_subgraph_and_no_others_do(gateway: Serve, shop: Shop) -> None:
    """Whoever runs the gateway names them; a client cannot smuggle in more."""
    options = GatewayOptions(forwarded_headers=("authorization", "x-tenant"))
    headers = {"Authorization": "Bearer t", "X-Tenant": "a", "X-Other": "b"}
    async with gateway(options=options) as client:
        await client.post("/graphql", json=ACROSS, headers=headers)
    for subgraph in (shop.products, shop.inventory):
        sent = subgraph.headers[-1]
        assert (sent["authorization"], sent["x-tenant"], sent.get("x-other")) == ("Bearer t", "a", None)


async def test_a_subgraph_that_is_down_takes_only_its_own_values_away(
    gateway: Serve, shop: Shop, free_port: int
) -> None:
    """Its SDL was given, so the graph serves; the error names it."""
    down = Subgraph("inventory", INVENTORY.replace("Boolean!", "Boolean"), f"http://127.0.0.1:{free_port}/graphql")
    async with gateway(subgraphs=(down, shop.subgraphs[1])) as client:
        answer = (await client.post("/graphql", json=ACROSS)).json()
    assert answer["data"] == {"topProducts": [{"name": "P1", "inStock": None}, {"name": "P2", "inStock": None}]}
    assert answer["errors"][0]["extensions"] == {"code": "DEPARTMENT_UNREACHABLE", "service": "inventory"}


async def test_failures_keep_their_internals_unless_a_developer_asks(gateway: Serve, shop: Shop) -> None:
    """A status or an address helps on a desk and is nobody's business elsewhere."""
    shop.inventory.is_broken = True
    messages = []
    for tells in (False, True):
        async with gateway(options=GatewayOptions(tells_internals=tells)) as client:
            answer: dict[str, Any] = (await client.post("/graphql", json={"query": "{ warehouses }"})).json()
        messages.append(answer["errors"][0]["message"])
    assert messages == [
        "The department's system answered with an HTTP error status.",
        "The department's system answered with an HTTP error status. (HTTP 500)",
    ]


async def test_a_subgraph_that_keeps_failing_is_asked_again_each_time(gateway: Serve, shop: Shop) -> None:
    """No breaker: whoever runs a plain gateway sees each request's own failure."""
    shop.inventory.is_broken = True
    options = GatewayOptions(subgraph_timeout=timedelta(seconds=2))
    async with gateway(options=options) as client:
        codes = {
            (await client.post("/graphql", json={"query": "{ warehouses }"})).json()["errors"][0]["extensions"][
                "code"
            ]
            for _ in range(8)
        }
    assert codes == {"DEPARTMENT_BAD_STATUS"}


async def test_an_answer_of_many_megabytes_comes_through(gateway: Serve, shop: Shop) -> None:
    """A list of a hundred thousand is a large answer from one's own subgraph, not an attack."""
    name = "n" * 1_000
    shop.products.answers["topProducts"] = lambda _info, first: [
        {"upc": str(n), "name": name} for n in range(first)
    ]
    async with gateway() as client:
        answer = await client.post(
            "/graphql", json={"query": "{ topProducts(first: 20000) { name } }"}, timeout=60
        )
    assert len(answer.content) > 20_000_000
    assert "errors" not in answer.json()


async def test_headers_go_along_when_a_subgraph_is_asked_for_its_schema(shop: Shop) -> None:
    """Many subgraphs tell their SDL to those who show a key."""
    async with subgraph_client() as client:
        sdl = await read_sdl(shop.products_url, client, {"X-Key": "k"})
    assert sdl == shop.products.sdl
    assert shop.products.headers[-1]["x-key"] == "k"

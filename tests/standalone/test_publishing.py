"""``/subgraphs`` replaces the graph while it serves; what does not compose changes nothing."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from hub.standalone.application import GatewayOptions
from tests.standalone.conftest import Serve
from tests.standalone.shop import INVENTORY, LINK, PRODUCTS, Shop

OPTIONS = GatewayOptions(publish_token="secret")
BEARER = {"Authorization": "Bearer secret"}


async def put(client: httpx2.AsyncClient, content: Any) -> httpx2.Response:
    return await client.put("/subgraphs", json=content, headers=BEARER)


async def data_of(client: httpx2.AsyncClient, query: str) -> Any:
    return (await client.post("/graphql", json={"query": query})).json().get("data")


async def test_the_first_list_makes_it_ready(gateway: Serve, shop: Shop) -> None:
    """SDL is read from the subgraphs where the list has none."""
    async with gateway(subgraphs=(), options=OPTIONS) as client:
        answer = await put(client, shop.listed)
        assert answer.json() == {
            "success": True,
            "version": 1,
            "subgraphs": ["inventory", "products"],
            "hints": [],
        }
        assert (await client.get("/readyz")).status_code == 200
        assert await data_of(client, "{ warehouses }") == {"warehouses": 3}


async def test_a_new_list_is_served_from_then_on(gateway: Serve, shop: Shop) -> None:
    """A field that is gone is gone, the others go on."""
    async with gateway(options=OPTIONS) as client:
        products = {"name": "products", "url": shop.products_url, "sdl": PRODUCTS}
        assert (await put(client, [products])).status_code == 200
        assert await data_of(client, "{ warehouses }") is None
        assert await data_of(client, "{ topProducts(first: 1) { name } }") == {"topProducts": [{"name": "P1"}]}


async def test_a_list_that_does_not_compose_is_refused_with_every_error(gateway: Serve, shop: Shop) -> None:
    """Code, message, subgraphs and places of each, and the old graph goes on."""
    wrong = {
        "name": "wrong",
        "url": "http://127.0.0.1:1/",
        "sdl": LINK + 'type Product @key(fields: "nothing") { name: Int! }',
    }
    async with gateway(options=OPTIONS) as client:
        refused = await put(client, [*shop.listed, wrong])
        still = await data_of(client, "{ warehouses }")
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    body = refused.json()
    assert body["code"] == "COMPOSITION_FAILED"
    assert body["errors"][0]["code"] == "KEY_INVALID_FIELDS"
    assert body["errors"][0]["subgraphs"] == ["wrong"]
    assert body["errors"][0]["locations"] == [{"subgraph": "wrong", "line": 2, "column": 14}]
    assert still == {"warehouses": 3}


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"[", 400, "BAD_REQUEST"),
        (b"{}", 400, "BAD_REQUEST"),
        (b'["a"]', 400, "BAD_REQUEST"),
        (b'[{"name": "a"}]', 400, "BAD_REQUEST"),
        (b'[{"name": "a", "url": "http://127.0.0.1:1/graphql"}]', 422, "DEPARTMENT_UNREACHABLE"),
        (b'[{"name": "a", "url": "ftp://a", "sdl": "type Query { a: Int }"}]', 422, "ADDRESS_REFUSED"),
        (b"[]", 422, "COMPOSITION_FAILED"),
    ],
)
async def test_what_cannot_be_taken_up_is_told_and_changes_nothing(
    gateway: Serve, content: bytes, status: int, code: str
) -> None:
    """A list with a mistake, a subgraph that does not tell its SDL, an address that is none."""
    async with gateway(options=OPTIONS) as client:
        refused = await client.put("/subgraphs", content=content, headers=BEARER)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert await data_of(client, "{ warehouses }") == {"warehouses": 3}


@pytest.mark.parametrize("credentials", [{}, {"Authorization": "Bearer other"}, {"Authorization": "Basic secret"}])
async def test_nobody_without_the_token_may_read_or_replace(gateway: Serve, credentials: dict[str, str]) -> None:
    """The list tells addresses; replacing it is replacing the service."""
    async with gateway(options=OPTIONS) as client:
        for answer in (
            await client.get("/subgraphs", headers=credentials),
            await client.put("/subgraphs", json=[], headers=credentials),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_what_is_shown_can_be_put_again(gateway: Serve, shop: Shop) -> None:
    """Read, change, write."""
    async with gateway(options=OPTIONS) as client:
        shown = (await client.get("/subgraphs", headers=BEARER)).json()
        assert [each["sdl"] for each in shown["subgraphs"]] == [INVENTORY, PRODUCTS]
        assert (await put(client, shown)).json()["version"] == 2


async def test_without_publish_there_is_no_such_door(gateway: Serve) -> None:
    """Nothing to guess a token at."""
    async with gateway() as client:
        assert (await client.put("/subgraphs", json=[], headers=BEARER)).status_code == 404

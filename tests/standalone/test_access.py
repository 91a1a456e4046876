"""What a graph's own directives demand of a request is asked before anything is fetched.

Tokens are somebody else's: any asymmetric algorithm, any type, few claims.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from schema.subgraph import Subgraph
from tests.standalone.conftest import Serve
from tests.standalone.issuer import Issuer, open_issuer
from tests.standalone.shop import Shop

pytestmark = pytest.mark.whole

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@authenticated", "@requiresScopes", "@policy"])
"""
GUARDED = """
type Query { topProducts(first: Int = 2): [Product!]! }
interface Named { name: String! }
type Product implements Named @key(fields: "upc") {
  upc: ID!
  name: String! @authenticated
}
"""
STOCK = """
type Query { warehouses: Int! @requiresScopes(scopes: [["stock:read", "staff"], ["admin"]]) }
type Product @key(fields: "upc") { upc: ID! inStock: Boolean! @policy(policies: [["insider"]]) }
"""


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with open_issuer() as opened:
        yield opened


@pytest.fixture
def guarded(shop: Shop) -> tuple[Subgraph, ...]:
    return (
        Subgraph("products", LINK + GUARDED, shop.products_url),
        Subgraph("inventory", LINK + STOCK, shop.inventory_url),
    )


OPEN = "{ topProducts(first: 1) { upc } }"
NAMED = "{ topProducts(first: 1) { ... { title: name } } }"
WAREHOUSES = "{ warehouses }"
IN_STOCK = "{ topProducts(first: 1) { upc ...Stock } } fragment Stock on Product { inStock }"


@pytest.mark.parametrize(
    ("query", "claims", "code"),
    [
        (OPEN, None, None),
        (NAMED, None, "UNAUTHENTICATED"),
        (NAMED, {}, None),
        (WAREHOUSES, None, "UNAUTHENTICATED"),
        (WAREHOUSES, {"scope": "staff"}, "FORBIDDEN"),
        (WAREHOUSES, {"scope": "stock:read staff"}, None),
        (WAREHOUSES, {"scope": ["admin"]}, None),
        (WAREHOUSES, {"scp": "admin"}, None),
        (IN_STOCK, {"scope": "insider", "sub": "u"}, "FORBIDDEN"),
        (IN_STOCK, {"policies": ["insider"]}, None),
    ],
)
async def test_a_guarded_field_needs_what_its_directive_says(
    gateway: Serve,
    shop: Shop,
    issuer: Issuer,
    guarded: tuple[Subgraph, ...],
    query: str,
    claims: dict[str, Any] | None,
    code: str | None,
) -> None:
    """Through aliases and fragments; an operation that is refused reaches no subgraph."""
    headers = {} if claims is None else issuer.bearer(**claims)
    async with gateway(subgraphs=guarded, options=issuer.options()) as client:
        answer = (await client.post("/graphql", json={"query": query}, headers=headers)).json()
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert codes == ([code] if code else [])
    assert ("data" in answer) is (code is None)
    assert bool(shop.products.headers or shop.inventory.headers) is (code is None)


async def test_a_refusal_says_where_and_what_is_missing(
    gateway: Serve, issuer: Issuer, guarded: tuple[Subgraph, ...]
) -> None:
    """The path in the client's words, the coordinate in the schema's."""
    async with gateway(subgraphs=guarded, options=issuer.options()) as client:
        headers = {**issuer.bearer(), "Accept": "application/graphql-response+json"}
        answer = await client.post("/graphql", json={"query": f"{{ all: warehouses {NAMED[1:]}"}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["errors"] == [
        {
            "message": '"Query.warehouses" needs scopes admin or staff and stock:read. '
            "This access token does not have it.",
            "path": ["all"],
            "extensions": {"code": "FORBIDDEN"},
        }
    ]


@pytest.mark.parametrize(
    ("rule", "claims", "status"),
    [
        ({}, {"exp": 1}, 401),
        ({"issuer": "https://id.test"}, {"iss": "https://id.test"}, 200),
        ({"issuer": "https://id.test"}, {"iss": "https://other.test"}, 401),
        ({"audience": "shop"}, {"aud": ["shop", "other"]}, 200),
        ({"audience": "shop"}, {"aud": "other"}, 401),
        ({"audience": "shop"}, {}, 401),
    ],
)
async def test_a_token_that_is_not_right_is_refused_even_for_public_fields(
    gateway: Serve, issuer: Issuer, guarded: tuple[Subgraph, ...], rule: dict[str, str], claims: Any, status: int
) -> None:
    """A broken credential is never read as none."""
    async with gateway(subgraphs=guarded, options=issuer.options(**rule)) as client:
        answer = await client.post("/graphql", json={"query": OPEN}, headers=issuer.bearer(**claims))
    assert answer.status_code == status


async def test_without_jwks_guarded_fields_are_nobodys(gateway: Serve, guarded: tuple[Subgraph, ...]) -> None:
    """Nobody can prove anything there, so what demands a proof is closed."""
    async with gateway(subgraphs=guarded) as client:
        answer = await client.post("/graphql", json={"query": NAMED}, headers={"Authorization": "Bearer x"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

"""Which HTTP request each ``@connect`` makes."""

from __future__ import annotations

import json

import pytest

from connectors.connector import FetchRequest, RequestContext
from connectors.http_client import HttpClient
from connectors.rest import RestConnector
from tests.connectors.rest_service import HEAD, service


@pytest.mark.parametrize(
    ("http", "expected"),
    [
        ('GET: "/items/{$args.id}"', "GET /api/items/a%2Fb%20c"),
        ('GET: "/items?id={$args.id}&x=1"', "GET /api/items?id=a%2Fb%20c&x=1"),
        ('GET: "?id={$args.id}"', "GET /api?id=a%2Fb%20c"),
        ('GET: "/items?n={$args.none}"', "GET /api/items?n="),
        ('GET: "/items", queryParams: "id: $args.id none: $args.none n: $(1) l: $([1, 2])"',
         "GET /api/items?id=a%2Fb%20c&n=1&l=1&l=2"),
        ('GET: "/items", path: "$([$args.id, 2])"', "GET /api/items/a%2Fb%20c/2"),
        ('POST: "/items", body: "id: $args.id fixed: $(true)"', 'POST /api/items {"id":"a/b c","fixed":true}'),
        ('PUT: "/items/1", body: "$args.id"', 'PUT /api/items/1 "a/b c"'),
        ('PATCH: "/items/1", body: "$({ a: { b: [$args.id] } })"', 'PATCH /api/items/1 {"a":{"b":["a/b c"]}}'),
        ('DELETE: "/items/{$args.id}"', "DELETE /api/items/a%2Fb%20c"),
        ('POST: "/form", headers: { name: "Content-Type", value: "application/x-www-form-urlencoded" }, '
         'body: "id: $args.id n: $(1)"', "POST /api/form id=a%2Fb+c&n=1"),
    ],
)  # fmt: skip
async def test_a_connector_makes_its_request(http: str, expected: str) -> None:
    """Verb, path, query and body as the SDL says, values encoded where they stand."""
    sdl = f"""type Query {{ a(id: String, none: String): Boolean
      @connect(source: "api", http: {{ {http} }}, selection: "$.ok") }}"""
    async with service(sdl, lambda _: {"ok": True}) as api:
        response = await api.fetch('{ a(id: "a/b c") }')
        assert response.data == {"a": True}
        assert api.lines == [expected]


async def test_headers_come_from_source_and_connector_and_the_connector_wins() -> None:
    """Fixed values, settings, and names passed on."""
    source = """  @source(name: "api", http: { baseURL: "BASE", headers: [
        { name: "X-Key", value: "key {$config.key}" } { name: "X-Kind", value: "source" }
        { name: "X-Trace", from: "traceparent" } { name: "X-Absent", from: "x-absent" } ] })"""
    sdl = """type Query { a: Boolean @connect(source: "api", http: { GET: "/a",
      headers: { name: "x-kind", value: "connector" } }, selection: "$.ok") }"""
    async with service(sdl, lambda _: {"ok": True}, source=source, config={"key": "k1"}) as api:
        context = RequestContext(traceparent="00-1-2-03")
        await api.connector.fetch(FetchRequest("{ a }", context=context))
        headers = {name.lower(): value for name, value in api.asked[0].headers.items()}
        assert (headers["x-key"], headers["x-kind"], headers["x-trace"]) == ("key k1", "connector", "00-1-2-03")
        assert "x-absent" not in headers


async def test_a_base_url_with_path_and_query_is_joined() -> None:
    """Path behind path, query behind query."""
    source = '  @source(name: "api", http: { baseURL: "BASE/v1/?tenant=1", queryParams: "k: $config.key" })'
    sdl = 'type Query { a: Boolean @connect(source: "api", http: { GET: "/a?b=2" }, selection: "$.ok") }'
    async with service(sdl, lambda _: {"ok": True}, source=source, config={"key": "k"}) as api:
        await api.fetch("{ a }")
        assert api.lines == ["GET /v1/a?tenant=1&k=k&b=2"]


async def test_an_address_without_a_source_is_called_as_it_is() -> None:
    """A one-off connector needs no @source."""
    sdl = 'type Query { a: Boolean @connect(http: { GET: "BASE/whole?x=1" }, selection: "$.ok") }'
    async with service(sdl, lambda _: {"ok": True}) as api:
        await api.fetch("{ a }")
        assert api.lines == ["GET /whole?x=1"]


def test_renamed_directives_work() -> None:
    """@link may give them other names."""
    renamed = '[{ name: "@source", as: "@api" }, { name: "@connect", as: "@call" }]'
    sdl = f"""{HEAD.replace("VERSION", "v0.2").replace('["@source", "@connect"]', renamed)}
      @api(name: "api", http: {{ baseURL: "https://x.example" }})
      type Query {{ a: Boolean @call(source: "api", http: {{ GET: "/a" }}, selection: "$.ok") }}"""
    assert RestConnector("x", sdl, HttpClient()).base_urls == ("https://x.example",)


async def test_a_path_cannot_be_climbed_by_a_value() -> None:
    """``..`` as a key never reaches another resource of the department."""
    sdl = """type Query { a(id: String): Boolean
      @connect(source: "api", http: { GET: "/items/{$args.id}/x" }, selection: "$.ok") }"""
    async with service(sdl, lambda _: {"ok": True}) as api:
        response = await api.fetch('{ a(id: "..") }')
        assert response.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert api.lines == []


async def test_a_mutation_sends_its_key_and_its_input() -> None:
    """Commands are idempotent by header; an input object is passed on in parts."""
    sdl = """type Query { a: Boolean @connect(source: "api", http: { GET: "/a" }, selection: "$.ok") }
      input Order { number: ID! amount: Int! note: String }
      type Mutation { settle(input: Order!): Receipt!
        @connect(source: "api",
                 http: { POST: "/settle",
                         body: "$args.input { number amount note } key: $context.idempotencyKey" },
                 selection: "accepted reference") }
      type Receipt { accepted: Boolean! reference: String }"""
    async with service(sdl, lambda _: {"accepted": True}) as api:
        request = FetchRequest(
            "mutation($i: Order!) { settle(input: $i) { accepted reference } }",
            {"i": {"number": "7", "amount": 100}},
            kind="mutation",
            idempotency_key="once",
        )
        response = await api.connector.fetch(request)
        assert response.data == {"settle": {"accepted": True, "reference": None}}
        assert api.asked[0].headers["Idempotency-Key"] == "once"
        assert json.loads(api.asked[0].body) == {"number": "7", "amount": 100, "key": "once"}

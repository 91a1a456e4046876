"""A GraphQL server that knows no Federation, made a subgraph by an overlay."""

from __future__ import annotations

import json

import httpx2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.build import ConnectorRegistration, build_connector
from connectors.http_client import HttpClient
from connectors.overlay import InvalidOverlay, OverlayConnector
from hub.standalone.application import GatewayOptions, open_application
from hub.standalone.graph_source import GraphSource
from schema.overlay import check_overlay
from schema.subgraph import Subgraph
from tests.connectors.plain_server import overlay, plain_server
from tests.hub.serving import served


async def test_all_entities_of_a_request_are_asked_for_in_one() -> None:
    """One by alias, many together, equal ones once; in the order of the representations."""
    async with plain_server(overlay()) as server:
        response = await server.entities(
            '__typename ... on User { name } ... on Product { name(language: "en") } ... on Group { title }',
            {"__typename": "User", "id": "1"},
            {"__typename": "Product", "code": "a"},
            {"__typename": "Group", "id": "g7"},
            {"__typename": "User", "id": "0"},
            {"__typename": "Product", "code": "gone"},
            {"__typename": "Product", "code": "b"},
            {"__typename": "User", "id": "1"},
        )
    user = {"__typename": "User", "name": "user 1"}
    product = {"__typename": "Product", "name": "en"}
    group = {"__typename": "Group", "title": "group g7"}
    assert response.data == {"_entities": [user, product, group, None, None, product, user]}
    assert response.errors == ()
    assert len(server.asked) == 1
    assert server.asked[0]["query"].count("user(") == 2
    assert ["a", "gone", "b"] in server.asked[0]["variables"].values()
    assert "_entities" not in json.dumps(server.asked)


async def test_an_object_of_another_type_is_not_found() -> None:
    """``node`` gives whatever has that id."""
    async with plain_server(overlay()) as server:
        response = await server.entities("... on Group { title }", {"__typename": "Group", "id": "1"})
    assert response.data == {"_entities": [None]}


async def test_errors_belong_to_the_entities_that_they_are_about() -> None:
    """And leave the others alone, even where the server's field may not be null."""
    async with plain_server(overlay()) as server:
        broken = await server.entities(
            "... on User { name }", {"__typename": "User", "id": "2"}, {"__typename": "User", "id": "broken"}
        )
        strict = await server.entities(
            "... on Order { total }", {"__typename": "Order", "no": -1}, {"__typename": "Order", "no": 2}
        )
    assert broken.data == {"_entities": [{"name": "user 2"}, None]}
    assert [(each["message"], each["path"]) for each in broken.errors] == [("user is broken", ["_entities", 1])]
    assert strict.data == {"_entities": [None, {"total": 20}]}
    assert [each["path"] for each in strict.errors] == [["_entities", 0]]


async def test_fragments_variables_and_other_fields_travel_along() -> None:
    """Whatever a planner writes."""
    query = """query Q($r: [_Any!]!, $lang: String, $more: Boolean!) {
      hello
      people: _entities(representations: $r) { ...U ... on Product { name(language: $lang) } }
    }
    fragment U on User { name ...Friend @include(if: $more) }
    fragment Friend on User { friend { name } }"""
    representations = [{"__typename": "User", "id": "1"}, {"__typename": "Product", "code": "a"}]
    async with plain_server(overlay()) as server:
        response = await server.fetch(query, r=representations, lang="fr", more=True)
    assert response.errors == ()
    assert response.data == {
        "hello": "hello",
        "people": [{"name": "user 1", "friend": {"name": "friend"}}, {"name": "fr"}],
    }


async def test_the_server_is_never_asked_for_its_sdl() -> None:
    async with plain_server(overlay()) as server:
        response = await server.fetch("{ _service { sdl } }")
        assert response.data == {"_service": {"sdl": overlay()}}
        assert await server.connector.describe() == overlay()
        assert (await server.fetch("{ hello }")).data == {"hello": "hello"}
    assert [each["query"] for each in server.asked] == ["{ hello }"]


async def test_a_gateway_joins_a_plain_server_with_a_subgraph() -> None:
    """Another department refers to its users by key."""
    reviews = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Query { review: Review }
    type Review { author: User }
    type User @key(fields: "id", resolvable: false) { id: ID! }"""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((await request.json())["query"])
        return web.json_response({"data": {"review": {"author": {"__typename": "User", "id": "5"}}}})

    application = web.Application()
    application.router.add_post("/graphql", answer)
    async with plain_server(overlay()) as server, TestServer(application) as other:
        source = GraphSource.of(
            Subgraph("people", overlay(), server.url),
            Subgraph("reviews", reviews, str(other.make_url("/graphql"))),
        )
        async with (
            open_application(GatewayOptions(), source) as (app, _engine),
            served(app) as url,
            httpx2.AsyncClient(base_url=url) as client,
        ):
            body = {"query": "{ hello review { author { name friend { id } } } }"}
            answered = (await client.post("/graphql", json=body)).json()
    assert answered == {
        "data": {"hello": "hello", "review": {"author": {"name": "user 5", "friend": {"id": "9"}}}}
    }


@pytest.mark.parametrize(
    ("replaced", "code", "told"),
    [
        ('@lookup(query: "person(id: $id)")', "OVERLAY_LOOKUP_INVALID", "Cannot query field"),
        ('@lookup(query: "user(id: $id) name")', "OVERLAY_LOOKUP_INVALID", "ask for one field"),
        ('@lookup(query: "user(")', "OVERLAY_LOOKUP_INVALID", "is no field of a query"),
        ('@lookup(query: "user")', "OVERLAY_LOOKUP_INVALID", "reads no field of the type"),
        ('@lookup(query: "user(id: $no)")', "OVERLAY_LOOKUP_VARIABLE_UNKNOWN", '$no is no field of "User"'),
        ('@lookup(query: "user(no: $id)")', "OVERLAY_LOOKUP_INVALID", "Unknown argument"),
        ('@lookup(query: "hello(id: $id)")', "OVERLAY_LOOKUP_TYPE_MISMATCH", 'gives String, not "User"'),
        ('@lookup(query: "strict(no: $id)")', "OVERLAY_LOOKUP_TYPE_MISMATCH", 'gives Order!, not "User"'),
        ('@lookup(query: "user(id: $id)", many: true)', "OVERLAY_LOOKUP_TYPE_MISMATCH", "Remove many"),
        ("", "OVERLAY_KEY_WITHOUT_LOOKUP", 'Nothing finds "User" by @key(fields: "id")'),
        ('@lookup(query: "user(id: $name)")', "OVERLAY_KEY_WITHOUT_LOOKUP", "Add @lookup"),
    ],
)
def test_a_wrong_look_up_is_told_with_code_place_and_mend(replaced: str, code: str, told: str) -> None:
    sdl = overlay(user=f'type User implements Node @key(fields: "id") {replaced}')
    errors = check_overlay("people", sdl)
    assert [(error.code, told in error.message) for error in errors][:1] == [(code, True)], errors
    assert errors[0].locations
    with pytest.raises(InvalidOverlay):
        OverlayConnector(
            "people", sdl, build_connector(ConnectorRegistration("x", "graphql", "http://x.example"), HttpClient())
        )


def test_a_look_up_without_a_key_and_requirements_are_told() -> None:
    without_key = overlay(user='type User implements Node @lookup(query: "user(id: $id)")')
    assert [error.code for error in check_overlay("people", without_key)] == ["OVERLAY_LOOKUP_WITHOUT_KEY"]
    requiring = overlay().replace("name: String friend", 'name: String @requires(fields: "friend { id }") friend')
    assert [error.code for error in check_overlay("people", requiring)] == ["OVERLAY_REQUIRES"]

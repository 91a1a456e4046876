"""Clients from npm, unmodified, as everybody has them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)
from strawberry.federation import Schema

from hub.own_subgraph import NAME, own_sdl
from hub.registry.composing import composed
from mocks import human_resources, public_security
from schema.durable import OTHER_TICKET
from schema.subgraph import Subgraph
from tests.clients.conftest import Door, RunNode, hub_door
from tests.hub.graph_for_tests import REGISTER

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


async def test_the_graphql_over_http_audit_finds_nothing(door: Door, node: RunNode) -> None:
    """All sixty-one of graphql-http's audits hold, those that are only recommended included."""
    audits = await node("audit.mjs", door.url)
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == 61


async def test_graphql_request_queries_mutates_and_reads_errors(door: Door, node: RunNode) -> None:
    """The client finds data, error codes and the reader's token where it expects them."""
    assert await node("graphql_request.mjs", door.url, door.token) == {
        "query": {"echo": "集易集易"},
        "refused": "GRAPHQL_VALIDATION_FAILED",
        "mutation": {"rename": {"id": "c-1", "name": "李雷"}},
    }


async def test_graphql_ws_comes_again_and_is_told_why_it_was_closed(door: Door, node: RunNode) -> None:
    """The client of the protocol's own authors; a connection that broke is made again, and asked the same.

    The codes: no message, not initialised, a forged token, an id in use, a second initialisation.
    """
    assert await node("graphql_ws.mjs", door.url, door.token, "4400 4401 4403 4409 4429") == {
        "closed": [4400, 4401, 4403, 4409, 4429],
        "subscription": [{"data": {"ticks": 1}}, {"data": {"ticks": 2}}],
        "query": [{"data": {"me": {"id": "c-1", "name": "王小明"}}}],
        "connections": 2,
    }


async def test_graphql_ws_is_closed_when_it_does_not_introduce_itself(node: RunNode) -> None:
    """A connection that says nothing is not kept."""
    async with hub_door(patience=timedelta(seconds=2)) as door:
        assert (await node("graphql_ws.mjs", door.url, door.token, "4408"))["closed"] == [4408]


async def test_apollo_client_queries_subscribes_in_parts_and_sends_hashes(door: Door, node: RunNode) -> None:
    """The first persisted query sends its hash, then its text; from then on the hash is enough."""
    assert await node("apollo_client.mjs", door.url, door.token) == {
        "query": {"me": {"__typename": "Citizen", "id": "c-1", "name": "王小明"}},
        "refused": "GRAPHQL_VALIDATION_FAILED",
        "subscription": [1, 2, 3],
        "persisted": {"ping": "pong"},
        "posted": ["GET hash", "POST text", "GET hash"],
    }


async def test_urql_gets_json_for_queries_and_events_for_subscriptions(door: Door, node: RunNode) -> None:
    """Its one ``Accept`` lists JSON first and streams later; what the operation is decides."""
    results = await node("urql.mjs", door.url, door.token)
    assert "text/event-stream" in results.pop("accepts")
    assert results == {
        "query": {"me": {"id": "c-1", "name": "王小明"}},
        "mutation": {"rename": {"id": "c-1", "name": "李雷"}},
        "refused": "GRAPHQL_VALIDATION_FAILED",
        "subscription": [1, 2, 3],
        "methods": ["GET", "POST", "GET", "POST"],
    }


async def test_graphql_sse_streams_over_distinct_connections_and_over_one(door: Door, node: RunNode) -> None:
    """The same answers either way."""
    answers = {
        "subscription": [{"data": {"ticks": 1}}, {"data": {"ticks": 2}}, {"data": {"ticks": 3}}],
        "query": [{"data": {"me": {"id": "c-1"}}}],
        "refused": "GRAPHQL_VALIDATION_FAILED",
    }
    assert await node("graphql_sse.mjs", f"{door.url}/stream", door.token) == {
        "distinct": answers,
        "single": answers,
    }


async def test_postmans_newman_sends_bodies_in_graphql_mode(door: Door, node: RunNode) -> None:
    """Variables are text there, an empty one too; an error is a 200, since JSON is what it asks for."""
    answers = await node("newman.mjs", door.url, door.token)
    refused = answers.pop("refused")
    assert (refused["status"], refused["errors"][0]["extensions"]["code"]) == (200, "GRAPHQL_VALIDATION_FAILED")
    assert answers == {
        "query": {"status": 200, "data": {"echo": "集易集易"}},
        "empty variables": {"status": 200, "data": {"ping": "pong"}},
        "mutation": {"status": 200, "data": {"rename": {"id": "c-1", "name": "李雷"}}},
    }


async def test_code_generator_makes_types_from_the_schema_that_it_reads(door: Door, node: RunNode) -> None:
    """The client preset, which reads the schema by introspection."""
    assert await node("codegen.mjs", door.url) == (
        "export type MeQuery = { me: { id: string, name: string | null, cars: number | null } | null };"
    )


async def test_hives_command_line_reads_the_schema(door: Door, node: RunNode) -> None:
    """It asks for ``_service`` first, as a subgraph has it, and takes the refusal for what it is."""
    sdl = await node("hive.mjs", door.url, door.token)
    assert coordinates(build_schema(sdl)) == coordinates(build_schema(REGISTER))


async def test_cosmos_command_line_composes_what_speaks_graphql(tmp_path: Path, node: RunNode) -> None:
    """The hub's own, and those of departments, as they state themselves: clients see what they see here."""
    subgraphs = (
        Subgraph(NAME, own_sdl()),
        Subgraph("human-resources", stated(human_resources.SCHEMA)),
        Subgraph("public-security", stated(public_security.SCHEMA)),
    )
    composition = composed(subgraphs)
    assert composition.supergraph is not None
    for each in subgraphs:
        # Another composer knows no @gather: for it, what several answer is shared.
        sdl = re.sub(r"@gather(\([^)]*\))?(?=\s)", "@shareable", each.sdl)
        (tmp_path / f"{each.name}.graphql").write_text(sdl, encoding="utf-8")
    listed = [
        {"name": each.name, "routing_url": f"http://{each.name}", "schema": {"file": f"./{each.name}.graphql"}}
        for each in subgraphs
    ]
    file = tmp_path / "graph.yaml"
    file.write_text(yaml.safe_dump({"version": 1, "subgraphs": listed}), encoding="utf-8")
    made = await node("wgc.mjs", str(file))
    assert made["subgraphs"] == ["hub", "human-resources", "public-security"]
    ours = coordinates(composition.supergraph.api_schema)
    # Tickets of durable mutations are made by our composition; a graph without such mutations has none of them.
    assert coordinates(build_schema(made["sdl"])) == {
        each for each in ours if not each.startswith(f"{OTHER_TICKET}.")
    }


def stated(schema: Schema) -> str:
    """What a subgraph says of itself."""
    answer = schema.execute_sync("{ _service { sdl } }")
    assert answer.data is not None, answer.errors
    return str(answer.data["_service"]["sdl"])


def coordinates(schema: GraphQLSchema) -> set[str]:
    """Every field of every type that is no introspection's, with its type."""
    return {
        f"{name}.{field}: {declared.type}"
        for name, each in schema.type_map.items()
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
        and not name.startswith("__")
        for field, declared in each.fields.items()
    }

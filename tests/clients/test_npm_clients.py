"""Clients from npm, unmodified, as everybody has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import print_schema

from hub.composing import composed
from hub.own_subgraph import NAME, own_sdl
from schema.subgraph import Subgraph
from tests.clients.conftest import RunNode

pytestmark = pytest.mark.node


async def test_the_graphql_over_http_audit_finds_nothing(hub: str, node: RunNode) -> None:
    """All sixty-one of graphql-http's audits hold, those that are only recommended included."""
    audits = await node("audit.mjs", hub)
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == 61


async def test_graphql_request_queries_mutates_and_reads_errors(hub: str, node: RunNode) -> None:
    """The client finds data, error codes and the reader's token where it expects them."""
    assert await node("graphql_request.mjs", hub) == {
        "query": {"echo": "集易集易"},
        "refused": "GRAPHQL_VALIDATION_FAILED",
        "mutation": {"rename": {"id": "c-1", "name": "李雷"}},
    }


async def test_graphql_ws_subscribes_queries_and_is_told_why_it_was_closed(hub: str, node: RunNode) -> None:
    """The client of the protocol's own authors."""
    assert await node("graphql_ws.mjs", hub) == {
        "subscription": [{"data": {"ticks": 1}}, {"data": {"ticks": 2}}],
        "query": [{"data": {"me": {"id": "c-1", "name": "王小明"}}}],
        "closed": 4403,
    }


async def test_apollo_client_queries_subscribes_in_parts_and_sends_hashes(hub: str, node: RunNode) -> None:
    """The first persisted query sends its hash, then its text; from then on the hash is enough."""
    assert await node("apollo_client.mjs", hub) == {
        "query": {"me": {"__typename": "Citizen", "id": "c-1", "name": "王小明"}},
        "refused": "GRAPHQL_VALIDATION_FAILED",
        "subscription": [1, 2, 3],
        "persisted": {"ping": "pong"},
        "posted": ["GET hash", "POST text", "GET hash"],
    }


async def test_urql_gets_json_for_queries_and_events_for_subscriptions(hub: str, node: RunNode) -> None:
    """Its one ``Accept`` lists JSON first and streams later; what the operation is decides."""
    results = await node("urql.mjs", hub)
    assert "text/event-stream" in results.pop("accepts")
    assert results == {
        "query": {"me": {"id": "c-1", "name": "王小明"}},
        "mutation": {"rename": {"id": "c-1", "name": "李雷"}},
        "refused": "GRAPHQL_VALIDATION_FAILED",
        "subscription": [1, 2, 3],
        "methods": ["GET", "POST", "GET", "POST"],
    }


async def test_graphql_sse_streams_over_distinct_connections_and_over_one(hub: str, node: RunNode) -> None:
    """The same answers either way."""
    answers = {
        "subscription": [{"data": {"ticks": 1}}, {"data": {"ticks": 2}}, {"data": {"ticks": 3}}],
        "query": [{"data": {"me": {"id": "c-1"}}}],
        "refused": "GRAPHQL_VALIDATION_FAILED",
    }
    assert await node("graphql_sse.mjs", f"{hub}/stream") == {"distinct": answers, "single": answers}


async def test_code_generator_makes_types_from_the_schema_that_it_reads(hub: str, node: RunNode) -> None:
    """The client preset, which reads the schema by introspection."""
    assert await node("codegen.mjs", hub) == (
        "export type MeQuery = { me: { id: string, name: string | null, cars: number | null } | null };"
    )


async def test_relays_compiler_takes_the_hubs_own_schema(tmp_path: Path, node: RunNode) -> None:
    """What ``own_sdl`` composes to is what a Relay project has in its folder."""
    composition = composed((Subgraph(NAME, own_sdl()),))
    assert composition.supergraph is not None
    schema = tmp_path / "schema.graphql"
    schema.write_text(print_schema(composition.supergraph.api_schema), encoding="utf-8")
    assert await node("relay.mjs", str(schema)) == (
        "query ItemsQuery( $search: String ) { serviceItems(search: $search) { ...Items_item } } "
        "fragment Items_item on ServiceItem { code name rating { mean count } } "
    )

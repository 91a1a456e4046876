"""Clients from npm, unmodified, as everybody has them."""

from __future__ import annotations

import pytest

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

"""Relay, its compiler and its runtime, over the hub's own part of the graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import print_schema
from starlette.applications import Starlette

from auth.actor import Actor
from auth.policy import Policy
from connectors.clock import SystemClock
from hub.cases.case_filing import Submission
from hub.doors.routes import graphql_routes
from hub.gateway import Gateway, GraphState
from hub.gateway.policy import Identities
from hub.own_subgraph import NAME, own_sdl
from hub.registry.composing import composed
from hub.storage.database import Database
from schema.subgraph import Subgraph
from tests.clients.conftest import RunNode
from tests.hub.own_graph import Graph
from tests.hub.serving import served
from tests.hub.world import ANNA, FREE, World

pytestmark = [pytest.mark.node, pytest.mark.timeout(600)]


async def verify(_token: str) -> Actor:
    return ANNA


async def identities(actor: Actor) -> Identities:
    return {"Citizen.id": frozenset({actor.subject})}


async def test_relay_gathers_pages_in_both_directions(tmp_path: Path, node: RunNode) -> None:
    """Compiled from the exported SDL; the next page of one's cases is asked below ``node``."""
    database = Database(f"sqlite:///{tmp_path / 'jiyi.db'}")
    await database.create_tables_for_tests()
    world = World(database)
    await world.catalogue.seed()
    for number in range(5):
        await world.cases.submit_case(ANNA, Submission(FREE.item_code, FREE.form, idempotency_key=str(number)))
        world.clock.move(minutes=1)
    supergraph = composed((Subgraph(NAME, own_sdl()),)).supergraph
    assert supergraph is not None
    sdl = tmp_path / "schema.graphql"
    sdl.write_text(print_schema(supergraph.api_schema), encoding="utf-8")
    gateway = Gateway(Policy(), identities, clock=SystemClock())
    gateway.publish(GraphState(supergraph, {NAME: Graph(world).connector}, {}, 1))
    async with served(Starlette(routes=graphql_routes(gateway, verify, SystemClock()))) as url:
        gathered = await node("relay.mjs", f"{url}/graphql", "anna", str(sdl))
    cases = [each.receipt_number for each in await world.cases.cases_of(ANNA, ANNA.subject)]
    items = [each.code for each in (await world.catalogue.current()).in_force(world.clock.now())]
    await database.close()
    assert gathered == {"cases": cases, "items": items, "pages": (len(items) + 1) // 2}
    assert (len(cases), len(items) > 4) == (5, True)

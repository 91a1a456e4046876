"""Gateways of others load the supergraph that we print, unchanged, and answer as one process would."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from schema.composition import compose
from schema.subgraph import Subgraph
from tests.engine.data import Data, make_data
from tests.engine.generate import make_graph
from tests.engine.graph_model import GraphModel
from tests.engine.processes import Process, subgraph_processes, whole_process
from tests.engine.trial import World, make_asked
from tests.gateways.conftest import RunNode
from tests.hub.serving import served

pytestmark = pytest.mark.node


@dataclass
class Serving:
    """A made-up graph whose subgraphs listen, and the supergraph that says where."""

    world: World
    sdl: str


def _application(process: Process) -> Starlette:
    async def answer(request: Request) -> JSONResponse:
        sent: dict[str, Any] = await request.json()
        result = process.answer(sent["query"], sent.get("variables") or {})
        return JSONResponse(json.loads(json.dumps(result.formatted)))

    return Starlette(routes=[Route("/", answer, methods=["POST"])])


@asynccontextmanager
async def serving(model: GraphModel, data: Data) -> AsyncIterator[Serving]:
    async with AsyncExitStack() as stack:
        urls: Mapping[str, str] = {
            name: await stack.enter_async_context(served(_application(process))) + "/"
            for name, process in subgraph_processes(model, data).items()
        }
        composition = compose(Subgraph(name, model.subgraph_sdl(name), urls[name]) for name in model.subgraphs)
        assert composition.supergraph, composition.errors
        yield Serving(World(model, data, composition), composition.supergraph.sdl)


@pytest.mark.parametrize("seed", [1, 2, 12])
async def test_they_answer_over_our_supergraph_as_one_process_does(seed: int, node: RunNode) -> None:
    """Entities, requires, provides, shared fields, interfaces and unions of a made-up graph.

    The seeds are graphs on which neither gateway makes a mistake of its own: both lose or confuse values where
    required fields depend on others, or where one field is asked twice with different arguments.
    """
    random = Random(seed)
    model = make_graph(random, may_gather=False)
    async with serving(model, make_data(model, random)) as graph:
        asked = [one for one in make_asked(graph.world, seed) if one.text.startswith("query")]
        assert len(asked) >= 3
        operations = [{"query": one.text, "variables": dict(one.variables)} for one in asked]
        answers = await node("ask.mjs", {"supergraph": graph.sdl, "operations": operations})
    whole = whole_process(model, graph.world.data)
    expected = [
        json.loads(json.dumps(whole.answer(one.text, one.variables).formatted.get("data"))) for one in asked
    ]
    assert {name: [each["data"] for each in given] for name, given in answers.items()} == {
        "apollo": expected,
        "hive": expected,
    }

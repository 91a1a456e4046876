"""Serve a mock of an SDL: what is typed, and what is started of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from graphql import GraphQLInterfaceType, GraphQLObjectType
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.application import application
from mocks.faults import Faults
from mocks.faults.scenario import read_scenario
from mocks.generated.data import read_data
from mocks.generated.definitions import UnreadableSdl
from mocks.generated.graph import MockGraph
from mocks.generated.rest.serving import RestDoors
from mocks.generated.serving import GraphDoors
from mocks.generated.subgraph import Subgraph, read_subgraph
from mocks.generated.world import Options, World
from mocks.server import listen, run
from mocks.structured import UnreadableFile


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sdl", type=Path, required=True, help='the SDL; "-" is stdin')
    parser.add_argument("--name", help="the department's name; the file's if absent")
    parser.add_argument("--data", type=Path, help="objects and values of your own")
    parser.add_argument("--count", type=int, default=20, help="how long lists of a root are")
    parser.add_argument(
        "--nulls", type=float, default=0.1, help="how many of the nullable values are null, 0 to 1"
    )
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two events")


def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM. Raises :class:`UnreadableFile`."""
    try:
        _serve(arguments)
    except UnreadableSdl as error:
        raise UnreadableFile(f"{arguments.sdl}: {error}") from error


def _serve(arguments: argparse.Namespace) -> None:
    subgraph = _subgraph(arguments.sdl)
    scenario = read_scenario(arguments.scenario) if arguments.scenario else None
    data = read_data(arguments.data, type_fields(subgraph)) if arguments.data else None
    name = arguments.name or ("mock" if str(arguments.sdl) == "-" else arguments.sdl.stem)
    options = Options(name, arguments.seed, arguments.count, arguments.nulls)
    world = World(subgraph, options, data)
    faults = Faults(scenario=scenario, seed=arguments.seed)
    is_rest = bool(world.subgraph.connects)
    doors = RestDoors(world) if is_rest else GraphDoors(MockGraph(world, arguments.interval), faults.random)
    listener = listen("mock", arguments.host, arguments.port)

    async def requests(_request: Request) -> Response:
        return JSONResponse(doors.requests)

    async def state(_request: Request) -> Response:
        world.forget()
        doors.requests.clear()
        return Response(status_code=204)

    routes = (Route("/__requests", requests), Route("/__state", state, methods=["DELETE"]), *doors.routes)
    run(application(routes, faults, makes_partial=not is_rest), listener, faults, websockets=True)


def _subgraph(path: Path) -> Subgraph:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return read_subgraph(text)
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error


def type_fields(subgraph: Subgraph) -> Mapping[str, frozenset[str]]:
    """The names of the fields of each type that the SDL has."""
    return {
        name: frozenset(named.fields)
        for name, named in subgraph.schema.type_map.items()
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("_")
    }

"""Stock clients from npm, installed once per lock file, and both doors on real ports for them to talk to."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from connectors.graphql_streams import SubscriptionDoor
from hub.doors.routes import graphql_routes
from hub.doors.websocket import WebSocketSettings, websocket_routes
from hub.standalone.application import open_application
from hub.standalone.graph_source import GraphSource
from schema.subgraph import Subgraph
from tests import node_packages
from tests.clients.department import Register
from tests.hub.graph_for_tests import REGISTER, gateway_for, verify_token
from tests.hub.serving import served
from tests.standalone.issuer import open_issuer

HERE = Path(__file__).parent
RunNode = Callable[..., Awaitable[Any]]
Subgraphs = Mapping[str, str]
"""Addresses of subgraphs on stock servers, by what they speak."""
Told = tuple[tuple[str, SubscriptionDoor], ...]
"""A subgraph's name, and how and where it is asked for subscriptions."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where one small register is asked, and the token of its reader ``c-1``."""

    url: str
    token: str


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Path:
    """A folder with the scripts and the npm packages of the lock file; made once, kept in pytest's cache."""
    return node_packages.installed(pytestconfig, "clients", HERE)


@pytest.fixture
def node(installed: Path) -> RunNode:
    """Run one of the scripts with arguments; its output is JSON."""

    async def run(script: str, *arguments: str) -> Any:
        return await node_packages.run(installed, script, *arguments)

    return run


@pytest.fixture(scope="session")
def subgraphs(installed: Path) -> Iterator[Subgraphs]:
    """Subgraphs on the stock servers from npm, in one process."""
    process = subprocess.Popen(
        ["node", "subgraphs.mjs", REGISTER], cwd=installed, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


@pytest.fixture(params=["hub", "engine"])
async def door(request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    """The hub's door over one department, and the engine alone over a subgraph."""
    if request.param == "hub":
        async with hub_door() as opened:
            yield opened
    else:
        register = Subgraph("register", REGISTER, request.getfixturevalue("subgraphs")["register"])
        async with engine_door(register) as opened:
            yield opened


@asynccontextmanager
async def hub_door(patience: timedelta = timedelta(seconds=10)) -> AsyncIterator[Door]:
    """``patience`` is how long a WebSocket may stay silent before it is initialised."""
    gateway, clock = gateway_for(Register()), SystemClock()
    settings = WebSocketSettings(patience)
    routes = [
        *graphql_routes(gateway, verify_token, clock),
        *websocket_routes(gateway, verify_token, clock, settings),
    ]
    async with served(Starlette(routes=routes)) as url:
        yield Door(f"{url}/graphql", "citizen")


@asynccontextmanager
async def engine_door(*subgraphs: Subgraph, subscriptions: Told = ()) -> AsyncIterator[Door]:
    """The engine alone, which verifies its readers' tokens and sends them on."""
    async with open_issuer() as issuer:
        options = replace(issuer.options(), forwarded_headers=("authorization",), subscriptions=subscriptions)
        async with open_application(options, GraphSource.of(*subgraphs)) as (app, _engine), served(app) as url:
            yield Door(f"{url}/graphql", issuer.token(sub="c-1"))

"""Stock clients from npm, installed once per lock file, and a hub on a real port for them to talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from hub.routes import graphql_routes
from hub.websocket import websocket_routes
from tests import node_packages
from tests.clients.department import Register
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served

HERE = Path(__file__).parent
RunNode = Callable[..., Awaitable[Any]]


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


@pytest.fixture
async def hub() -> AsyncIterator[str]:
    """The address of a hub with one small department."""
    gateway, clock = gateway_for(Register()), SystemClock()
    routes = [*graphql_routes(gateway, verify_token, clock), *websocket_routes(gateway, verify_token, clock)]
    async with served(Starlette(routes=routes)) as url:
        yield f"{url}/graphql"

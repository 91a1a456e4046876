"""Stock clients from npm, installed once per lock file, and a hub on a real port for them to talk to."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from hub.routes import graphql_routes
from hub.websocket import websocket_routes
from tests.clients.department import Register
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served

HERE = Path(__file__).parent
RunNode = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Path:
    """A folder with the scripts and the npm packages of the lock file; made once, kept in pytest's cache."""
    if shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("npm is missing; CI requires it")
        pytest.skip("npm is missing; clients from npm are not tried")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(pytestconfig.cache.mkdir(f"clients-{sha256(lock).hexdigest()[:12]}"))
    if not (folder / "node_modules" / ".complete").exists():
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder / name)
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=folder, check=True, timeout=300)
        (folder / "node_modules" / ".complete").touch()
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder / script.name)
    return folder


@pytest.fixture
def node(installed: Path) -> RunNode:
    """Run one of the scripts with arguments; its output is JSON."""

    async def run(script: str, *arguments: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            "node", script, *arguments, cwd=installed, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            async with asyncio.timeout(60):
                output, trouble = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode == 0, trouble.decode()
        return json.loads(output)

    return run


@pytest.fixture
async def hub() -> AsyncIterator[str]:
    """The address of a hub with one small department."""
    gateway, clock = gateway_for(Register()), SystemClock()
    routes = [*graphql_routes(gateway, verify_token, clock), *websocket_routes(gateway, verify_token, clock)]
    async with served(Starlette(routes=routes)) as url:
        yield f"{url}/graphql"

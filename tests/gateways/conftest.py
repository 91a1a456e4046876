"""Composers and gateways from npm, installed once per lock file, and made-up subgraphs on real ports."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests import node_packages

HERE = Path(__file__).parent
RunNode = Callable[[str, Any], Awaitable[Any]]


@pytest.fixture(scope="session")
def installed(pytestconfig: pytest.Config) -> Path:
    """A folder with the scripts and the npm packages of the lock file."""
    return node_packages.installed(pytestconfig, "gateways", HERE)


@pytest.fixture
def node(installed: Path, tmp_path: Path) -> RunNode:
    """Run one of the scripts on a JSON value; its output is JSON."""

    async def run(script: str, given: Any) -> Any:
        file = tmp_path / f"{script}.json"
        file.write_text(json.dumps(given), encoding="utf-8")
        return await node_packages.run(installed, script, str(file), seconds=100)

    return run

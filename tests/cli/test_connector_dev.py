"""`jiyi connector dev`: the ten-minute road, as a process; a saved change is served, a broken one is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Jiyi

SDL = """extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@source", "@connect"])
  @source(name: "api", http: { baseURL: "http://127.0.0.1:9" })
type Query {
  park: String @connect(source: "api", http: { GET: "/park" }, selection: "$.name")
}
"""
FLAGS = ("--schema", "parks.graphql", "--port", "0", "--polling-interval", "0.05")


def test_a_saved_change_is_served_and_a_broken_one_is_told(tmp_path: Path) -> None:
    """The last good one goes on, so that who tries something is not thrown out by a bracket."""
    schema = tmp_path / "parks.graphql"
    schema.write_text(SDL)
    with (tmp_path / "stderr").open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.cli", "connector", "dev", "parks", *FLAGS],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            env={**os.environ},
        )
    try:
        assert process.stdout is not None
        graph, explorer, _ = (process.stdout.readline() for _ in range(3))
        url = graph.split()[1]
        assert httpx2.get(explorer.split()[1]).status_code == 200
        assert fields(url) == ["park", "_service"]
        schema.write_text(SDL.replace("$.name", "$.name {"))
        until(lambda: "1 to mend. The one of before goes on." in (tmp_path / "stderr").read_text())
        assert fields(url) == ["park", "_service"]
        schema.write_text(SDL.replace("park:", "garden:"))
        until(lambda: fields(url) == ["garden", "_service"])
        failed = httpx2.post(url, json={"query": "{ garden }"}).json()
        assert failed["errors"][0]["extensions"]["code"] == "DEPARTMENT_UNREACHABLE"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    told_lines = (tmp_path / "stderr").read_text().splitlines()
    assert any(line.startswith("INVALID_SELECTION: ") and "(parks.graphql:6:" in line for line in told_lines)
    assert any("GET http://127.0.0.1:9/park  no answer → Query.garden" in line for line in told_lines)


def fields(url: str) -> list[str]:
    answer = httpx2.post(url, json={"query": "{ __schema { queryType { fields { name } } } }"}).json()
    return [each["name"] for each in answer["data"]["__schema"]["queryType"]["fields"]]


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ((), "Name the SDL with --schema, or a GraphQL system with --url."),
        (("--schema", "-"), "What is looked at again cannot come from stdin. Name a file."),
    ],
)
def test_wrong_usage_ends_with_two(jiyi: Jiyi, flags: tuple[str, ...], text: str) -> None:
    """What is missing, by the name of its flag."""
    ran = jiyi("connector", "dev", "parks", *flags)
    assert ran.exit_code == 2
    assert text in ran.err

"""`jiyi gateway --workers`: several processes on one address serve one graph."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import run_process
from tests.cli.test_gateway_verb import SDL, ready_url, started, written

pytestmark = pytest.mark.whole

BEARER = {"Authorization": "Bearer secret"}
CONNECTIONS = 24


def listed(field: str = "a") -> dict[str, str]:
    return {"name": "a", "url": "http://127.0.0.1:1/graphql", "sdl": SDL.replace("a:", f"{field}:")}


def versions(url: str) -> set[int]:
    """What each of many new connections is told: together they meet every worker."""
    return {httpx2.get(f"{url}/subgraphs", headers=BEARER).json()["version"] for _ in range(CONNECTIONS)}


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def eventually(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_a_published_list_reaches_every_worker_before_it_is_answered(tmp_path: Path) -> None:
    """Whoever reads the answer of PUT meets the new graph, whichever process he meets."""
    flags = ("--subgraphs", written(tmp_path, listed()), "--port", "0", "--workers", "2", "--publish")
    with started(*flags, JIYI_PUBLISH_TOKEN="secret") as process:
        url = ready_url(process)
        assert versions(url) == {1}
        for version in (2, 3):
            new = [listed(f"of{version}")]
            answer = httpx2.put(f"{url}/subgraphs", json=new, headers=BEARER, timeout=30)
            assert answer.json()["version"] == version
            assert versions(url) == {version}
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def test_a_worker_that_dies_is_replaced_and_serves_the_newest_graph(tmp_path: Path) -> None:
    """Nobody has to look after it."""
    flags = ("--subgraphs", written(tmp_path, listed()), "--port", "0", "--workers", "2", "--publish")
    with started(*flags, JIYI_PUBLISH_TOKEN="secret") as process:
        url = ready_url(process)
        httpx2.put(f"{url}/subgraphs", json=[listed("b")], headers=BEARER, timeout=30)
        before = children(process.pid)
        os.kill(before[0], signal.SIGKILL)
        eventually(lambda: len(set(children(process.pid)) - set(before)) == 1)
        assert versions(url) == {2}
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def test_a_second_gateway_does_not_slip_onto_the_same_address(tmp_path: Path) -> None:
    """Sockets that are shared by processes of one gateway are not shared by two gateways."""
    flags = ("--subgraphs", written(tmp_path, listed()), "--workers", "2")
    with started(*flags, "--port", "0") as process:
        port = ready_url(process).rpartition(":")[2]
        second = run_process("gateway", *flags, "--port", port)
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    assert (second.exit_code, second.code) == (1, "PORT_IN_USE")


def test_an_interrupt_ends_all_of_them(tmp_path: Path) -> None:
    """With 130, and no process is left behind."""
    flags = ("--subgraphs", written(tmp_path, listed()), "--port", "0", "--workers", "2")
    with started(*flags) as process:
        ready_url(process)
        workers = children(process.pid)
        assert len(workers) == 2
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []

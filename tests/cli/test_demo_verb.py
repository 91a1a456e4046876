"""`jiyi demo`: a port in use, a second one beside it, an interrupt, and a second start that goes on."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from hub.cli.ports import free_port
from tests.cli.conftest import Ran

pytestmark = pytest.mark.whole

COMMAND = (sys.executable, "-m", "hub.cli", "demo")
STOPS_WITHIN_SECONDS = 5
SLACK_SECONDS = 3


@contextmanager
def demo(folder: Path, *flags: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A demo that serves, with what it announced."""
    with (folder / "stderr").open("w") as progress:
        process = subprocess.Popen(
            [*COMMAND, *flags], cwd=folder, stdout=subprocess.PIPE, stderr=progress, text=True
        )
    try:
        assert process.stdout is not None
        announced = ""
        for line in process.stdout:
            announced += line
            if line.startswith("Ctrl-C"):
                break
        else:
            raise AssertionError((folder / "stderr").read_text())
        yield announced, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def left_in(folder: Path) -> list[str]:
    """Processes that work in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def post(graph: str, query: str, operation_name: str | None = None) -> None:
    httpx2.post(graph, json={"query": query, "operationName": operation_name}, trust_env=False)


def token_of(folder: Path) -> str:
    """What somebody gets who does in another terminal what the demo says there."""
    file = folder / ".jiyi/demo/operator.env"
    assert file.stat().st_mode & 0o777 == 0o600
    script = f". {file}; {sys.executable} -m hub.cli demo --token"
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60
    ).stdout.strip()


def name_by(token: str, graph: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx2.post(graph, json={"query": "{ me { name } }"}, headers=headers, trust_env=False)
    return str(answer.json()["data"]["me"]["name"])


def told_requests(folder: Path, wanted: int) -> list[str]:
    """The lines for requests, once there are as many as wanted."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        lines = [line for line in (folder / "stderr").read_text().splitlines() if " ms  " in line]
        if len(lines) >= wanted:
            return lines[-wanted:]
        time.sleep(0.1)
    raise AssertionError((folder / "stderr").read_text())


def supergraph_version(folder: Path) -> int:
    logs = (folder / ".jiyi/demo/logs/hub.log").read_text()
    return int(logs.rsplit('"supergraph": ', 1)[1].split(",", 1)[0])


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_demo_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """A taken port is told, a second demo refused, an interrupt leaves nothing, the next start adds nothing."""
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        with demo(tmp_path, "--port", str(port)) as (announced, process):
            assert f"port {port} is taken; the hub takes " in (tmp_path / "stderr").read_text()
            assert f"127.0.0.1:{port}/" not in announced
            beside = run_demo(tmp_path)
            assert (beside.exit_code, beside.code) == (1, "DEMO_RUNS")
            reset = run_demo(tmp_path, "--reset")
            assert (reset.exit_code, reset.code) == (1, "DEMO_RUNS")
            begin = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
            assert time.monotonic() - begin < STOPS_WITHIN_SECONDS + SLACK_SECONDS
    assert left_in(tmp_path) == []
    first = supergraph_version(tmp_path)
    assert first == 5

    with demo(tmp_path) as (again, _):
        assert supergraph_version(tmp_path) == first
        graph = again.split("graph ")[1].split()[0]
        assert graph == announced.split("graph ")[1].split()[0]
        assert name_by(token_of(tmp_path), graph) == "易办成"
        post(graph, "query Items { serviceItems { code } }", "Items")
        post(graph, "{ nothing }")
        _, items, wrong = told_requests(tmp_path, 3)
        assert re.fullmatch(r" *\d+\.\d ms  hub  0 errors  Items", items)
        assert re.fullmatch(r" *\d+\.\d ms  no subgraph  1 error \(GRAPHQL_VALIDATION_FAILED\)", wrong)
    assert left_in(tmp_path) == []

    assert run_demo(tmp_path, "--reset").out == "the demo begins anew\n"
    assert not (tmp_path / ".jiyi/demo").exists()


def test_an_interrupt_ends_a_demo_that_is_starting(tmp_path: Path) -> None:
    """No need to wait until it serves, and nothing is left behind."""
    process = subprocess.Popen(COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert left_in(tmp_path) == []


def run_demo(folder: Path, *flags: str) -> Ran:
    done = subprocess.run([*COMMAND, *flags], cwd=folder, capture_output=True, text=True, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr)


def test_a_token_needs_to_know_of_which_demo(tmp_path: Path) -> None:
    """The mend is one line to paste."""
    said = run_demo(tmp_path, "--token")
    assert (said.exit_code, said.code) == (2, "WRONG_USAGE")
    assert ". .jiyi/demo/operator.env" in said.err


def test_what_only_the_walk_understands_is_refused_without_it(tmp_path: Path) -> None:
    """A scenario that is silently left out would be taken for one that was walked."""
    for flags in (("--scenario", "late"), ("--json",)):
        said = run_demo(tmp_path, *flags)
        assert (said.exit_code, "WRONG_USAGE" in said.out + said.err) == (2, True)
    unknown = run_demo(tmp_path, "--once", "--json", "--scenario", "nowhere")
    assert (unknown.exit_code, unknown.code) == (2, "UNKNOWN_SCENARIO")

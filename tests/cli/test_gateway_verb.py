"""`jiyi gateway`: wrong usage, a busy port, subgraphs that are late, an interrupt."""

from __future__ import annotations

import json
import os
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

from hub.cli.ports import free_port as any_free_port
from tests.cli.conftest import Jiyi, process_ready, run_process

pytestmark = pytest.mark.whole

SDL = "type Query { a: Int }"


def written(folder: Path, *subgraphs: dict[str, str]) -> str:
    file = folder / "subgraphs.json"
    file.write_text(json.dumps(subgraphs))
    return str(file)


@contextmanager
def started(*flags: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "gateway", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ready_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return str(json.loads(process.stdout.readline())["url"])


def test_it_serves_and_an_interrupt_ends_it_with_130(tmp_path: Path) -> None:
    """One JSON line on stdout once it serves; nothing hangs at the end."""
    file = written(tmp_path, {"name": "a", "url": "http://127.0.0.1:1/graphql", "sdl": SDL})
    with started("--subgraphs", file, "--port", "0") as process:
        url = ready_url(process)
        assert httpx2.get(f"{url}/readyz").status_code == 200
        answer = httpx2.post(f"{url}/graphql", json={"query": "{ __typename }"})
        assert answer.json() == {"data": {"__typename": "Query"}}
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=10)
        assert process.returncode == 130
        assert "Traceback" not in err


def test_a_subgraph_that_is_late_is_waited_for(tmp_path: Path) -> None:
    """Progress on stderr, and then it serves."""
    port = any_free_port()
    here = {"name": "a", "url": "http://127.0.0.1:1/graphql", "sdl": SDL}
    file = written(tmp_path, here, {"name": "cards", "url": f"http://127.0.0.1:{port}/graphql"})
    with started("--subgraphs", file, "--port", "0") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith('waiting for subgraph "cards", 60 s more: ')
        with process_ready("-m", "mocks.human_resources", "--port", str(port)):
            assert httpx2.get(f"{ready_url(process)}/health").status_code == 200


def test_waiting_has_an_end(tmp_path: Path) -> None:
    """Who did not come is named, and the reason."""
    file = written(tmp_path, {"name": "a", "url": f"http://127.0.0.1:{any_free_port()}/graphql"})
    began = time.monotonic()
    ran = run_process("gateway", "--subgraphs", file, "--port", "0", "--wait", "0.5")
    assert (ran.exit_code, ran.err.splitlines()[-1].partition(":")[0]) == (1, "DEPARTMENT_UNREACHABLE")
    assert 'subgraph "a"' in ran.err
    assert time.monotonic() - began < 10


def test_subgraphs_that_do_not_compose_are_told_with_their_places(tmp_path: Path) -> None:
    """Every error, then that nothing is served."""
    wrong = {"name": "a", "url": "http://127.0.0.1:1/", "sdl": "type Query {"}
    ran = run_process("gateway", "--subgraphs", written(tmp_path, wrong), "--port", "0")
    assert ran.exit_code == 1
    first, last = ran.err.splitlines()
    assert first.startswith("INVALID_GRAPHQL: ")
    assert first.endswith(" a:1:13")
    assert last == "COMPOSITION_FAILED: 1 error; there is no graph. Mend what is named."


def test_an_address_that_cannot_be_called_is_told_before_serving(tmp_path: Path) -> None:
    """A list without addresses composes, and cannot be served."""
    file = written(tmp_path, {"name": "a", "sdl": SDL})
    ran = run_process("gateway", "--subgraphs", file, "--port", "0")
    assert (ran.exit_code, ran.code) == (1, "ADDRESS_REFUSED")
    assert 'subgraph "a" cannot be called at "": ' in ran.err


def test_a_file_that_is_no_supergraph_is_told(jiyi: Jiyi, tmp_path: Path) -> None:
    """A subgraph's SDL in its place, for instance."""
    (tmp_path / "a.graphql").write_text(SDL)
    ran = jiyi("gateway", "--supergraph", "a.graphql", "--port", "0")
    assert (ran.exit_code, ran.err.splitlines()[-1].partition(":")[0]) == (1, "SUPERGRAPH_UNREADABLE")


def test_a_busy_port_tells_who_has_it_and_the_next_free_one(tmp_path: Path) -> None:
    """Before anything is read."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run_process("gateway", "--subgraphs", str(tmp_path / "none.json"), "--port", str(port))
    assert (ran.exit_code, ran.code) == (1, "PORT_IN_USE")
    assert f"127.0.0.1:{port} is taken by " in ran.err
    assert "--port " in ran.err


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ((), "Name the graph with --subgraphs or --supergraph, or take it by --publish."),
        (
            ("--subgraphs", "a.json", "--supergraph", "b", "--port", "0"),
            "Give --subgraphs or --supergraph, not both.",
        ),
        (("--supergraph", "b.graphql", "--port", "0"), "SUPERGRAPH_UNREADABLE: b.graphql: No such file"),
        (("--subgraphs", "a.json", "--issuer", "x"), "--issuer and --audience are demanded of tokens"),
        (("--subgraphs", "a.json", "--jwks", "keys.json"), "--jwks is the http or https address of a key set."),
        (("--subgraphs", "a.json", "--forward-header", "Content-Length"), '"Content-Length" belongs to one'),
        (("--subgraphs", "a.json", "--subscriptions", "news=smoke"), '"news=smoke" is not NAME=graphql-ws'),
        (
            ("--subgraphs", "a.json", "--subscriptions", "news=ws://169.254.169.254/x"),
            '"news" cannot be asked for subscriptions at "ws://169.254.169.254/x": ',
        ),
        (("--subgraphs", "a.json", "--publish"), "PUBLISH_TOKEN_MISSING: --publish needs a secret in JIYI_"),
        (("--subgraphs", "a.json", "--port", "0"), "SUBGRAPHS_UNREADABLE: a.json: No such file or directory"),
        (("--subgraphs", "a.json", "--port", "65536"), "Input should be less than or equal to 65535"),
    ],
)
def test_wrong_usage_ends_with_two(jiyi: Jiyi, flags: tuple[str, ...], text: str) -> None:
    """What is wrong and the mend, before anything is served."""
    ran = jiyi("gateway", *flags, JIYI_PUBLISH_TOKEN="")
    assert ran.exit_code == 2
    assert text in " ".join(ran.err.split())


def test_a_host_that_is_not_here_is_told(jiyi: Jiyi) -> None:
    """The flag to mend is named."""
    ran = jiyi("gateway", "--subgraphs", "a.json", "--host", "192.0.2.1", "--port", "0")
    assert (ran.exit_code, ran.code) == (1, "CANNOT_LISTEN")

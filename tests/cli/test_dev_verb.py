"""`jiyi dev`: the flags that people type at rover and hive, a change that is taken up, an interrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from hub.cli.subgraph_flags import grouped
from tests.cli.conftest import Jiyi

SDL = "type Query { a: Int }"


@contextmanager
def developing(folder: Path, *flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address, once it says where it serves."""
    with (folder / "stderr").open("w") as progress:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.cli", "dev", "--port", "0", "--polling-interval", "0.1", *flags],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=progress,
            text=True,
            env={**os.environ},
        )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        assert [line.split()[0] for line in lines] == ["graph", "explorer", "try", "Ctrl-C"]
        yield process, lines[0].split()[1]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(10)


def field_names(url: str) -> list[str]:
    answer = httpx2.post(url, json={"query": "{ __schema { queryType { fields { name } } } }"}).json()
    return [each["name"] for each in answer["data"]["__schema"]["queryType"]["fields"]]


@pytest.mark.parametrize(
    "flags",
    [
        ("--name", "a", "--url", "http://127.0.0.1:1/", "--schema", "a.graphql"),
        ("--service", "a", "--url", "http://127.0.0.1:1/", "--schema", "a.graphql", "--watch"),
        ("--supergraph-config", "rover.yaml"),
    ],
)
def test_a_schema_file_that_changes_is_taken_up(tmp_path: Path, flags: tuple[str, ...]) -> None:
    """Whichever tool's habit the flags come from."""
    schema = tmp_path / "a.graphql"
    schema.write_text(SDL)
    (tmp_path / "rover.yaml").write_text(
        "subgraphs:\n  a:\n    routing_url: http://127.0.0.1:1/\n    schema:\n      file: ./a.graphql\n"
    )
    with developing(tmp_path, *flags) as (process, url):
        assert field_names(url) == ["a"]
        schema.write_text("type Query { a: Int b: Int }")
        ends = time.monotonic() + 20
        while field_names(url) != ["a", "b"]:
            assert time.monotonic() < ends
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    told = (tmp_path / "stderr").read_text()
    assert "version 2: a changed" in told
    assert "0 fetches  no subgraph  0 errors" in told
    assert "Traceback" not in told


def test_flags_that_stand_together_are_one_subgraph() -> None:
    """In any order, as names come again; `=` as well as a space."""
    typed = "--url u1 --name a --port 1 --service=b --url=u2 --schema s -n c -u u3"
    assert grouped(typed.split()) == (
        {"url": "u1", "name": "a"},
        {"name": "b", "url": "u2", "schema": "s"},
        {"name": "c", "url": "u3"},
    )


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ((), "Name the subgraphs with --supergraph-config, or each with --name and --url."),
        (("--name", "a"), 'subgraph "a" has no --url.'),
        (("--url", "http://a/"), "the subgraph at http://a/ has no name."),
        (
            ("--name", "a", "--url", "u", "--schema", "none"),
            "SUBGRAPHS_UNREADABLE: none: No such file or directory",
        ),
        (("--supergraph-config", "none"), "SUBGRAPHS_UNREADABLE: none: No such file or directory"),
        (("--supergraph-config", "-"), "A list that is looked at again cannot come from stdin."),
    ],
)
def test_wrong_usage_ends_with_two(jiyi: Jiyi, flags: tuple[str, ...], text: str) -> None:
    """What is missing, by the name of its flag."""
    ran = jiyi("dev", *flags)
    assert ran.exit_code == 2
    assert text in " ".join(ran.err.split())

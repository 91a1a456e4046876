"""The command line as a person has it: what it printed where, and with which code it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.commands import app
from hub.cli.ports import free_port

OPERATOR_SECRET = "operator-secret-of-the-tests"


@dataclass(frozen=True, slots=True)
class Ran:
    """One call of ``jiyi``."""

    exit_code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        """The one JSON document on stdout; its frame is checked here, for every verb."""
        body: dict[str, Any] = json.loads(self.out)
        assert set(body) == {"json_version", "data", "error"}
        assert body["json_version"] == "1"
        assert body["data"]["success"] is (body["error"] is None)
        assert (self.exit_code == 0) is (body["error"] is None)
        if body["error"] is not None:
            assert set(body["error"]) == {"code", "message", "details"}
        return body

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.envelope["data"]
        return data

    @property
    def code(self) -> str:
        """The error's code, from the envelope or from the first word of stderr."""
        if self.out.startswith("{"):
            return str(self.envelope["error"]["code"])
        return self.err.partition(":")[0]


Jiyi = Callable[..., Ran]


@pytest.fixture
def jiyi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Jiyi:
    """``jiyi(*arguments, stdin=…, **environment)`` in this process, in an empty folder and home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    def run(*arguments: object, stdin: str | None = None, **environment: str) -> Ran:
        result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


def run_process(*arguments: str, **environment: str) -> Ran:
    """``jiyi`` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@contextmanager
def process_ready(*arguments: str, **environment: str) -> Iterator[str]:
    """A process of ours or of the mocks, until the block ends; yields the address of its ready line."""
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def hub_in(directory: Path, **environment: str) -> Iterator[str]:
    """A hub with a database of its own, on a free port; yields its address."""
    settings = {
        "JIYI_STATE_DIRECTORY": str(directory),
        "JIYI_DATABASE_URL": f"sqlite:///{directory / 'hub.db'}",
        "JIYI_OPERATOR_CLIENT_SECRET": OPERATOR_SECRET,
        "JIYI_ALLOW_PRIVATE_ADDRESSES": "true",
        **environment,
    }
    with process_ready("-m", "hub.cli", "run", "--port", str(free_port()), **settings) as url:
        yield url

"""`jiyi agent`: wrong files are told at once, and it loads nothing of the hub and no database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Jiyi

STRANGE = (
    "auth",
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "aiosqlite",
    "psycopg",
    "strawberry",
    "starlette.templating",
)
AGENT = """
department = "civil-affairs"

[broker]
url = "http://127.0.0.1:9"
token_env = "TOKEN"

[connector]
kind = "graphql"
url = "http://127.0.0.1:9/graphql"

[events]
port = 0
"""
LIST_MODULES = """
import atexit, sys
sys.argv = ["jiyi", "agent", "--config", sys.argv[1]]
atexit.register(lambda: print(*sorted(sys.modules), sep="\\n"))
from hub.cli import main
main()
"""


def test_the_agent_loads_no_hub_and_no_database(tmp_path: Path) -> None:
    """A department installs it without trusting a hub's worth of code; seen while it runs, from its verb on."""
    config = tmp_path / "agent.toml"
    config.write_text(AGENT)
    process = subprocess.Popen(
        [sys.executable, "-c", LIST_MODULES, str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"TOKEN": "t", "PATH": ""},
    )
    assert process.stderr is not None
    assert "Trying again" in process.stderr.readline()
    process.terminate()
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    loaded = set(out.split())
    assert "connectors.remote_broker" in loaded
    assert [name for name in loaded if name.startswith("hub.") and not name.startswith("hub.cli")] == []
    assert loaded.isdisjoint(STRANGE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("department =", "The file is not TOML"),
        ('department = "civil-affairs"', "broker.url must be amqp://, amqps://, or the hub's http(s):// address."),
        (AGENT.replace("[broker]", "[brocker]"), "brocker"),
    ],
)
def test_a_file_that_cannot_be_used_is_wrong_usage(jiyi: Jiyi, tmp_path: Path, text: str, reason: str) -> None:
    """Nothing is started; every problem is told at once."""
    (tmp_path / "agent.toml").write_text(text)
    ran = jiyi("agent", "--config", "agent.toml", TOKEN="t")
    assert (ran.exit_code, ran.code, ran.out) == (2, "BAD_SETTINGS", "")
    assert reason in ran.err


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """In one line, as every verb does."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        (tmp_path / "agent.toml").write_text(AGENT.replace("port = 0", f"port = {other.getsockname()[1]}"))
        ran = subprocess.run(
            [sys.executable, "-m", "hub.cli", "agent", "--config", str(tmp_path / "agent.toml")],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "TOKEN": "t"},
        )
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("PORT_IN_USE: events cannot be taken at 127.0.0.1:")


def test_a_file_that_is_missing_is_wrong_usage(jiyi: Jiyi) -> None:
    """By the name that was typed."""
    ran = jiyi("agent", "--config", "missing.toml")
    assert ran.exit_code == 2
    assert "missing.toml" in ran.err

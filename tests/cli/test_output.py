"""What all verbs have in common: streams, exit codes, colours, the two spellings of JSON, the version."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub.cli.format_option import spelt_as_flag
from hub.cli.ports import free_port
from tests.cli.conftest import Jiyi, run_process


def test_the_version_is_the_package_s() -> None:
    """The first thing a report of a mistake needs."""
    ran = run_process("--version")
    assert (ran.exit_code, ran.out) == (0, "jiyi 0.1.0\n")


@pytest.mark.parametrize("arguments", [["explain"], ["nonsense"], ["explain", "X", "--nonsense"]])
def test_wrong_usage_ends_with_two(jiyi: Jiyi, arguments: list[str]) -> None:
    """A script tells its own mistake from a failed check."""
    ran = jiyi(*arguments)
    assert ran.exit_code == 2
    assert ran.out == ""
    assert "Usage: " in ran.err


def test_an_error_goes_to_stderr_and_ends_with_one(jiyi: Jiyi) -> None:
    """Nothing of an error can be mistaken for data in a pipe."""
    ran = jiyi("explain", "NO_SUCH_CODE")
    assert (ran.exit_code, ran.out) == (1, "")
    assert ran.err == 'UNKNOWN_CODE: "NO_SUCH_CODE" is no code of ours. docs/errors.md lists them.\n'


def test_an_error_in_json_is_in_the_envelope(jiyi: Jiyi) -> None:
    """Who asks for JSON gets JSON, whatever happens."""
    ran = jiyi("explain", "NO_SUCH_CODE", "--json")
    assert ran.exit_code == 1
    assert ran.envelope["data"] == {"success": False}
    assert ran.envelope["error"]["code"] == "UNKNOWN_CODE"


@pytest.mark.parametrize("spelling", [["--json"], ["--format", "json"], ["--format=json"]])
def test_json_has_a_long_and_a_short_spelling(jiyi: Jiyi, spelling: list[str]) -> None:
    """Fingers know either from other tools."""
    assert jiyi("explain", "AGENT_OFFLINE", *spelling).data["code"] == "AGENT_OFFLINE"


def test_plain_is_a_format_too(jiyi: Jiyi) -> None:
    """What is the default can be said."""
    assert jiyi("explain", "agent_offline", "--format", "plain").out.startswith("AGENT_OFFLINE: ")


def test_an_unknown_format_is_wrong_usage(jiyi: Jiyi) -> None:
    """It names what there is."""
    ran = jiyi("explain", "AGENT_OFFLINE", "--format", "xml")
    assert ran.exit_code == 2
    assert '"xml" is neither plain nor json' in ran.err


def test_what_stands_behind_two_dashes_is_left_alone() -> None:
    """An argument may look like an option."""
    assert spelt_as_flag(["explain", "--", "--format", "json"]) == ["explain", "--", "--format", "json"]


def test_no_escape_sequence_reaches_a_terminal_that_wants_none() -> None:
    """NO_COLOR means bold and dim too; looked at on a terminal, where colours would be."""
    reader, terminal = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "hub.cli", "explain"]
    subprocess.run(command, stdout=terminal, stderr=terminal, env=environment, timeout=60)
    os.close(terminal)
    assert b"\x1b" not in os.read(reader, 100_000)
    os.close(reader)


def test_an_interrupt_ends_with_130(tmp_path: Path) -> None:
    """Shells and scripts tell an interrupt from a failure."""
    settings = tmp_path / "jiyi.toml"
    os.mkfifo(settings)
    command = [sys.executable, "-m", "hub.cli", "settings", "--settings", str(settings)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with settings.open("w"):  # opens once the command reads, and then waits for us
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_data_can_be_sent_to_a_file(jiyi: Jiyi, tmp_path: Path) -> None:
    """--output leaves stdout empty."""
    (tmp_path / "one.json").write_text('[{"name": "one", "url": "http://one", "sdl": "type Query { a: Int }"}]')
    ran = jiyi("compose", "one.json", "--output", "supergraph.graphql")
    assert (ran.exit_code, ran.out) == (0, "")
    assert "type Query" in (tmp_path / "supergraph.graphql").read_text()


def test_an_output_that_cannot_be_written_is_told(jiyi: Jiyi, tmp_path: Path) -> None:
    """The file and the reason, no stack trace."""
    (tmp_path / "one.json").write_text('[{"name": "one", "url": "http://one", "sdl": "type Query { a: Int }"}]')
    ran = jiyi("compose", "one.json", "--output", "nowhere/supergraph.graphql")
    assert (ran.exit_code, ran.err) == (
        2,
        "OUTPUT_UNWRITABLE: nowhere/supergraph.graphql: No such file or directory\n",
    )


def test_a_busy_port_is_told_with_its_owner_and_the_next_free_one() -> None:
    """`jiyi run` says who has it and what to type instead."""
    import socket

    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        ran = run_process("run", "--port", str(port))
    assert ran.exit_code == 1
    assert ran.err.startswith(f"PORT_IN_USE: 127.0.0.1:{port} is taken by ")
    assert f"(process {os.getpid()})" in ran.err
    assert "--port " in ran.err

"""`jiyi settings` and `jiyi doctor`: what is set, and what would keep the hub from running."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Jiyi, Ran


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_settings_are_printed_with_their_sources(jiyi: Jiyi, tmp_path: Path) -> None:
    """Where a value came from is the first question when it is wrong."""
    (tmp_path / "jiyi.toml").write_text('port = 8080\nlog_level = "debug"\n')
    data = jiyi("settings", "--json", JIYI_PORT="9090").data["settings"]
    assert data["port"] == {"value": 9090, "source": "environment:JIYI_PORT"}
    assert data["log_level"] == {"value": "debug", "source": "file:jiyi.toml"}
    assert data["broker_url"] == {"value": "embedded", "source": "default"}


def test_secrets_are_masked_in_both_formats(jiyi: Jiyi) -> None:
    """What is pasted into a ticket holds no secret."""
    secrets = {
        "JIYI_PAYMENT_SECRET": "canary-1",
        "JIYI_OPERATOR_CLIENT_SECRET": "canary-2",
        "JIYI_BROKER_URL": "amqp://hub:canary-3@broker/",
        "JIYI_DATABASE_URL": "postgresql://hub:canary-4@database/hub",
    }
    for ran in (jiyi("settings", **secrets), jiyi("settings", "--json", **secrets)):
        assert ran.exit_code == 0
        assert "canary" not in ran.out + ran.err
        assert "amqp://hub:***@broker/" in ran.out


@pytest.mark.parametrize("verb", ["settings", "doctor", "run", "worker"])
def test_a_bad_setting_is_wrong_usage_with_its_place(jiyi: Jiyi, tmp_path: Path, verb: str) -> None:
    """The file, the name, the mend, the same for every verb that reads settings."""
    (tmp_path / "my.toml").write_text("prot = 8080\n")
    ran = jiyi(verb, "--settings", "my.toml")
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == 'BAD_SETTINGS: my.toml: "prot" is no setting. `jiyi settings` lists them all.\n'


def test_a_settings_file_that_is_missing_or_no_toml_is_told(jiyi: Jiyi, tmp_path: Path) -> None:
    """With line and column where it breaks."""
    assert "missing.toml: cannot be read" in jiyi("settings", "--settings", "missing.toml").err
    (tmp_path / "my.toml").write_text("port = 1\nhost = \n")
    assert "(at line 2, column 8)" in jiyi("settings", "--settings", "my.toml").err
    assert jiyi("settings", "--settings", "my.toml", "--json").code == "BAD_SETTINGS"


def test_a_well_machine_passes(jiyi: Jiyi, free_port: int) -> None:
    """A tick for each thing looked at."""
    ran = jiyi("doctor", JIYI_PORT=str(free_port))
    assert ran.exit_code == 0
    assert [line[0] for line in ran.out.splitlines()] == ["✓"] * 7


def test_a_busy_port_is_found_with_its_owner(jiyi: Jiyi, taken_port: int) -> None:
    """Who has it, and what to type instead."""
    finding = _sick(jiyi("doctor", "--json", JIYI_PORT=str(taken_port)))
    assert finding["name"] == "port"
    assert f"127.0.0.1:{taken_port} is taken by " in finding["detail"]
    assert "--port " in finding["mend"]


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:{port}/nothing", "sqlite:////proc/nowhere/hub.db"])
def test_a_database_that_cannot_be_used_is_found(jiyi: Jiyi, free_port: int, url: str) -> None:
    """A server that is away, a folder where nothing can be written."""
    url = url.format(port=free_port)
    finding = _sick(jiyi("doctor", "--json", JIYI_PORT=str(free_port), JIYI_DATABASE_URL=url))
    assert finding["name"] == "database"
    assert "JIYI_DATABASE_URL" in finding["mend"]


def test_a_broker_that_is_down_is_found(jiyi: Jiyi, free_port: int) -> None:
    """What to look at, without the password."""
    url = f"amqp://hub:canary@127.0.0.1:{free_port}/"
    ran = jiyi("doctor", "--json", JIYI_PORT=str(free_port), JIYI_BROKER_URL=url)
    finding = _sick(ran)
    assert finding["name"] == "broker"
    assert "JIYI_BROKER_URL" in finding["mend"]
    assert "canary" not in ran.out + ran.err


def test_a_missing_certificate_is_found(jiyi: Jiyi, free_port: int) -> None:
    """Half of a pair is none."""
    ran = jiyi("doctor", "--json", JIYI_PORT=str(free_port), JIYI_TLS_CERTIFICATE="/nowhere.pem")
    assert _sick(ran)["detail"] == "missing: /nowhere.pem"


def test_a_state_directory_that_cannot_be_written_is_found(jiyi: Jiyi, tmp_path: Path, free_port: int) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "state").write_text("")
    database = f"sqlite:///{tmp_path / 'hub.db'}"
    ran = jiyi(
        "doctor", "--json", JIYI_PORT=str(free_port), JIYI_STATE_DIRECTORY="state", JIYI_DATABASE_URL=database
    )
    assert _sick(ran)["mend"] == "Set JIYI_STATE_DIRECTORY."


def test_what_is_sick_is_marked_in_plain_text(jiyi: Jiyi, taken_port: int) -> None:
    """The mend stands below."""
    ran = jiyi("doctor", JIYI_PORT=str(taken_port))
    assert ran.exit_code == 1
    assert "✗ port: " in ran.out
    assert "\n  → " in ran.out


def _sick(ran: Ran) -> dict[str, Any]:
    assert ran.exit_code == 1
    assert ran.code == "NOT_WELL"
    sick: list[dict[str, Any]] = [each for each in ran.data["findings"] if not each["ok"]]
    assert len(sick) == 1, sick
    return sick[0]


def test_a_key_that_is_too_short_is_told_without_being_quoted(jiyi: Jiyi, free_port: int) -> None:
    """Before the hub refuses to start with it; one that is missing is told and no fault."""
    missing = jiyi("doctor", JIYI_PORT=str(free_port))
    assert "secret key: not set" in missing.out
    short = jiyi("doctor", JIYI_PORT=str(free_port), JIYI_SECRET_KEY="too-short")
    assert short.exit_code == 1
    assert "✗ secret key" in short.out
    assert "too-short" not in short.out + short.err

"""``jiyi run`` where something is missing: one line that names it and the mend, a code, no stack trace."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.command import jiyi

pytestmark = pytest.mark.timeout(180)

NOBODY = "127.0.0.1:1"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def _fails(directory: Path, *arguments: str, code: str, exit_code: int = 1, port: int = 0) -> str:
    """What it says on stderr."""
    ran = jiyi(directory, *arguments, environment={"JIYI_PORT": str(port)}, seconds=120)
    assert (ran.returncode, ran.stdout) == (exit_code, ""), ran.stderr
    assert f"{code}: " in ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    return ran.stderr


def test_port_in_use_names_its_owner_and_the_next_free_one(tmp_path: Path, taken_port: int) -> None:
    """The commonest trouble of the first minute."""
    said = _fails(tmp_path, "run", code="PORT_IN_USE", port=taken_port)
    assert f"127.0.0.1:{taken_port} is taken by " in said
    assert "--port " in said


@pytest.mark.parametrize(
    ("url", "code", "exit_code", "words"),
    [
        ("mysql://somebody@somewhere/jiyi", "BAD_SETTINGS", 2, "is neither sqlite:///path nor postgresql://"),
        ("sqlite:////nowhere/at/all/hub.db", "DATABASE_UNAVAILABLE", 1, "unable to open database file"),
        (f"postgresql://jiyi@{NOBODY}/jiyi", "DATABASE_UNAVAILABLE", 1, "Check JIYI_DATABASE_URL"),
    ],
)
def test_wrong_database(tmp_path: Path, url: str, code: str, exit_code: int, words: str) -> None:
    """Wrong in its form, wrong in its path, or away: three answers, and the setting to look at."""
    assert words in _fails(tmp_path, "run", "--database", url, code=code, exit_code=exit_code)


def test_wrong_database_stops_a_worker_too(tmp_path: Path) -> None:
    """A worker has no port and no page: its stderr is all that an operator sees."""
    _fails(tmp_path, "worker", "--database", f"postgresql://jiyi@{NOBODY}/jiyi", code="DATABASE_UNAVAILABLE")


def test_broker_that_is_down_is_told_without_its_password(tmp_path: Path) -> None:
    """The address helps; the credentials in it would stay in somebody's log."""
    said = _fails(tmp_path, "run", "--broker", f"amqp://jiyi:geheim@{NOBODY}/", code="BROKER_UNAVAILABLE")
    assert NOBODY in said
    assert "geheim" not in said


def test_broker_of_a_kind_that_we_do_not_speak(tmp_path: Path) -> None:
    """It would be taken for a host name otherwise."""
    said = _fails(tmp_path, "run", "--broker", "kafka://127.0.0.1", code="BAD_SETTINGS", exit_code=2)
    assert "amqp://" in said


def test_settings_file_with_an_unknown_name(tmp_path: Path) -> None:
    """A slip of the pen must not mean the default."""
    file = tmp_path / "jiyi.toml"
    file.write_text('databse_url = "sqlite:///hub.db"\n')
    said = _fails(tmp_path, "run", code="BAD_SETTINGS", exit_code=2)
    assert '"databse_url" is no setting' in said


def test_certificate_that_is_not_there(tmp_path: Path) -> None:
    """Serving plain HTTP instead would be the worst answer."""
    file = tmp_path / "jiyi.toml"
    file.write_text('tls_certificate = "missing.pem"\ntls_key = "missing.key"\n')
    said = _fails(tmp_path, "run", code="CERTIFICATE_UNUSABLE")
    assert "missing.pem" in said


def test_certificate_without_its_key(tmp_path: Path) -> None:
    """Half of a pair is a slip, whatever was meant."""
    file = tmp_path / "jiyi.toml"
    file.write_text('tls_certificate = "only.pem"\n')
    assert "Set both" in _fails(tmp_path, "run", code="CERTIFICATE_UNUSABLE")

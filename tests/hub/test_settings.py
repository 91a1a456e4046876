"""Settings: four layers, each value with its source, secrets masked, mistakes explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.settings import BadSettings, load_settings


def test_flags_outweigh_the_environment_which_outweighs_the_file(tmp_path: Path) -> None:
    """Growing weight: default, file, environment, flag; the source of each is told."""
    file = tmp_path / "jiyi.toml"
    file.write_text('host = "10.0.0.1"\nport = 1\nlog_level = "debug"\n')
    loaded = load_settings({"port": 3}, file, {"JIYI_PORT": "2", "JIYI_HOST": "10.0.0.2"})
    assert (loaded.settings.port, loaded.settings.host, loaded.settings.log_level) == (3, "10.0.0.2", "debug")
    assert loaded.sources["port"] == "flag"
    assert loaded.sources["host"] == "environment:JIYI_HOST"
    assert loaded.sources["log_level"] == f"file:{file}"
    assert loaded.sources["broker_url"] == "default"


def test_the_port_of_the_platform_is_read_from_port() -> None:
    """Platforms say PORT; our own name outweighs it."""
    assert load_settings(environment={"PORT": "81"}).settings.port == 81
    assert load_settings(environment={"PORT": "81", "JIYI_PORT": "82"}).settings.port == 82


def test_lists_in_the_environment_are_comma_separated() -> None:
    """One variable, several values."""
    settings = load_settings(environment={"JIYI_OPERATORS": "a, b"}).settings
    assert settings.operators == ("a", "b")


def test_secrets_and_passwords_in_addresses_are_masked() -> None:
    """What `jiyi settings` prints can be pasted into a ticket."""
    environment = {
        "JIYI_PAYMENT_SECRET": "canary-1",
        "JIYI_BROKER_URL": "amqp://hub:canary-2@broker:5672/",
        "JIYI_DATABASE_URL": "postgresql://hub:canary-3@db/hub",
    }
    text = str(load_settings(environment=environment).masked())
    assert "canary" not in text
    assert "amqp://hub:***@broker:5672/" in text


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"JIYI_PORT": "http"}, '"port" (environment:JIYI_PORT)'),
        ({"JIYI_BROKER_URL": "kafka://x"}, 'is neither "embedded" nor an amqp:// or amqps:// address'),
        ({"JIYI_DATABASE_URL": "mysql://x"}, "is neither sqlite:///path nor postgresql://user@host/name"),
    ],
)
def test_a_bad_value_names_the_setting_its_source_and_the_mend(environment: dict[str, str], text: str) -> None:
    """Nobody has to read a stack trace to mend a setting."""
    with pytest.raises(BadSettings) as caught:
        load_settings(environment=environment)
    assert text in str(caught.value)


def test_an_unknown_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    """A typing mistake is told, not ignored."""
    file = tmp_path / "jiyi.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(BadSettings, match='"prot" is no setting'):
        load_settings(file=file, environment={})


def test_a_file_that_is_no_toml_names_its_line(tmp_path: Path) -> None:
    """File and line, cause."""
    file = tmp_path / "jiyi.toml"
    file.write_text('port = 1\nhost = "open\n')
    with pytest.raises(BadSettings, match="line 2"):
        load_settings(file=file, environment={})

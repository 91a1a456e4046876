"""The agent's file: read as a whole, each mistake named, secrets from elsewhere."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.agent_settings import (
    AgentSettings,
    AgentSettingsError,
    BrokerSettings,
    ConnectorSettings,
    EventsSettings,
    read_agent_settings,
)
from connectors.broker import BrokerUnavailable
from connectors.remote_token import token_source
from tests.connectors.message_fixtures import SDL
from tests.contracts.broker.stacks import serve_asgi

WHOLE_FILE = """
department = "civil-affairs"
drain_seconds = 2

[broker]
url = "https://hub.example"
client_id = "department-civil-affairs"
client_secret_env = "SECRET"

[connector]
kind = "rest"
sdl = "civil-affairs.graphql"
idempotency = "none"
deadline_seconds = 1.5
config = { base = "http://127.0.0.1:9" }

[events]
port = 8471
token_env = "EVENT_TOKEN"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "civil-affairs.graphql").write_text(SDL)
    (folder / "gbk.graphql").write_bytes("公".encode("gbk"))
    path = folder / "agent.toml"
    path.write_text(text)
    return path


def test_the_file_is_read(tmp_path: Path) -> None:
    """Paths are relative to the file, secrets come from the environment and are never printed."""
    read = read_agent_settings(write(tmp_path, WHOLE_FILE), {"SECRET": "s3cret", "EVENT_TOKEN": "t0ken"})
    assert read == AgentSettings(
        "civil-affairs",
        BrokerSettings("https://hub.example", "department-civil-affairs", "s3cret"),
        ConnectorSettings(
            "rest", None, SDL, "none", timedelta(seconds=1.5), config={"base": "http://127.0.0.1:9"}
        ),
        EventsSettings("127.0.0.1", 8471, "t0ken"),
        tmp_path / ".jiyi-agent",
        timedelta(seconds=2),
    )
    assert "s3cret" not in repr(read)
    assert "t0ken" not in repr(read)


def test_a_password_for_the_broker_comes_from_the_environment(tmp_path: Path) -> None:
    text = WHOLE_FILE.replace("https://hub.example", "amqp://civil@mq.example/district").replace(
        'client_secret_env = "SECRET"', 'password_env = "SECRET"'
    )
    read = read_agent_settings(write(tmp_path, text), {"SECRET": "p@ss/word", "EVENT_TOKEN": "t"})
    assert read.broker.url == "amqp://civil:p%40ss%2Fword@mq.example/district"


def test_a_secret_in_a_file_is_that_of_now(tmp_path: Path) -> None:
    """It changes while the agent runs; while it cannot be read, that is said instead of an old one used."""
    (tmp_path / "password").write_text("first\n")
    text = WHOLE_FILE.replace("https://hub.example", "amqp://civil@mq.example/district").replace(
        'client_secret_env = "SECRET"', 'password_file = "password"'
    )
    read = read_agent_settings(write(tmp_path, text), {"EVENT_TOKEN": "t"})
    assert read.broker.url_now() == "amqp://civil:first@mq.example/district"
    (tmp_path / "password").write_text("second")
    assert read.broker.url_now() == "amqp://civil:second@mq.example/district"
    (tmp_path / "password").unlink()
    with pytest.raises(BrokerUnavailable, match="cannot be read"):
        read.broker.url_now()


async def test_a_client_secret_in_a_file_is_asked_with_as_it_is_now(tmp_path: Path) -> None:
    """Each connection to the hub begins with a token, and each token with the secret of that moment."""
    secrets: list[str] = []

    async def give_token(request: Request) -> JSONResponse:
        secrets.append(str((await request.form())["client_secret"]))
        return JSONResponse({"access_token": "t"})

    (tmp_path / "secret").write_text("first\n")
    async with AsyncExitStack() as closing:
        port = await serve_asgi(Route("/oauth/token", give_token, methods=["POST"]), closing)
        text = WHOLE_FILE.replace("https://hub.example", f"http://127.0.0.1:{port}").replace(
            'client_secret_env = "SECRET"', 'client_secret_file = "secret"'
        )
        ask = token_source(read_agent_settings(write(tmp_path, text), {"EVENT_TOKEN": "t"}).broker, None)
        await ask()
        (tmp_path / "secret").write_text("second\n")
        await ask()
    assert secrets == ["first", "second"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('department = "civil-affairs"', "", "department must be a text"),
        ('"civil-affairs"', '"Civil Affairs"', "is no name"),
        ("https://hub.example", "ftp://hub.example", "broker.url must be"),
        ('kind = "rest"', 'kind = "ftp"', "connector.kind must be one of: graphql, rest"),
        ('"civil-affairs.graphql"', '"missing.graphql"', "which is no file"),
        ('"none"', '"maybe"', "connector.idempotency must be one of"),
        ("1.5", "-1", "connector.deadline_seconds must be a number"),
        ("1.5", "inf", "connector.deadline_seconds must be a number of at least 0.001 and at most"),
        ("1.5", "nan", "connector.deadline_seconds must be a number"),
        ("drain_seconds = 2", "drain_seconds = inf", "drain_seconds must be a number"),
        ("8471", "70000", "events.port must be a number of at least 0 and at most 65535"),
        ('"civil-affairs.graphql"', '"gbk.graphql"', "gbk.graphql, which is not UTF-8 text"),
        ("[events]", "[events]\nprot = 1", "events.prot is not a setting"),
        ('"SECRET"', '"UNSET"', "names UNSET, which is not set"),
        ("[broker]", "[broker", "not TOML"),
        ('client_id = "department-civil-affairs"', "", "broker needs client_id"),
    ],
)
def test_each_mistake_in_the_file_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    """The administrator of a department sees this text at the first start."""
    with pytest.raises(AgentSettingsError, match=said):
        read_agent_settings(write(tmp_path, WHOLE_FILE.replace(old, new, 1)), {"SECRET": "s", "EVENT_TOKEN": "t"})

"""S17 behind a queue: a registration gives the hub no address to call, and an agent follows nobody elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.agent import open_connector
from connectors.agent_settings import AgentSettings, BrokerSettings, ConnectorSettings
from connectors.connector import Connector, ConnectorFailure, FetchRequest
from tests.security.listening_department import Department, Said, listening
from tests.security.secret_hub import CONNECT, SecretHub, secret_hub
from tests.security.test_s17_registration import CHECK, GRAPHQL, HTTP_URLS, REST, SQL, SQL_URLS

pytestmark = pytest.mark.whole

SYSTEM = (
    CONNECT
    + '@source(name: "s", http: { baseURL: "https://unused.example" })\ntype Query { a: String '
    + '@connect(source: "s", http: { GET: "/a" }, selection: "$.a") }'
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretHub]:
    with secret_hub(tmp_path_factory.mktemp("strict")) as hub:
        yield hub


@pytest.fixture
def inside() -> Iterator[Department]:
    """What nobody may be led to: it would answer."""
    with listening(lambda _heard: Said(json.dumps({"data": {"a": "inside"}, "a": "inside"}).encode())) as inside:
        yield inside


@pytest.mark.parametrize("sdl", [GRAPHQL, REST, SQL], ids=["graphql", "rest", "sql"])
def test_an_address_of_a_queue_department_is_never_called(hub: SecretHub, inside: Department, sdl: str) -> None:
    """Whatever is handed in beside the kind, and whatever the agent's mapping names: the hub asks nobody."""
    token = hub.department("curious")
    for url in (*HTTP_URLS[::7], *SQL_URLS[::9]):
        given = {
            "name": "curious",
            "department": "curious",
            "kind": "queue",
            "sdl": sdl.replace("https://public.example", f"http://127.0.0.1:{inside.port}"),
            "url": url.replace("PORT", str(inside.port)),
        }
        checked = hub.ask(CHECK, {"input": given}, token)
        assert "errors" not in checked, checked
        hub.publish(token, **given)
    hub.ask("{ organisations { code hymn } }")
    assert inside.heard == []


@pytest.mark.parametrize("kind", ["rest", "graphql"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_an_agent_follows_no_redirect(inside: Department, tmp_path: Path, kind: str, status: int) -> None:
    """It may call private addresses, since its own system is there; that system does not choose which."""
    for location in (f"http://localhost:{inside.port}/a", "http://169.254.169.254/latest", "//127.0.0.1/a", "/b"):
        said = Said(b"", status, (("Location", location),))
        with listening(lambda _heard, said=said: said) as system:  # type: ignore[misc]  # the loop's own
            settings = AgentSettings(
                "curious",
                BrokerSettings("http://unused.example"),
                ConnectorSettings(kind, system.url, SYSTEM if kind == "rest" else None, concurrency=1),
                None,
                tmp_path,
                timedelta(seconds=1),
            )
            async with open_connector(settings) as connector:
                assert await refusal(connector) in {"CONNECTOR_FETCH", "DEPARTMENT_BAD_STATUS"}
            assert len(system.heard) == 1
    assert inside.heard == []


async def refusal(connector: Connector) -> str:
    """The code with which the system was not heard."""
    try:
        answer = await connector.fetch(FetchRequest("{ a }", timeout=timedelta(seconds=10)))
    except ConnectorFailure as failure:
        return str(failure.code)
    assert answer.data == {"a": None}
    return str(answer.errors[0]["extensions"]["code"])

"""The doors of a mock of any SDL: HTTP, event stream, WebSocket, and those for tests."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

from tests.mocks.generated.shop import SHOP
from tests.mocks.mocking import Mock, refused


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.graphql").write_text(SHOP, encoding="utf-8")
    # A folder of the integrator's that is called as our package is.
    (folder / "mocks").mkdir()
    (folder / "mocks" / "__init__.py").write_text("raise SystemExit('not ours')")
    environment = {"PYTHONSAFEPATH": "1"}
    mock = Mock(folder, "--sdl", "shop.graphql", "--interval", "0.01", environment=environment)
    yield mock
    mock.kill()


def test_it_says_what_it_is_and_answers(mock: Mock) -> None:
    """As a subgraph has to."""
    assert mock.graphql("{ _service { sdl } }")["data"]["_service"]["sdl"] == SHOP
    assert mock.graphql("{ me { id } }") == {"data": {"me": {"id": "user-000001"}}}
    assert mock.get("/graphql?query=%7Bme%7Bid%7D%7D").json == {"data": {"me": {"id": "user-000001"}}}
    assert mock.get("/__requests").json[-1]["query"] == "{me{id}}"


def test_a_mistake_is_an_error_as_graphql_has_it(mock: Mock) -> None:
    """Of the operation, of the request, of the way."""
    assert "Cannot query field" in mock.graphql("{ nothing }")["errors"][0]["message"]
    assert mock.post("/graphql", {"querry": ""}).status == 400
    assert mock.post("/graphql", {"query": "subscription { tick }"}).status == 406
    assert mock.get("/graphql?query=mutation%7BdeleteProduct(upc:%22a%22)%7D").status == 405


def test_events_come_as_a_stream(mock: Mock) -> None:
    """graphql-sse, distinct connections."""
    connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=5)
    body = json.dumps({"query": "subscription { tick }"})
    connection.request("POST", "/graphql", body, {"Accept": "text/event-stream"})
    answer = connection.getresponse()
    assert answer.getheader("content-type", "").startswith("text/event-stream")
    lines = [answer.readline().decode().strip() for _ in range(5)]
    assert lines[:2] == ["event: next", 'data: {"data": {"tick": 0}}']
    assert lines[3:] == ["event: next", 'data: {"data": {"tick": 1}}']
    connection.close()


async def test_events_come_over_a_websocket(mock: Mock) -> None:
    """graphql-transport-ws, by a stock client."""
    transport = WebsocketsTransport(url=f"ws://127.0.0.1:{mock.port}/graphql")
    seen = []
    async with Client(transport=transport) as client:
        async for event in client.subscribe(gql("subscription { reviewAdded { id } }")):
            seen.append(event["reviewAdded"]["id"])
            if len(seen) == 2:
                break
        assert (await client.execute(gql("{ me { id } }"))) == {"me": {"id": "user-000001"}}
    assert seen == ["review-000001", "review-000002"]


def test_what_was_written_is_forgotten_on_demand(mock: Mock) -> None:
    """A test begins with a mock as it was."""
    mock.graphql('mutation { renameProduct(upc: "a", name: "改") { success } }')
    assert mock.graphql('{ product(upc: "a") { name } }')["data"]["product"]["name"] == "改"
    assert mock.ask("DELETE", "/__state").status == 204
    assert mock.graphql('{ product(upc: "a") { name } }')["data"]["product"]["name"] != "改"


def test_a_busy_port_is_told_with_who_has_it(mock: Mock, tmp_path: Path) -> None:
    """And with the next free one, as every verb does."""
    (tmp_path / "shop.graphql").write_text(SHOP)
    code, said = refused(tmp_path, "--sdl", "shop.graphql", "--port", str(mock.port))
    assert code == 1
    assert said.startswith(f"PORT_IN_USE: 127.0.0.1:{mock.port} is taken")
    assert "--port" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Give the SDL"),
        (("--sdl", "nowhere.graphql"), "No such file"),
        (("--sdl", "wrong.graphql"), "Syntax Error"),
    ],
)
def test_it_says_why_it_does_not_start(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """One line, and exit code 2."""
    (tmp_path / "wrong.graphql").write_text("type {")
    code, said = refused(tmp_path, *arguments)
    assert code == 2
    assert told in said

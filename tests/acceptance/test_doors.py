"""Bad input at every door of a running hub: what was wrong, a stable code, and no stack trace anywhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from hub.cli.ports import free_port
from hub.demo.client import HubClient
from hub.demo.connectors import CHECK
from hub.demo.places import find_places
from hub.demo.stack import Stack

pytestmark = [pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]

TRACES = ("Traceback", 'File "', "sqlalchemy", "/hub/", "site-packages", "psycopg")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    media_type: str
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class HubAlone:
    """A hub without departments."""

    client: HubClient
    operator: str
    log: Path
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(self, path: str, method: str = "POST", **given: Any) -> Answer:
        """Send something; whatever comes back shows nothing of the inside."""
        url = f"{self.client.base_url}{path}"
        async with self.client.session.request(method, url, allow_redirects=False, **given) as response:
            answer = Answer(response.status, response.content_type, await response.text())
        shown = [trace for trace in TRACES if trace in answer.text]
        assert shown == [], answer.text
        return answer

    async def graphql(self, body: Any, **headers: str) -> Answer:
        sent = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return await self.ask("/graphql", data=data, headers={**sent, **headers})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubAlone]:
    async with AsyncExitStack() as closing:
        places = find_places(tmp_path_factory.mktemp("doors"), "127.0.0.1", "http", free_port())
        stack = Stack(places)
        closing.push_async_callback(stack.stop)
        await stack.hub().start()
        client = await closing.enter_async_context(stack.client())
        await client.wait_until_ready()
        token = await client.operator_token(places.operator_secret)
        yield HubAlone(client, token, places.directory / "logs" / "hub.log")


GRAPHQL: dict[str, tuple[Any, int, str]] = {
    "no JSON": ("{ me", 400, "BAD_REQUEST"),
    "other bytes": (b"\xff\xfe{}", 400, "BAD_REQUEST"),
    "a list": ([{"query": "{ me { id } }"}], 400, "BAD_REQUEST"),
    "no query": ({"variables": {}}, 400, "BAD_REQUEST"),
    "a number as query": ({"query": 7}, 400, "BAD_REQUEST"),
    "variables that are a list": ({"query": "{ organisations { code } }", "variables": [1]}, 400, "BAD_REQUEST"),
    "no GraphQL": ({"query": "{ organisations {"}, 400, "GRAPHQL_PARSE_FAILED"),
    "unknown field": ({"query": "{ organisations { colour } }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
    "unknown operationName": (
        {"query": "query A { organisations { code } }", "operationName": "B"},
        400,
        "OPERATION_RESOLUTION_FAILURE",
    ),
    "two operations and no name": (
        {"query": "query A { organisations { code } } query B { organisations { code } }"},
        400,
        "OPERATION_RESOLUTION_FAILURE",
    ),
    "missing variable": (
        {"query": "query A($code: ID!) { serviceItem(code: $code) { name } }"},
        400,
        "BAD_USER_INPUT",
    ),
    "variable of a wrong type": (
        {"query": "query A($code: ID!) { serviceItem(code: $code) { name } }", "variables": {"code": {"a": 1}}},
        400,
        "BAD_USER_INPUT",
    ),
    "deep JSON": ('{"query": ' + "[" * 20_000 + "]" * 20_000 + "}", 400, "BAD_REQUEST"),
    "too large": ("x" * 1_100_000, 413, "REQUEST_TOO_LARGE"),
    "nobody's data": ({"query": "{ me { id } }"}, 401, "UNAUTHENTICATED"),
}


@pytest.mark.parametrize("case", GRAPHQL)
async def test_a_bad_graphql_request_has_its_code(hub: HubAlone, case: str) -> None:
    """The code is for programs, the message for people."""
    body, status, code = GRAPHQL[case]
    answer = await hub.graphql(body)
    errors = answer.body["errors"]
    assert (answer.status, errors[0]["extensions"]["code"]) == (status, code), answer.text
    assert len(errors[0]["message"]) > 10


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "x" * 5000])
async def test_a_bad_token_is_refused_even_where_none_is_needed(hub: HubAlone, token: str) -> None:
    """Its sender believes to be somebody; to answer as to nobody would hide the mistake."""
    answer = await hub.graphql({"query": "{ organisations { code } }"}, Authorization=f"Bearer {token}")
    assert (answer.status, answer.body["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("method", "given", "status"),
    [
        ("PUT", {"json": {}}, 405),
        ("DELETE", {}, 405),
        ("POST", {"data": "{}", "headers": {"Content-Type": "text/plain"}}, 415),
        ("POST", {"data": {"query": "{ me { id } }"}}, 415),
        ("POST", {"json": {"query": "{ me { id } }"}, "headers": {"Accept": "image/png"}}, 406),
        ("GET", {"params": {"query": "mutation { withdrawCase(case: 1) { id } }"}}, 405),
        ("GET", {"params": {"query": "{ me { id } }", "variables": "{"}}, 400),
    ],
)
async def test_a_bad_http_request_is_told_in_graphqls_form(
    hub: HubAlone, method: str, given: dict[str, Any], status: int
) -> None:
    """Clients read one kind of error, whatever they did wrong."""
    headers = {"Accept": "application/graphql-response+json", **given.get("headers", {})}
    answer = await hub.ask("/graphql", method, **{**given, "headers": headers})
    assert answer.status == status, answer.text
    assert answer.body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "transport",
    "type": "jiyi.case.accepted",
    "subject": "JY261124-0000000000-0",
    "time": "2026-11-24T00:00:00Z",
}
EVENTS: dict[str, tuple[Any, int]] = {
    "no JSON": ("{", 422),
    "a list": ([EVENT], 422),
    "nothing in it": ({}, 422),
    "another version": ({**EVENT, "specversion": "2.0"}, 422),
    "no subject": ({**EVENT, "subject": None}, 422),
    "a type of the hub's own": ({**EVENT, "type": "jiyi.command.outcome"}, 422),
    "an unknown type": ({**EVENT, "type": "jiyi.case.forgotten"}, 422),
    "no time": ({**EVENT, "time": "yesterday"}, 422),
    "too large": ({**EVENT, "data": "x" * 300_000}, 413),
}


@pytest.mark.parametrize("case", EVENTS)
async def test_a_bad_event_is_a_problem(hub: HubAlone, case: str) -> None:
    """RFC 9457, with what to mend in it."""
    event, status = EVENTS[case]
    data = event if isinstance(event, str) else json.dumps(event)
    headers = {"Content-Type": "application/cloudevents+json", "Authorization": f"Bearer {await _department(hub)}"}
    answer = await hub.ask("/events", data=data, headers=headers)
    assert (answer.status, answer.media_type) == (status, "application/problem+json")
    assert len(answer.body["detail"]) > 10


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/events", {}, 401),
        ("/events", {"Authorization": "Bearer nonsense"}, 401),
        ("/payments/callback", {}, 401),
        ("/payments/callback", {"Jiyi-Signature": "t=1,v1=00"}, 401),
        ("/payments/callback", {"Jiyi-Signature": "\x80=,,="}, 401),
    ],
)
async def test_strangers_at_other_systems_doors_are_sent_away(
    hub: HubAlone, path: str, headers: dict[str, str], status: int
) -> None:
    """Before a byte of what they bring is believed."""
    answer = await hub.ask(path, data=b"{}", headers=headers)
    assert (answer.status, answer.media_type) == (status, "application/problem+json")


TOKEN_REQUESTS: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "nothing": ("/oauth/token", {}, {"invalid_request", "unsupported_grant_type"}),
    "unknown grant": ("/oauth/token", {"grant_type": "password"}, {"unsupported_grant_type"}),
    "unknown client": (
        "/oauth/token",
        {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"},
        {"invalid_client"},
    ),
    "wrong secret": (
        "/oauth/token",
        {"grant_type": "client_credentials", "client_id": "operator-cli", "client_secret": "x"},
        {"invalid_client"},
    ),
    "unknown code": (
        "/oauth/token",
        {"grant_type": "authorization_code", "code": "x", "client_id": "mobile", "code_verifier": "x" * 43},
        {"invalid_grant"},
    ),
    "unknown device code": (
        "/oauth/token",
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": "x",
            "client_id": "tv",
        },
        {"invalid_grant", "expired_token"},
    ),
    "device of nobody": ("/oauth/device_authorization", {"client_id": "nobody"}, {"invalid_client"}),
    "revoking as nobody": ("/oauth/revoke", {"token": "x", "client_id": "nobody"}, {"invalid_client"}),
}


@pytest.mark.parametrize("case", TOKEN_REQUESTS)
async def test_a_bad_token_request_has_an_oauth_error(hub: HubAlone, case: str) -> None:
    """The codes of RFC 6749 and RFC 8628, as stock clients expect them."""
    path, form, codes = TOKEN_REQUESTS[case]
    answer = await hub.ask(path, data=form)
    assert answer.status in {400, 401}, answer.text
    assert answer.body["error"] in codes


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?client_id=nobody&response_type=code",
        "?client_id=mobile&response_type=code&redirect_uri=https://elsewhere.example/",
        "?client_id=mobile&response_type=%ff",
    ],
)
async def test_a_bad_sign_in_request_redirects_nowhere(hub: HubAlone, query: str) -> None:
    """An address that is not the client's own is never redirected to."""
    answer = await hub.ask(f"/oauth/authorize{query}", "GET")
    assert answer.status == 400, answer.text


CONNECTORS: dict[str, tuple[dict[str, Any], str]] = {
    "malformed SDL": ({"sdl": "type Query {"}, "INVALID_GRAPHQL"),
    "no SDL of a graph": ({"sdl": "query { a }"}, "INVALID_GRAPHQL"),
    "unknown kind": ({"kind": "carrier-pigeon"}, "UNKNOWN_CONNECTOR_KIND"),
    "no address": ({"url": None}, "CONNECTOR_ADDRESS_MISSING"),
    "an address of no web": ({"url": "file:///etc/passwd"}, "CONNECTOR_ADDRESS_REFUSED"),
    "the hub's own name": ({"name": "hub"}, "INVALID_SUBGRAPH_NAME"),
    "a name of no form": ({"name": "Ünknown name!"}, "INVALID_SUBGRAPH_NAME"),
    "a department that matches every queue": ({"department": "#"}, "INVALID_DEPARTMENT_NAME"),
}


@pytest.mark.parametrize("case", CONNECTORS)
async def test_a_bad_registration_has_its_code(hub: HubAlone, case: str) -> None:
    """What composition and registration refuse, they refuse by Federation's codes or ours."""
    changed, code = CONNECTORS[case]
    good = {"name": "parks", "department": "parks", "kind": "graphql", "url": "http://127.0.0.1:9/graphql"}
    given = {"input": {**good, "sdl": "type Query { parks: Int }", **changed}}
    data = await hub.client.data(CHECK, given, hub.operator)
    assert data["checkConnector"]["ok"] is False
    assert code in {error["code"] for error in data["checkConnector"]["errors"]}, data


@pytest.mark.parametrize("message", ["{", "[]", '{"type": "start"}', "\x00"])
async def test_a_socket_that_talks_nonsense_is_closed(hub: HubAlone, message: str) -> None:
    """With a code of the protocol."""
    url = f"{hub.client.base_url.replace('http', 'ws', 1)}/graphql"
    async with hub.client.session.ws_connect(url, protocols=("graphql-transport-ws",)) as socket:
        await socket.send_str(message)
        frame = await socket.receive(timeout=20)
        assert frame.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
        assert 4400 <= (socket.close_code or 0) < 4500


@pytest.mark.parametrize("token", [None, "nonsense"])
async def test_the_brokers_door_is_shut_to_who_is_no_department(hub: HubAlone, token: str | None) -> None:
    """Not even the handshake is done."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{hub.client.base_url.replace('http', 'ws', 1)}/broker"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await hub.client.session.ws_connect(url, headers=headers)
    assert refused.value.status in {401, 403}


async def test_an_unknown_address_is_a_404(hub: HubAlone) -> None:
    """In the browser too, and without a list of what there is."""
    assert (await hub.ask("/nowhere", "GET")).status == 404
    assert (await hub.ask("/portal/cases/../../etc/passwd", "GET")).status in {303, 404}


async def test_the_log_has_no_stack_trace_after_all_that(hub: HubAlone) -> None:
    """Bad input is not our mistake: it must not fill the operator's log with traces."""
    log = hub.log.read_text(encoding="utf-8")
    assert [line for line in log.splitlines() if "Traceback" in line or '"exception"' in line] == []


async def _department(hub: HubAlone) -> str:
    """The token of a department that was enrolled for this."""
    if "transport" not in hub.tokens:
        query = 'mutation { enrolDepartment(department: "transport") { clientId clientSecret } }'
        made = (await hub.client.data(query, token=hub.operator))["enrolDepartment"]
        hub.tokens["transport"] = await hub.client.client_token(made["clientId"], made["clientSecret"])
    return hub.tokens["transport"]

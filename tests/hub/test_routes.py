"""GraphQL over HTTP, as a client on the wire sees it."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette

from connectors.clock import SystemClock
from hub.doors.http_request import HttpSettings
from hub.doors.routes import graphql_in_front, graphql_routes, health_routes
from hub.gateway import Gateway
from tests.hub.execution.fakes import FakeDepartment, errors
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served

GRAPHQL = "application/graphql-response+json"


@pytest.fixture
def department() -> FakeDepartment:
    return FakeDepartment({"ping": "pong"}, events=[{"ticks": 1}, {"ticks": 2}])


@pytest.fixture(params=["direct", "ASGI"])
async def door(department: FakeDepartment, request: pytest.FixtureRequest) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a hub with one department, whichever way small POSTs go there."""
    app = app_for(gateway_for(department))
    async with (
        served(app if request.param == "ASGI" else graphql_in_front(app.routes, app)) as url,
        aiohttp.ClientSession(url, skip_auto_headers=("Accept",)) as client,
    ):
        yield client


def app_for(gateway: Gateway, **settings: Any) -> Starlette:
    return Starlette(routes=graphql_routes(gateway, verify_token, SystemClock(), HttpSettings(**settings)))


def post(client: aiohttp.ClientSession, query: str, **headers: str) -> Any:
    return client.post(
        "/graphql", json={"query": query}, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


async def code_of(response: aiohttp.ClientResponse) -> str:
    return str((await response.json(content_type=None))["errors"][0]["extensions"]["code"])


async def test_a_query_is_answered_in_the_media_type_that_was_asked_for(door: aiohttp.ClientSession) -> None:
    """JSON without a wish, the newer type where it is wished for."""
    async with post(door, "{ ping }") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.json() == {"data": {"ping": "pong"}}
    async with post(door, "{ ping }", Accept=f"{GRAPHQL}, application/json;q=0.9") as response:
        assert response.headers["Content-Type"] == f"{GRAPHQL}; charset=utf-8"
    async with post(door, "{ ping }", Accept="*/*") as response:
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_a_client_that_can_read_streams_still_gets_json_for_a_query(door: aiohttp.ClientSession) -> None:
    """urql lists the event stream last and fails on one that it did not need."""
    accept = f"{GRAPHQL}, application/graphql+json, application/json, text/event-stream, multipart/mixed"
    async with post(door, "{ ping }", Accept=accept) as response:
        assert response.content_type == GRAPHQL


async def test_request_errors_have_a_status_in_the_newer_type_and_200_in_the_older(
    door: aiohttp.ClientSession,
) -> None:
    """Older clients read the body of a 200 only."""
    async with post(door, "{ nothing }", Accept=GRAPHQL) as response:
        assert (response.status, await code_of(response)) == (400, "GRAPHQL_VALIDATION_FAILED")
    async with post(door, "{ nothing }", Accept="application/json") as response:
        assert (response.status, await code_of(response)) == (200, "GRAPHQL_VALIDATION_FAILED")


async def test_a_partial_answer_is_a_200(department: FakeDepartment, door: aiohttp.ClientSession) -> None:
    """The operation was executed; what failed stands in the body."""
    department.script = errors({"message": "no", "path": ["me"]}, data={"me": None})
    async with post(door, "{ me { id } }", Accept=GRAPHQL) as response:
        assert response.status == 200
        assert (await response.json())["data"] == {"me": None}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "mend"),
    [
        ("{", "application/json", 400, "not JSON"),
        ("[]", "application/json", 400, "one operation at a time"),
        ("3", "application/json", 400, "JSON object"),
        ("{}", "application/json", 400, '"query"'),
        ('{"query": 1}', "application/json", 400, '"query"'),
        ('{"query": "{ ping }", "variables": []}', "application/json", 400, '"variables"'),
        ('{"query": "{ ping }", "operationName": 1}', "application/json", 400, '"operationName"'),
        ('{"query": "{ ping }", "extensions": 1}', "application/json", 400, '"extensions"'),
        ('{"query": "{ ping }"}', "text/plain", 415, "application/json"),
        ('{"query": "{ ping }"}', "text/plain;application/json", 415, "application/json"),
        ('{"query": "{ ping }"}', "application/json; charset=latin-1", 415, "UTF-8"),
        ("[" * 100_000, "application/json", 400, "JSON"),
        ('{"query": "' + "x" * 1_100_000 + '"}', "application/json", 413, "Send less"),
    ],
)
async def test_bad_requests_say_what_is_wrong_and_how_to_mend_it(
    door: aiohttp.ClientSession, body: str, content_type: str, status: int, mend: str
) -> None:
    """Each with a status of its own in both media types, and never a stack trace."""
    for accept in ("application/json", GRAPHQL):
        headers = {"Content-Type": content_type, "Accept": accept}
        async with door.post("/graphql", data=body, headers=headers) as response:
            assert response.status == status
            assert response.content_type == accept
            (error,) = (await response.json())["errors"]
            assert mend in error["message"]
            assert error["extensions"]["code"] in ("BAD_REQUEST", "REQUEST_TOO_LARGE")


@pytest.mark.parametrize("way", ["direct", "ASGI"])
async def test_the_largest_body_is_a_setting(department: FakeDepartment, way: str) -> None:
    """Whichever way it comes."""
    app = app_for(gateway_for(department), maximum_body_bytes=30)
    whole = app if way == "ASGI" else graphql_in_front(app.routes, app)
    async with served(whole) as url, aiohttp.ClientSession(url) as client:
        async with post(client, "{ping}") as response:
            assert response.status == 200
        async with post(client, "{ ping            }") as response:
            assert (response.status, await code_of(response)) == (413, "REQUEST_TOO_LARGE")


async def test_a_compressed_body_is_refused(door: aiohttp.ClientSession) -> None:
    """A kilobyte of gzip can be a gigabyte of JSON."""
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    body = gzip.compress(b'{"query": "{ ping }"}')
    async with door.post("/graphql", data=body, headers=headers) as response:
        assert response.status == 415


async def test_get_answers_queries_and_nothing_else(door: aiohttp.ClientSession) -> None:
    """A GET has no effect, whoever makes a browser send it."""
    async with door.get("/graphql", params={"query": "{ ping }"}) as response:
        assert await response.json() == {"data": {"ping": "pong"}}
    parameters = {"query": "query($t: String!) { echo(text: $t) }", "variables": '{"t": 1}'}
    async with door.get("/graphql", params=parameters) as response:
        assert await code_of(response) == "BAD_USER_INPUT"
    async with door.get("/graphql", params={"query": 'mutation { rename(name: "x") { id } }'}) as response:
        assert response.status == 405
        assert "POST" in response.headers["Allow"]
    async with door.put("/graphql", json={"query": "{ ping }"}) as response:
        assert response.status == 405
    async with door.get("/graphql", params={"query": "{ ping }"}, headers={"Accept": "image/png"}) as response:
        assert response.status == 406


async def test_a_browser_that_opens_the_address_is_led_to_the_explorer(door: aiohttp.ClientSession) -> None:
    """Someone who types the address wants to look around."""
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with door.get("/graphql", headers=headers, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/explorer")


async def test_the_bearer_token_says_who_asks(department: FakeDepartment, door: aiohttp.ClientSession) -> None:
    """A token that is none of ours is a 401 everywhere, never an anonymous request."""
    async with post(door, "{ ping }", Authorization="Bearer citizen") as response:
        assert response.status == 200
    assert department.requests[-1].context.actor == "c-1"
    for wrong in ("Bearer forged", "Basic x", "Bearer"):
        async with post(door, "{ ping }", Authorization=wrong) as response:
            assert response.status == 401
            assert "invalid_token" in response.headers["WWW-Authenticate"]
            assert await code_of(response) == "UNAUTHENTICATED"
    assert len(department.requests) == 1


async def test_browsers_of_any_origin_may_ask_since_no_cookie_is_read(door: aiohttp.ClientSession) -> None:
    """The preflight names the headers that stock clients send; credentials are never allowed."""
    wanted = ("content-type", "authorization", "apollographql-client-name", "apollographql-client-version")
    headers = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ",".join(wanted),
    }
    async with door.options("/graphql", headers=headers) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers
        for name in wanted:
            assert name in response.headers["Access-Control-Allow-Headers"]
    async with post(door, "{ ping }", Origin="https://elsewhere.example") as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_page_may_send_what_goes_on_to_subgraphs(department: FakeDepartment) -> None:
    """A header that is forwarded is one that somebody is to send."""
    app = app_for(gateway_for(department), forwarded_headers=("x-tenant",))
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    async with (
        served(app) as url,
        aiohttp.ClientSession(url) as client,
        client.options("/graphql", headers=headers) as response,
    ):
        assert "x-tenant" in response.headers["Access-Control-Allow-Headers"].split(", ")


async def test_origins_can_be_limited(department: FakeDepartment) -> None:
    """A setting names those that may; others get no permission."""
    app = app_for(gateway_for(department), origins=("https://portal.example",))
    async with served(app) as url, aiohttp.ClientSession(url) as client:
        async with post(client, "{ ping }", Origin="https://portal.example") as response:
            assert response.headers["Access-Control-Allow-Origin"] == "https://portal.example"
        async with post(client, "{ ping }", Origin="https://elsewhere.example") as response:
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_subscription_by_plain_post_names_the_transports(door: aiohttp.ClientSession) -> None:
    """The client learns what to use instead, whichever type of JSON it reads."""
    for accept in (GRAPHQL, "application/json"):
        async with post(door, "subscription { ticks }", Accept=accept) as response:
            assert response.status == 406
            message = (await response.json(content_type=None))["errors"][0]["message"]
        for transport in ("graphql-transport-ws", "text/event-stream", "multipart/mixed"):
            assert transport in message


async def test_a_subscription_streams_events_to_who_accepts_them(door: aiohttp.ClientSession) -> None:
    """Server-Sent Events, distinct connections mode."""
    async with post(door, "subscription { ticks }", Accept="text/event-stream") as response:
        assert response.content_type == "text/event-stream"
        events = [block for block in (await response.text()).split("\n\n") if block.startswith("event")]
    assert [event.split("\n")[0] for event in events] == ["event: next", "event: next", "event: complete"]
    assert json.loads(events[0].split("data: ")[1]) == {"data": {"ticks": 1}}


@pytest.mark.parametrize(
    "accept",
    [
        "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json",
        'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/graphql-response+json,application/json',
        "multipart/mixed;subscriptionSpec=1.0, application/graphql-response+json, application/json",
    ],
    ids=["web", "iOS", "Kotlin"],
)
async def test_a_subscription_comes_in_parts_to_who_names_its_protocol(
    door: aiohttp.ClientSession, accept: str
) -> None:
    """What Apollo's clients ask for; each part ends with its delimiter, so that nobody waits for the next."""
    async with post(door, "subscription { ticks }", Accept=accept) as response:
        assert response.headers["Content-Type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'
        assert await response.text() == (
            "\r\n--graphql\r\nContent-Type: application/json\r\n\r\n"
            '{"payload":{"data":{"ticks":1}}}'
            "\r\n--graphql\r\nContent-Type: application/json\r\n\r\n"
            '{"payload":{"data":{"ticks":2}}}'
            "\r\n--graphql--\r\n"
        )


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json", GRAPHQL),
        ("multipart/mixed;boundary=graphql;deferSpec=20220824,application/json", "application/json"),
        ('multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json', "application/json"),
    ],
    ids=["Kotlin", "iOS", "iOS subscribing"],
)
async def test_apollos_mobile_clients_get_json_for_a_query(
    door: aiohttp.ClientSession, accept: str, media_type: str
) -> None:
    """They list parts first, and name the operation in headers."""
    headers = {"Accept": accept, "X-APOLLO-OPERATION-NAME": "Ping", "X-APOLLO-OPERATION-ID": "ab12"}
    body = {"operationName": "Ping", "variables": {}, "query": "query Ping { ping __typename }"}
    async with door.post("/graphql", json=body, headers=headers) as response:
        assert response.status == 200
        assert response.content_type == media_type
        assert await response.json(content_type=None) == {"data": {"ping": "pong", "__typename": "Query"}}


async def test_parts_are_only_for_who_names_their_protocol(door: aiohttp.ClientSession) -> None:
    """Clients that mean ``@defer`` ask for the same media type; they get JSON."""
    accept = "multipart/mixed;deferSpec=20220824,application/json"
    async with post(door, "{ ping }", Accept=accept) as response:
        assert response.content_type == "application/json"
        assert await response.json() == {"data": {"ping": "pong"}}
    async with post(door, "{ ping }", Accept="multipart/mixed") as response:
        assert response.status == 406


async def test_a_stream_by_get_changes_nothing(department: FakeDepartment, door: aiohttp.ClientSession) -> None:
    """A browser opens an event source by GET, and nothing that a link can do may have an effect."""
    query = {"query": 'mutation { rename(name: "x") { id } }'}
    async with door.get("/graphql", params=query, headers={"Accept": "text/event-stream"}) as response:
        assert "cannot be sent with GET" in await response.text()
    assert department.requests == []


async def test_a_query_is_known_by_its_hash_once_it_was_sent(door: aiohttp.ClientSession) -> None:
    """Automatic persisted queries: the answer to an unknown hash is a 200, since older clients read no other."""
    digest = sha256(b"{ ping }").hexdigest()
    named: dict[str, Any] = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    async with door.post("/graphql", json=named) as response:
        assert response.status == 200
        assert await code_of(response) == "PERSISTED_QUERY_NOT_FOUND"
    async with door.post("/graphql", json={**named, "query": "{ ping }"}) as response:
        assert await response.json() == {"data": {"ping": "pong"}}
    extensions = {"extensions": json.dumps(named["extensions"])}
    async with door.get("/graphql", params=extensions) as response:
        assert await response.json() == {"data": {"ping": "pong"}}
    async with door.post("/graphql", json={**named, "query": "{ echo }"}) as response:
        assert response.status == 400
        assert await code_of(response) == "BAD_REQUEST"


async def test_queries_may_be_kept_by_nobody(department: FakeDepartment) -> None:
    """Where it is switched off, the client is told never to try again."""
    app = app_for(gateway_for(department), persisted_queries=0)
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
    async with (
        served(app) as url,
        aiohttp.ClientSession(url) as client,
        client.post("/graphql", json=named) as response,
    ):
        assert response.status == 200
        assert await code_of(response) == "PERSISTED_QUERY_NOT_SUPPORTED"


async def test_a_silent_stream_ends_with_the_readers_token() -> None:
    """A token that is over reads nothing more, however long the stream would stay open."""

    class Silent(FakeDepartment):
        async def subscribe(self, request: Any) -> AsyncIterator[Any]:
            self.requests.append(request)
            await asyncio.sleep(30)
            yield None

    app = app_for(gateway_for(Silent({})), keep_alive=timedelta(seconds=0.05))
    async with (
        served(app) as url,
        aiohttp.ClientSession(url) as client,
        post(
            client, "subscription { ticks }", Accept="text/event-stream", Authorization="Bearer short"
        ) as response,
    ):
        text = await response.text()
    assert text.endswith("event: complete\ndata: \n\n")
    assert text.count(":\n\n") >= 3


async def test_health_tells_life_from_service() -> None:
    """A process that lives but cannot serve is alive and not ready."""

    async def is_ready() -> dict[str, bool]:
        return {"database": True, "broker": False}

    app = Starlette(routes=health_routes(is_ready))
    async with served(app) as url, aiohttp.ClientSession(url) as client:
        async with client.get("/healthz") as response:
            assert response.status == 200
        for path in ("/readyz", "/health"):
            async with client.get(path) as response:
                assert response.status == 503
                assert (await response.json())["checks"] == {"database": True, "broker": False}

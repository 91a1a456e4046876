"""Each fault of the wire, at each kind of connector: told by its code in time, the other department's part of the
answer there, nothing left behind, and counted as what it is."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.addresses import AddressRule
from connectors.clock import SystemClock
from connectors.connector import Connector
from connectors.graphql import GraphQLConnector
from connectors.http_client import HttpClient
from connectors.message_queue import MessageQueueConnector, Replies
from connectors.request_handler import RequestHandler
from connectors.resilience import ResilienceSettings, Resilient
from connectors.rest import RestConnector
from connectors.sql import SqlConnector, SqlLimits
from connectors.topology import requests_queue
from hub.doors.graphql_http import encode_answer
from hub.gateway import Gateway, GraphQLAnswer, GraphQLRequest, GraphState
from hub.gateway.policy import nobody
from hub.standalone.open_policy import OpenPolicy
from schema.composition import compose
from schema.subgraph import Subgraph
from tests.connectors.message_fixtures import DEPARTMENT, embedded_broker
from tests.connectors.wire import HTTP_FAULTS, Fault, expired_certificate, faulty_server, fine, proxy_to

DEADLINE, SLACK = 1.0, 4.0  # much more than anything here takes on a machine that is busy
SETTINGS = ResilienceSettings(timedelta(seconds=DEADLINE), retry_delay=timedelta(milliseconds=5))
PATIENT = ResilienceSettings(timedelta(seconds=10))
REST = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.10", import: ["@key"])
  @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@source", "@connect"])
  @source(name: "api", http: { baseURL: "BASE" })
type Query { a: String @connect(source: "api", http: { GET: "/a" }, selection: "$.a") }
"""
SQL = """
extend schema
  @link(url: "https://jiyi.dev/spec/sql/v0.1", import: ["@sqlSource", "@sqlConnect"])
  @sqlSource(name: "register")
type Query { a: String @sqlConnect(select: "SELECT SQL AS a", selection: "$.a") }
"""
GOOD = {"graphql": {"data": {"a": "A"}}, "rest": {"a": "A"}, "queue": {"a": "A"}}
UNREACHABLE, TIMEOUT, MALFORMED, TOO_LARGE = (
    f"DEPARTMENT_{what}" for what in ("UNREACHABLE", "TIMEOUT", "MALFORMED_ANSWER", "ANSWER_TOO_LARGE")
)
HTTP_CODES = {
    "hang before headers": TIMEOUT,
    "hang mid-body": TIMEOUT,
    "slow drip": TIMEOUT,
    "reset": UNREACHABLE,
    "reset mid-body": MALFORMED,
    "truncated gzip": MALFORMED,
    "gzip bomb": TOO_LARGE,
    "wrong content type": MALFORMED,
    "200 with HTML": MALFORMED,
    "10 GB announced": TOO_LARGE,
    "10 GB in chunks": TOO_LARGE,
}
SQL_CODES = {
    "hang before headers": TIMEOUT,
    "hang mid-body": TIMEOUT,
    "slow drip": TIMEOUT,
    "reset": UNREACHABLE,
    "reset mid-body": UNREACHABLE,
    "200 with HTML": UNREACHABLE,
}


@dataclass
class World:
    """A graph of two departments, of which ``faulty`` has the wire that is spoilt."""

    gateway: Gateway
    faulty: Resilient

    async def ask(self) -> GraphQLAnswer:
        return await self.gateway.answer(GraphQLRequest("{ a b }"), None)

    async def is_well(self) -> None:
        assert json.loads(encode_answer(await self.ask())) == {"data": {"a": "A", "b": "B"}}
        assert self.failures() == {}

    async def is_well_again(self) -> None:
        """At the latest when connections that were being opened are given up."""
        for _ in range(40):
            if not (await self.ask()).errors:
                break
            await asyncio.sleep(0.1)
        await self.is_well()

    async def is_told(self, code: str) -> None:
        """In time, with the other part there."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        answer = await self.ask()
        took = loop.time() - began
        assert json.loads(encode_answer(answer))["data"] == {"a": None, "b": "B"}
        assert [(e["path"], e["extensions"]["code"], e["extensions"]["service"]) for e in answer.errors] == [
            (["a"], code, "faulty")
        ]
        assert took < DEADLINE + SLACK

    def failures(self) -> dict[str, int]:
        return {f"DEPARTMENT_{c.kind}": c.failures for c in self.faulty.state.circuits if c.failures}


@asynccontextmanager
async def world(
    faulty: Connector, sdl: str, client: HttpClient, settings: ResilienceSettings = SETTINGS
) -> AsyncIterator[World]:
    async with faulty_server(fine(b'{"data": {"b": "B"}}')) as well:
        made = {
            "faulty": Resilient(faulty, settings, SystemClock(), random.Random(1)),
            "well": Resilient(
                GraphQLConnector(f"http://{well.origin}/", client), PATIENT, SystemClock(), random.Random(2)
            ),
        }
        composed = compose((Subgraph("faulty", sdl), Subgraph("well", "type Query { b: String }")))
        assert composed.supergraph is not None, composed.errors
        gateway = Gateway(OpenPolicy(), nobody, clock=SystemClock())
        gateway.publish(GraphState(composed.supergraph, {**made}, {}, 1))
        try:
            yield World(gateway, made["faulty"])
        finally:
            await gateway.close()


async def settled(condition: Callable[[], bool]) -> bool:
    for _ in range(150):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    opened = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    yield opened
    await opened.close()


@asynccontextmanager
async def over_http(kind: str, url: str, client: HttpClient, folder: Path) -> AsyncIterator[World]:
    """The faulty department at ``url``, reached as the kind says."""
    async with AsyncExitStack() as stack:
        rest = REST.replace("BASE", url)
        if kind == "graphql":
            connector: Connector = GraphQLConnector(f"{url}/graphql", client)
            yield await stack.enter_async_context(world(connector, "type Query { a: String }", client))
            return
        if kind == "rest":
            yield await stack.enter_async_context(world(RestConnector("faulty", rest, client), rest, client))
            return
        broker = await stack.enter_async_context(embedded_broker(folder / "broker.db"))
        replies = Replies(broker, "one")
        await replies.open()
        stack.push_async_callback(replies.close)
        system = RestConnector("faulty", rest, client)
        handler = RequestHandler(DEPARTMENT, system, broker, SystemClock(), is_repeatable=True)
        consumption = await broker.consume(requests_queue(DEPARTMENT), handler.handle)
        stack.push_async_callback(consumption.cancel)
        connector = MessageQueueConnector(DEPARTMENT, broker, replies, sdl=rest, clock=SystemClock())
        yield await stack.enter_async_context(world(connector, "type Query { a: String }", client))


@pytest.mark.parametrize("kind", ["graphql", "rest", "queue"])
@pytest.mark.parametrize("name", HTTP_FAULTS)
async def test_a_fault_of_http_stays_where_it_is(kind: str, name: str, client: HttpClient, tmp_path: Path) -> None:
    """Well, spoilt, well again; what the fault held is let go of, and no more is kept of a body than the limit."""
    good, code = json.dumps(GOOD[kind]).encode(), HTTP_CODES[name]
    async with (
        faulty_server(fine(good)) as server,
        over_http(kind, f"http://{server.origin}", client, tmp_path) as hub,
    ):
        await hub.is_well()
        tasks, memory = len(asyncio.all_tasks()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        server.fault = HTTP_FAULTS[name](good)
        await hub.is_told(code)
        assert hub.failures() == ({} if code == TOO_LARGE else {code: 1})
        assert await settled(lambda: not server.writers)
        assert await settled(lambda: len(asyncio.all_tasks()) <= tasks)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100 * 1024
        server.fault = fine(good)
        await hub.is_well()


@pytest.mark.parametrize("kind", ["graphql", "rest", "queue"])
async def test_a_fault_that_stays_opens_its_own_circuit(kind: str, client: HttpClient, tmp_path: Path) -> None:
    """Five pages of a proxy; then nobody waits, and the client reads why."""
    good = json.dumps(GOOD[kind]).encode()
    page = HTTP_FAULTS["200 with HTML"](good)
    async with faulty_server(page) as server, over_http(kind, f"http://{server.origin}", client, tmp_path) as hub:
        for _ in range(5):
            await hub.is_told(MALFORMED)
        asked = server.connections
        answer = await hub.ask()
        assert server.connections == asked
        assert "answered what its protocol does not allow 5 times in a row" in answer.errors[0]["message"]
        assert json.loads(encode_answer(answer))["data"] == {"a": None, "b": "B"}
        assert [c.kind for c in hub.faulty.state.circuits if c.state == "open"] == ["MALFORMED_ANSWER"]


@pytest.mark.parametrize("kind", ["graphql", "rest", "queue"])
async def test_nobody_listens(kind: str, client: HttpClient, tmp_path: Path) -> None:
    """A port that refuses."""
    async with faulty_server(fine(b"")) as server:
        gone = f"http://{server.origin}"
    async with over_http(kind, gone, client, tmp_path) as hub:
        await hub.is_told(UNREACHABLE)
        assert hub.failures() == {UNREACHABLE: 1}


@pytest.mark.parametrize("kind", ["graphql", "rest", "queue"])
async def test_a_certificate_that_has_expired_is_not_accepted(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its authority is trusted; nothing was sent, and the log has the reason."""
    context, authority = expired_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True))
    good: Fault = fine(json.dumps(GOOD[kind]).encode())
    async with (
        faulty_server(good, context) as server,
        over_http(kind, f"https://localhost:{server.port}", client, tmp_path) as hub,
    ):
        await hub.is_told(UNREACHABLE)
        if kind != "queue":
            failure = hub.faulty._last_failure
            assert failure is not None
            assert "expired" in failure[0].detail
    await client.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("name", SQL_CODES)
async def test_a_fault_on_the_way_to_a_database_stays_there(name: str, client: HttpClient) -> None:
    """On a kept connection and on new ones. Of two threads none is lost: the database answers again."""
    async with proxy_to(5432) as proxy:
        sdl = SQL.replace("SQL AS", "'A' AS")
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}/test"
        connector = SqlConnector("faulty", sdl, url, limits=SqlLimits(connections=2))
        async with world(connector, sdl, client) as hub:
            await hub.is_well()
            for fault in (name, name):
                proxy.fault = fault
                await hub.is_told(SQL_CODES[name])
            assert hub.failures() == {SQL_CODES[name]: 2}
            proxy.fault = "none"
            await hub.is_well_again()
            gc.collect()  # psycopg lets go of a connection that was never made with its last reference
            assert await settled(lambda: len(proxy.writers) <= 2)


@pytest.mark.postgresql
async def test_a_database_that_nobody_reaches(client: HttpClient) -> None:
    """A port that refuses."""
    async with proxy_to(5432) as proxy:
        gone = proxy.port
    sdl = SQL.replace("SQL AS", "'A' AS")
    async with world(
        SqlConnector("faulty", sdl, f"postgresql://postgres@127.0.0.1:{gone}/test"), sdl, client
    ) as hub:
        await hub.is_told(UNREACHABLE)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "select",
    ["repeat('x', 100000) AS n, generate_series(1, 100000) AS i", "generate_series(1, 1000000000) AS n"],
)
async def test_ten_gigabytes_of_rows_are_never_held(select: str, client: HttpClient) -> None:
    """Few and large, or many and small."""
    sdl = SQL.replace("a: String", "a: [Row!]").replace(', selection: "$.a"', "").replace("SQL AS a", select)
    sdl += "type Row { n: String }"
    connector = SqlConnector(
        "faulty", sdl, "postgresql://postgres@127.0.0.1:5432/test", timeout=timedelta(seconds=10)
    )
    async with world(connector, sdl, client, PATIENT) as hub:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = await hub.gateway.answer(GraphQLRequest("{ a { n } b }"), None)
        assert [error["extensions"]["code"] for error in answer.errors] == [TOO_LARGE]
        assert json.loads(encode_answer(answer))["data"] == {"a": None, "b": "B"}
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100 * 1024

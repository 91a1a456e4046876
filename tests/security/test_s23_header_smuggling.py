"""S23: no value becomes a header, request or path that the mapping did not write; no header goes on unasked.

What a department gets is read from the wire, byte for byte.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import aiohttp
import pytest
import pytest_asyncio

from connectors.addresses import AddressRule
from connectors.connector import FetchRequest
from connectors.http_client import HttpClient
from connectors.rest import RestConnector
from hub.standalone.application import GatewayOptions, open_application
from hub.standalone.graph_source import GraphSource
from schema.subgraph import Subgraph
from tests.hub.serving import served
from tests.security.listening_department import Department, Said, listening
from tests.security.secret_hub import CONNECT, secret_hub

pytestmark = pytest.mark.asyncio(loop_scope="module")

SDL = (
    CONNECT
    + """@source(name: "s", http: { baseURL: "BASE/api", headers: [{ name: "X-Value", value: "v {$args.v}" }] })
type Query {
  header(v: String): String @connect(source: "s", http: { GET: "/fixed" }, selection: "$")
  path(v: String): String @connect(
    http: { GET: "BASE/api/a/{$args.v}/b" }, selection: "$")
  query(v: String): String @connect(http: { GET: "BASE/api/q?x=1&v={$args.v}&y=2" }, selection: "$")
  parameters(v: String): String
    @connect(http: { GET: "BASE/api/p", queryParams: "v: $args.v y: $(2)" }, selection: "$")
  segments(v: String): String @connect(http: { GET: "BASE/api", path: "$(['a', $args.v, 'b'])" }, selection: "$")
  body(v: String): String @connect(http: { POST: "BASE/api/j", body: "v: $args.v y: $(2)" }, selection: "$")
  form(v: String): String @connect(
    http: { POST: "BASE/api/f", body: "v: $args.v y: $(2)"
            headers: [{ name: "Content-Type", value: "application/x-www-form-urlencoded" }] }, selection: "$")
}
"""
)
EVIL = (
    "a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\r\n\r\nGET /evil HTTP/1.1\r\nHost: evil\r\n\r\n", "a\0b",
    "a\x7fb", "a\u0085X-Evil: 1", "a\u2028X-Evil: 1", "%0d%0aX-Evil: 1", "汉字", "é", "..", ".", "../../evil",
    "..%2fevil", "a/../../evil", "..;/evil", "?evil=1", "a&evil=1", "a#evil", "a;evil=1", "//evil.example/x",
    "http://evil.example/", "@evil.example", "a b", "{$env.PATH}", "{$args.v}", '"}, "evil": {"a": "', "a\\",
    "\ud800", "x" * 5_000, "",
)  # fmt: skip
PLACES = ("header", "path", "query", "parameters", "segments", "body", "form")


@dataclass
class Wire:
    """A server that keeps all that came over each connection, and answers each request with a text."""

    port: int = 0
    came: list[bytes] = field(default_factory=list)
    requests: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.came)
        self.came.append(b"")
        while chunk := await reader.read(65_536):
            self.came[number] += chunk
            head, _, body = self.came[number].partition(b"\r\n\r\n")
            wanted = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0
            )
            if len(body) >= wanted:
                writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"ok"')
                writer.close()
                return


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    yield wire
    server.close()


@pytest.mark.parametrize("place", PLACES)
async def test_a_value_stays_where_the_mapping_puts_it(place: str, wire: Wire) -> None:
    """One request goes out, with the lines that the mapping has, or none does and the client is told."""
    client = HttpClient(addresses=AddressRule(allow_private_addresses=True), proxies={})
    connector = RestConnector("s", SDL.replace("BASE", f"http://127.0.0.1:{wire.port}"), client)
    for value in EVIL:
        before = len(wire.came)
        asked = FetchRequest(f"query($v: String) {{ {place}(v: $v) }}", {"v": value}, timeout=timedelta(seconds=2))
        response = await connector.fetch(asked)
        if response.errors:
            assert [each["extensions"]["code"] for each in response.errors] == ["BAD_USER_INPUT"], (
                value,
                response,
            )
            assert len(wire.came) == before, value
            assert len(value) < 3 or value not in response.errors[0]["message"]
            continue
        assert len(wire.came) == before + 1, value
        _check_request(place, value, wire.came[-1])
    await client.close()


def _check_request(place: str, value: str, sent: bytes) -> None:
    head, _, body = sent.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    method, target, version = lines[0].decode("ascii").split(" ")
    names = sorted(line.partition(b":")[0].decode().lower() for line in lines[1:])
    assert version == "HTTP/1.1"
    assert b"\n" not in head.replace(b"\r\n", b"")
    expected = {"accept", "accept-encoding", "host", "jiyi-purpose", "user-agent"}
    expected |= {"x-value"} if place == "header" else set()
    expected |= {"content-type", "content-length"} if place in ("body", "form") else set()
    assert names == sorted(expected), value
    path, _, query = target.partition("?")
    assert "#" not in target
    match place:
        case "header":
            assert target == "/api/fixed"
        case "path" | "segments":
            parts = path.split("/")
            assert (parts[:3], parts[4:], query) == (["", "api", "a"], ["b"], "")
            assert unquote(parts[3]) == value
            assert "../" not in value
        case "query" | "parameters":
            assert path == ("/api/q" if place == "query" else "/api/p")
            read = parse_qs(query, keep_blank_values=True)
            assert read["v"] == [value]
            assert set(read) == {"v", "y", *(("x",) if place == "query" else ())}
        case "body":
            assert (method, target) == ("POST", "/api/j")
            assert json.loads(body) == {"v": value, "y": 2}
        case "form":
            read = parse_qs(body.decode("ascii"), keep_blank_values=True)
            assert read == {"v": [value], "y": ["2"]}


SENT = {
    "X-User-Id": "mallory", "X-User": "mallory", "X-Forwarded-For": "10.0.0.1", "X-Forwarded-User": "mallory",
    "X-Real-IP": "10.0.0.1", "Forwarded": "for=10.0.0.1", "Cookie": "session=1", "Authorization": "Bearer canary",
    "Proxy-Authorization": "Basic canary", "Jiyi-Purpose": "sign-in", "Jiyi-Case": "JY1", "Idempotency-Key": "k",
    "Jiyi-Actor": "mallory", "Via": "1.1 x", "X-Original-URL": "/admin", "X-HTTP-Method-Override": "DELETE",
    "TE": "trailers", "Keep-Alive": "timeout=1", "traceparent": "00-evil",
}  # fmt: skip
ORDINARY = {"host", "user-agent", "accept-encoding", "accept", "content-type", "content-length", "jiyi-purpose"}
SHOP = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\ntype Query { a: Int }'
)
BY_REST = (
    CONNECT
    + '@source(name: "s", http: { baseURL: "BASE" })\ntype Query { b: Int @connect(source: "s", http: { GET: "/b" '
    + 'headers: [{ name: "X-From", from: "x-user-id" }] }, selection: "$.b") }'
)


@pytest.fixture(scope="module")
def shop() -> Iterator[Department]:
    cookies = (("Set-Cookie", "evil=1"), ("Set-Cookie", "evil=2"), ("X-Evil", "1"), ("Connection", "keep-alive"))
    with listening(lambda _heard: Said(b'{"data": {"a": 1}, "b": 2, "code": "c"}', headers=cookies)) as department:
        yield department


@asynccontextmanager
async def engine(shop: Department, *forwarded: str) -> AsyncIterator[str]:
    """The engine alone over a GraphQL and a REST subgraph; the names of headers that go on."""
    source = GraphSource.of(
        Subgraph("a", SHOP, f"{shop.url}/graphql"), Subgraph("b", BY_REST.replace("BASE", shop.url))
    )
    async with AsyncExitStack() as closing:
        options = GatewayOptions(forwarded_headers=forwarded)
        app, _engine = await closing.enter_async_context(open_application(options, source))
        yield await closing.enter_async_context(served(app))


async def send(url: str, lines: list[str]) -> bytes:
    """A request whose header lines stand as they are; the whole answer."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = b'{"query": "{ a b }"}'
    head = ["POST /graphql HTTP/1.1", f"Host: {host}", "Content-Type: application/json", *lines]
    writer.write("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body)
    answer = await asyncio.wait_for(reader.read(65_536), 10)
    writer.close()
    return answer


def _heard(shop: Department) -> dict[str, set[str]]:
    """Header names by target, of what came since the last look."""
    heard = {each.target: {name.lower() for name, _ in each.headers} for each in shop.heard}
    shop.heard.clear()
    return heard


async def test_without_being_told_no_header_goes_on(shop: Department) -> None:
    """And nothing that a department answers beside its body comes back: no cookie, no header."""
    async with engine(shop) as url:
        answer = await send(url, [f"{name}: {value}" for name, value in SENT.items()])
    assert b'"a":1' in answer
    assert b"evil" not in answer.lower()
    heard = _heard(shop)
    assert set(heard) == {"/graphql", "/b"}
    for names in heard.values():
        assert names <= ORDINARY


@pytest.mark.parametrize("named", ["x-user-id", "close, X-User-ID", "keep-alive,x-user-id , x-other"])
async def test_what_the_connection_header_names_does_not_go_on(shop: Department, named: str) -> None:
    """A proxy in front said that it is between the two of them; other headers still go on."""
    async with engine(shop, "x-user-id", "x-tenant") as url:
        await send(url, ["X-User-Id: anna", "X-Tenant: t1", f"Connection: {named}"])
    for names in _heard(shop).values():
        assert "x-user-id" not in names
        assert "x-from" not in names
        assert "x-tenant" in names


async def test_of_a_repeated_header_one_value_goes_on(shop: Department) -> None:
    """Two programs would else read two users from one request."""
    async with engine(shop, "x-user-id", "authorization") as url:
        lines = ["X-User-Id: anna", "x-user-id: mallory", "Authorization: Bearer a", "AUTHORIZATION: Bearer b"]
        await send(url, [*lines, "X_User_Id: mallory", "X-User-Id : mallory"])
        await send(url, lines)
    for heard in shop.heard:
        assert heard.header("X-User-Id") == ["anna"]
        assert heard.header("Authorization") == ["Bearer a"]
    assert _heard(shop)


@pytest.mark.parametrize(
    "value", ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\0", "a\r", "\x7f", ["anna"], {"a": 1}, None]
)
async def test_a_websocket_cannot_smuggle_a_header(shop: Department, value: Any) -> None:
    """What ``connection_init`` says is a header only where it could be one."""
    async with (
        engine(shop, "x-user-id") as url,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/graphql", protocols=("graphql-transport-ws",)) as opened,
    ):
        await opened.send_json({"type": "connection_init", "payload": {"X-User-Id": value}})
        assert (await opened.receive_json(timeout=5))["type"] == "connection_ack"
        await opened.send_json({"type": "subscribe", "id": "1", "payload": {"query": "{ a b }"}})
        told = await opened.receive_json(timeout=5)
    assert told["payload"]["data"] == {"a": 1, "b": 2}
    for heard in shop.heard:
        assert heard.header("X-User-Id") == []
        assert heard.header("X-Evil") == []
    assert _heard(shop)


@pytest.mark.parametrize("line", ["X-User-Id: a\rX-Evil: 1", "X-User-Id: a\nX-Evil: 1", "X-User-Id: a\0b"])
async def test_a_request_with_a_broken_header_is_no_request(shop: Department, line: str) -> None:
    """The server does not repair it, and nothing of it goes on."""
    async with engine(shop, "x-user-id") as url:
        answer = await send(url, [line])
    evil = [value for heard in shop.heard for name, value in heard.headers if "evil" in f"{name}{value}".lower()]
    assert answer.startswith(b"HTTP/1.1 400") or not evil
    assert not any("\r" in value or "\0" in value for heard in shop.heard for _, value in heard.headers)
    shop.heard.clear()


async def test_the_hub_itself_sends_nothing_of_a_clients_headers_on(tmp_path: Path, shop: Department) -> None:
    """It decides on whose errand it asks; whatever a client claims of itself stays outside."""
    sdl = CONNECT + (
        '@source(name: "s", http: { baseURL: "https://shops.example"'
        ' headers: [{ name: "X-From", from: "x-user-id" }] })\n'
        'type Organisation @key(fields: "code") @connect(source: "s", http: { GET: "/{$this.code}" }, '
        'selection: "code b") { code: ID! b: Int }'
    )
    with secret_hub(tmp_path, JIYI_ALLOW_PRIVATE_ADDRESSES="true") as hub:
        token = hub.department("shops")
        made = hub.publish(token, name="shops", department="shops", kind="rest", sdl=sdl, url=shop.url)
        assert made["ok"], made
        claims = [f"{name}: {value}" for name, value in SENT.items() if name != "Authorization"]
        body = '{"query": "{ organisations { b } }"}'
        for _ in range(40):
            with socket.create_connection(("127.0.0.1", int(hub.url.rpartition(":")[2])), 10) as connection:
                lines = ["POST /graphql HTTP/1.1", "Host: hub", "Content-Type: application/json", *claims]
                lines += [f"Content-Length: {len(body)}", "Connection: close", "", body]
                connection.sendall("\r\n".join(lines).encode())
                answer = b"".join(iter(lambda: connection.recv(65_536), b""))
            if b'"b":2' in answer:
                break
            await asyncio.sleep(0.1)
    assert b'"b":2' in answer
    assert b"evil" not in answer
    heard = shop.heard[-1]
    assert {name.lower() for name, _ in heard.headers} <= ORDINARY
    assert heard.header("Jiyi-Purpose") == ["query"]

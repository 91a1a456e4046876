"""S15: what unpacks or never ends is cut off while it is read, in memory and in time, on every way in.

Bodies of clients, answers of departments by each kind and transport, and key sets of others' servers.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

import aiohttp
import pytest

from auth.remote_jwks import KeysUnavailable, RemoteJwks
from connectors.addresses import AddressRule
from connectors.connector import ConnectorFailure, FetchRequest
from connectors.graphql import GraphQLConnector
from connectors.graphql_streams import SubscriptionDoor
from connectors.http_aiohttp import CheckedResolver
from connectors.http_client import HttpClient
from connectors.rest import RestConnector
from hub.standalone.application import GatewayOptions, open_application
from hub.standalone.graph_source import GraphSource
from schema.errors import RuntimeCode
from schema.subgraph import Subgraph
from tests.auth.world import MovableClock
from tests.hub.serving import served
from tests.security.secret_hub import CONNECT

MEGABYTE = 1024 * 1024
PATIENCE = timedelta(seconds=10)
ASK = FetchRequest("{ a }", timeout=PATIENCE)
LISTEN = FetchRequest("subscription { a }", kind="subscription", timeout=PATIENCE)
REST = (
    CONNECT
    + '@source(name: "s", http: { baseURL: "BASE" })\n'
    + 'type Query { a: String @connect(source: "s", http: { GET: "/" }, selection: "$.a") }'
)


@cache
def _packed(*, in_zlib: bool = False) -> bytes:
    """A gigabyte of blanks, which is one megabyte: a member of gzip (RFC 1952), or a zlib stream (RFC 1950)."""
    times, blanks = 1024, b" " * MEGABYTE
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
    summed = 1 if in_zlib else 0
    for _ in range(times):
        summed = (zlib.adler32 if in_zlib else zlib.crc32)(blanks, summed)
    if in_zlib:
        return b"\x78\xda" + piece * times + end + struct.pack(">L", summed)
    head = b"\x1f\x8b\x08" + bytes(7)
    return head + piece * times + end + struct.pack("<LL", summed, times * MEGABYTE)


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": _packed,
    "x-gzip": _packed,
    "deflate": lambda: _packed(in_zlib=True),
    "gzip, gzip": lambda: gzip.compress(_packed()),
    "br": _packed,
    "zstd": _packed,
}
"""By the coding that the answer says it has; made when it is needed."""
CODES = {RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE, RuntimeCode.DEPARTMENT_MALFORMED_ANSWER}


@asynccontextmanager
async def answering(head: bytes, body: bytes, times: int = 1) -> AsyncIterator[str]:
    """A server that answers everything so; with ``times`` the body comes again and again."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
            for _ in range(times):
                writer.write(body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


class Peak:
    """How much memory this process took at most since it was made, in megabytes more than before."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        self._before = self._read("VmRSS")

    @property
    def megabytes(self) -> float:
        return (self._read("VmHWM") - self._before) / 1024

    @staticmethod
    def _read(name: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith(name)))


async def _by_graphql(client: HttpClient, url: str) -> None:
    await GraphQLConnector(url, client).fetch(ASK)


async def _by_rest(client: HttpClient, url: str) -> None:
    response = await RestConnector("s", REST.replace("BASE", url), client).fetch(ASK)
    code = RuntimeCode((response.errors[0]["extensions"] or {})["code"])
    raise ConnectorFailure(code, "told at the field")


async def _by_events(client: HttpClient, url: str) -> None:
    door = SubscriptionDoor("graphql-sse")
    async for _ in GraphQLConnector(url, client, subscriptions=door).subscribe(LISTEN):
        raise AssertionError("it had an event")


WAYS: tuple[Callable[[HttpClient, str], Awaitable[None]], ...] = (_by_graphql, _by_rest, _by_events)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("coding", BOMBS)
async def test_an_answer_that_unpacks_to_a_gigabyte_is_cut_off(
    way: Callable[[HttpClient, str], Awaitable[None]], coding: str
) -> None:
    """The limit counts what comes out; a coding that was not asked for is not even tried."""
    head, body = b"Content-Encoding: %s\r\n" % coding.encode(), BOMBS[coding]()
    kind = b"Content-Type: text/event-stream\r\n" if way is _by_events else b"Content-Type: application/json\r\n"
    client, peak, began = HttpClient(addresses=AddressRule(True), proxies={}), Peak(), time.monotonic()
    async with answering(head + kind + b"Content-Length: %d\r\n" % len(body), body) as url:
        with pytest.raises(ConnectorFailure) as caught:
            await way(client, url)
    await client.close()
    is_left_packed = way is _by_events and coding in ("gzip, gzip", "x-gzip")
    assert caught.value.code in CODES or is_left_packed, "no event is in it, and it ends"
    assert peak.megabytes < 120
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "piece", [b" " * MEGABYTE, b"data\n" * 200_000, b"a\r" * 500_000], ids=["line", "lf", "cr"]
)
async def test_an_answer_without_end_is_cut_off(
    way: Callable[[HttpClient, str], Awaitable[None]], piece: bytes
) -> None:
    """Also one that is nothing but short lines, which cost more to keep than they are long."""
    kind = b"Content-Type: text/event-stream\r\n" if way is _by_events else b"Content-Type: application/json\r\n"
    client, peak = HttpClient(addresses=AddressRule(True), proxies={}), Peak()
    async with answering(kind, piece, times=1024) as url:
        with pytest.raises(ConnectorFailure) as caught:
            await way(client, url)
    await client.close()
    assert caught.value.code == RuntimeCode.DEPARTMENT_ANSWER_TOO_LARGE
    assert peak.megabytes < 120


async def test_a_head_without_end_is_cut_off() -> None:
    """Before a body there is a bound too."""
    client = HttpClient(addresses=AddressRule(True), proxies={})
    async with answering(b"X: " + b"y" * 65_536, b"y" * 65_536, times=1000) as url:
        for way in (_by_graphql, _by_events):
            with pytest.raises(ConnectorFailure) as caught:
                await way(client, url)
            assert caught.value.code == RuntimeCode.DEPARTMENT_MALFORMED_ANSWER
    await client.close()


@pytest.mark.parametrize(
    ("head", "body", "times"),
    [
        (b"Content-Encoding: gzip\r\n", _packed, 1),
        (b"", lambda: b" " * MEGABYTE, 1024),
        (b"Content-Length: 1073741824\r\n", lambda: b" " * MEGABYTE, 1024),
        (b"Content-Length: 40000\r\n", lambda: b"[" * 40_000, 1),
    ],
    ids=["gzip", "until it closes", "announced", "deep"],
)
async def test_a_key_set_of_a_gigabyte_is_no_key_set(head: bytes, body: Callable[[], bytes], times: int) -> None:
    """Nobody is signed in by it, and the gateway lives on."""
    peak, began = Peak(), time.monotonic()
    async with answering(b"Content-Type: application/json\r\n" + head, body(), times) as url:
        with pytest.raises(KeysUnavailable):
            await RemoteJwks(url, MovableClock()).find("k")
    assert peak.megabytes < 40
    assert time.monotonic() - began < 8


async def test_a_key_set_is_not_fetched_from_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of somebody's sign-in server resolves to what every cloud machine can reach."""

    def resolve(*_: object, **__: object) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]

    tried: list[object] = []

    async def connect(_loop: object, _socket: object, address: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(type(asyncio.get_running_loop()), "sock_connect", connect)
    keys = RemoteJwks("http://sign-in.example/jwks", MovableClock(), CheckedResolver(AddressRule(True)))
    with pytest.raises(KeysUnavailable):
        await keys.find("k")
    assert tried == []


@pytest.fixture
async def door() -> AsyncIterator[str]:
    """The engine alone, whose graph answers ``__typename``."""
    source = GraphSource.of(Subgraph("a", "type Query { a: Int }", "http://127.0.0.1:9/"))
    async with open_application(GatewayOptions(), source) as (app, _engine), served(app) as url:
        yield url


async def _posted(url: str, headers: dict[str, str], pieces: Callable[[], AsyncIterator[bytes]] | bytes) -> int:
    data = pieces if isinstance(pieces, bytes) else pieces()
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        try:
            async with session.post(f"{url}/graphql", data=data, headers=headers) as answer:
                return answer.status
        except aiohttp.ClientOSError:
            return 413  # it answered and closed while we were still sending


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"])
async def test_a_packed_body_of_a_client_is_not_unpacked(door: str, coding: str) -> None:
    """Nobody packs a query of a few hundred bytes."""
    peak = Peak()
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    assert await _posted(door, headers, _packed()[:900_000]) == 415
    assert peak.megabytes < 40


@pytest.mark.parametrize("is_announced", [True, False])
async def test_a_body_of_a_client_that_is_too_large_is_not_kept(door: str, is_announced: bool) -> None:
    """Chunked, it has no length to look at beforehand."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * MEGABYTE

    peak = Peak()
    body: Callable[[], AsyncIterator[bytes]] | bytes = b" " * (8 * MEGABYTE) if is_announced else pieces
    assert await _posted(door, {"Content-Type": "application/json"}, body) == 413
    assert peak.megabytes < 40


async def test_a_websocket_message_that_is_too_large_ends_the_connection(door: str) -> None:
    """The same bound on the other transport."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{door}/graphql", protocols=("graphql-transport-ws",)) as opened,
    ):
        await opened.send_json({"type": "connection_init"})
        await opened.receive_json(timeout=5)
        query = "{ __typename }" + " " * (40 * MEGABYTE)
        try:
            await opened.send_json({"type": "subscribe", "id": "1", "payload": {"query": query}})
            ended = await opened.receive(timeout=10)
        except ConnectionError:
            return
    assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)

"""The direct way from a connection to the door keeps what HTTP/1.1 promises, and leaves what it does not take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from connectors.clock import SystemClock
from hub.doors.direct_protocol import DirectProtocol
from hub.doors.routes import graphql_in_front, graphql_routes
from tests.hub.execution.fakes import FakeDepartment
from tests.hub.graph_for_tests import gateway_for, verify_token
from tests.hub.serving import served
from tests.hub.test_leaving import SlowDepartment

PING = b'{"query": "{ ping }"}'
PONG = b'{"data":{"ping":"pong"}}'

OTHER = b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = (
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"15\r\n" + PING + b"\r\n0\r\n\r\n"
)


def posted(body: bytes = PING, *lines: str, length: int | None = None) -> bytes:
    """A request as a client writes it."""
    size = len(body) if length is None else length
    head = (
        "POST /graphql HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        f"Content-Length: {size}",
        *lines,
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


class Connection:
    """One connection of a client that reads whole answers with a length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, body."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(head[0].split()[1]), headers, body

    async def ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        self.writer.write(request)
        return await self.answer()


@asynccontextmanager
async def connected(department: FakeDepartment) -> AsyncIterator[Connection]:
    async def other(_request: Any) -> PlainTextResponse:
        return PlainTextResponse("other")

    routes = [*graphql_routes(gateway_for(department), verify_token, SystemClock()), Route("/other", other)]
    async with served(graphql_in_front(routes, Starlette(routes=routes))) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield Connection(reader, writer)
        finally:
            writer.close()


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    async with connected(FakeDepartment({"ping": "pong"}, events=[{"ticks": 1}])) as opened:
        yield opened


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """The bodies of what was answered directly."""
    bodies: list[bytes] = []
    send = DirectProtocol.send

    def noting(self: DirectProtocol, response: Any, *, keep_alive: bool) -> None:
        bodies.append(response.body)
        send(self, response, keep_alive=keep_alive)

    monkeypatch.setattr(DirectProtocol, "send", noting)
    yield bodies


async def test_a_connection_carries_many_requests_whichever_way_they_go(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that took another way does not keep the next from the direct one."""
    with counted(monkeypatch) as direct:
        for request, body in ((posted(), PONG), (OTHER, b"other"), (posted(), PONG), (posted(), PONG)):
            status, headers, answered = await connection.ask(request)
            assert (status, answered) == (200, body)
            assert "date" in headers
    assert direct == [PONG] * 3


async def test_a_request_may_come_in_pieces(connection: Connection) -> None:
    """Wherever the network cuts it."""
    request = posted()
    for cut in (5, 40, len(request) - len(PING) - 2, len(request) - 3):
        connection.writer.write(request[:cut])
        await asyncio.sleep(0.02)
        assert (await connection.ask(request[cut:]))[2] == PONG


@pytest.mark.parametrize(
    "request_",
    [
        CHUNKED,
        posted(PING + b" " * 70_000),
        posted().replace(b"/graphql", b"/graphql?a=b"),
    ],
    ids=["chunked", "large", "query string"],
)
async def test_what_is_not_plain_is_answered_all_the_same(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, request_: bytes
) -> None:
    """Through ASGI."""
    with counted(monkeypatch) as direct:
        assert (await connection.ask(request_))[2] == PONG
    assert direct == []


async def test_a_stream_is_no_whole_answer(connection: Connection) -> None:
    """Who accepts one may get one, after his body was read."""
    connection.writer.write(posted(b'{"query": "subscription { ticks }"}', "Accept: text/event-stream"))
    head = await connection.reader.readuntil(b"\r\n\r\n")
    assert b"text/event-stream" in head
    assert await connection.reader.readuntil(b"complete")
    both = posted(PING, "Accept: application/json, text/event-stream")
    await connection.reader.readuntil(b"0\r\n\r\n")
    assert (await connection.ask(both))[2] == PONG


async def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(connection: Connection) -> None:
    """RFC 9110, "Expect"."""
    connection.writer.write(posted(b"", "Expect: 100-continue", length=len(PING)))
    assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert (await connection.ask(PING))[2] == PONG


async def test_requests_sent_ahead_are_answered_in_their_order(connection: Connection) -> None:
    """RFC 9112, "Pipelining": nobody's answer is another's."""
    named = [f'{{"query": "{{ a{n}: __typename }}"}}'.encode() for n in range(6)]
    connection.writer.write(b"".join(map(posted, named)))
    answers = [json.loads((await connection.answer())[2]) for _ in named]
    assert answers == [{"data": {f"a{n}": "Query"}} for n in range(6)]


async def test_who_wants_the_connection_closed_has_it_closed(connection: Connection) -> None:
    """RFC 9112, "Tear-down"."""
    status, headers, body = await connection.ask(posted(PING, "Connection: close"))
    assert (status, headers["connection"], body) == (200, "close", PONG)
    assert await connection.reader.read() == b""


async def test_a_server_that_stops_finishes_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says that nothing more is taken on this connection."""
    opened: list[DirectProtocol] = []
    begin = DirectProtocol.connection_made

    def noting(self: DirectProtocol, transport: asyncio.Transport) -> None:
        opened.append(self)
        begin(self, transport)

    monkeypatch.setattr(DirectProtocol, "connection_made", noting)
    department = SlowDepartment()
    async with connected(department) as connection:
        connection.writer.write(posted())
        await department.asked.wait()
        opened[0].shutdown()
        department.go.set()
        status, headers, body = await connection.answer()
        assert (status, headers["connection"], body) == (200, "close", PONG)
        assert await connection.reader.read() == b""


async def test_a_query_ends_with_its_client_and_a_mutation_does_not() -> None:
    """As through ASGI."""
    department = SlowDepartment()
    async with connected(department) as connection:
        connection.writer.write(posted())
        await department.asked.wait()
        connection.writer.close()
        await asyncio.wait_for(department.left.wait(), 5)
    department = SlowDepartment()
    async with connected(department) as connection:
        connection.writer.write(posted(b'{"query": "mutation { rename(name: \\"A\\") { id } }"}'))
        await department.asked.wait()
        connection.writer.close()
        await asyncio.sleep(0.2)
        assert not department.left.is_set()
        department.go.set()


async def test_a_mistake_of_ours_is_a_500_and_the_end_of_the_connection(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its text."""

    async def broken(*_arguments: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("hub.doors.routes.PostedOperation.answer", broken)
    status, headers, body = await connection.ask(posted())
    assert (status, headers["connection"], body) == (500, "close", b"Internal Server Error")


async def test_a_silent_connection_is_closed_and_one_that_speaks_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """However its requests went."""
    department = FakeDepartment({"ping": "pong"})
    begin = DirectProtocol.connection_made

    def hurried(self: DirectProtocol, transport: asyncio.Transport) -> None:
        begin(self, transport)
        self.timeout_keep_alive = 1

    monkeypatch.setattr(DirectProtocol, "connection_made", hurried)
    async with connected(department) as connection:
        for request in (posted(), OTHER, posted(), OTHER, posted()):
            assert (await connection.ask(request))[0] == 200
            await asyncio.sleep(0.3)
        assert await asyncio.wait_for(connection.reader.read(), 5) == b""
    slow = SlowDepartment()
    async with connected(slow) as connection:
        connection.writer.write(posted())
        asyncio.get_running_loop().call_later(1.5, slow.go.set)
        assert (await connection.answer())[2] == PONG

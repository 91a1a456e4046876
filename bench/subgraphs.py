"""``python -m bench.subgraphs``: the shop's four subgraphs in one process, each on a port of its own.

They must never be what limits a gateway: graphql-core answers a request once, and the same body gets the same
bytes from memory ever after. HTTP is as much of it as gateways use. ``GET /`` tells how many requests came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from functools import partial
from re import IGNORECASE
from re import compile as regex
from typing import Any, cast

import msgspec
import uvloop
from graphql import GraphQLSchema, graphql_sync

from bench.shop import SDL, executable

_LENGTH = regex(rb"\r\ncontent-length: *(\d+)", IGNORECASE)
_CHUNKED = regex(rb"\r\ntransfer-encoding: *chunked", IGNORECASE)
_MOST_REMEMBERED = 20_000


class Subgraph:
    """One subgraph's answers, and how often it was asked."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.asked = 0
        self._schema = schema
        self._answers: dict[bytes, bytes] = {}

    def answer(self, body: bytes) -> bytes:
        """A whole HTTP response."""
        self.asked += 1
        answer = self._answers.get(body)
        if answer is None:
            if len(self._answers) >= _MOST_REMEMBERED:
                self._answers.clear()
            answer = self._answers[body] = _response(self._execute(body))
        return answer

    def _execute(self, body: bytes) -> Any:
        request = json.loads(body)
        result = graphql_sync(
            self._schema,
            request["query"],
            variable_values=request.get("variables"),
            operation_name=request.get("operationName"),
        )
        return result.formatted


class Connection(asyncio.Protocol):
    """One keep-alive connection from a gateway."""

    def __init__(self, subgraph: Subgraph) -> None:
        self._subgraph = subgraph
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one, but does not say so

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        while self._transport is not None and (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            taken = _take_body(head, self._received, end + 4)
            if taken is None:
                return
            body, after = taken
            self._received = self._received[after:]
            told = _response({"asked": self._subgraph.asked}) if head.startswith(b"GET") else None
            self._transport.write(told or self._subgraph.answer(body))


def _take_body(head: bytes, received: bytes, start: int) -> tuple[bytes, int] | None:
    """The body and where the next request begins, ``None`` while some of it is still to come."""
    if length := _LENGTH.search(head):
        end = start + int(length[1])
        return (received[start:end], end) if len(received) >= end else None
    return _take_chunks(received, start) if _CHUNKED.search(head) else (b"", start)


def _take_chunks(received: bytes, start: int) -> tuple[bytes, int] | None:
    body = bytearray()
    while (line := received.find(b"\r\n", start)) >= 0:
        size = int(received[start:line], 16)
        end = line + 2 + size
        if len(received) < end + 2:
            return None
        body += received[line + 2 : end]
        start = end + 2
        if size == 0:
            return bytes(body), start
    return None


def _response(content: Any) -> bytes:
    body = msgspec.json.encode(content)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(ports: Sequence[int]) -> None:
    """Serve until killed; a port for each subgraph, in the order of ``SDL``."""
    loop = asyncio.get_running_loop()
    for name, port in zip(SDL, ports, strict=True):
        subgraph = Subgraph(executable(name))
        await loop.create_server(partial(Connection, subgraph), "127.0.0.1", port)
    sys.stdout.write(json.dumps({"ready": True}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ports", type=int, nargs=len(SDL), required=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(parser.parse_args().ports))

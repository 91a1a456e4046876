"""``python -m bench.cases.department``: a department that costs as little as one can, behind its own agent.

It takes both commands of :mod:`hub.catalogue_seed`, decides at once, and tells so through the agent's door. A
repeated command is answered as before and has no second effect. Everything is in memory; ``GET /effects`` tells
how many commands had one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httptools
import uvloop

from bench.serving import say_ready

ISSUER = "110102-MZ"
TIME = "2026-11-23T09:00:00Z"
BATCH = 64


@dataclass
class Register:
    """What the department knows, by idempotency key; ``effects`` counts those that were new."""

    answers: dict[str, bytes] = field(default_factory=dict)
    effects: int = 0

    def take(self, path: str, key: str, body: dict[str, Any]) -> tuple[bytes, list[dict[str, Any]]]:
        """The answer, and the events that follow; none for a command that it knows."""
        known = self.answers.get(key)
        if known is not None:
            return known, []
        self.effects += 1
        receipt = body["receiptNumber"]
        number = f"MZ{self.effects:08d}"
        answer = json.dumps({"accepted": True, "reference": number}).encode()
        self.answers[key] = answer
        return answer, _decision(receipt) if path == "/cases" else _licence(receipt, number, body["kind"])


class Teller:
    """Posts events to the agent over one connection, in order; what waits together goes together."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._waiting: deque[dict[str, Any]] = deque()
        self._wake = asyncio.Event()
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def tell(self, events: list[dict[str, Any]]) -> None:
        self._waiting.extend(events)
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                while not await self._is_taken(group):  # noqa: ASYNC110  the agent does not call back
                    await asyncio.sleep(0.1)

    async def _is_taken(self, group: list[dict[str, Any]]) -> bool:
        """Whether the agent took all of them. It closes a connection that rested; they are sent again then."""
        try:
            if self._connection is None:
                self._connection = await asyncio.open_connection("127.0.0.1", self._port)
            return await _post(*self._connection, group)
        except (OSError, asyncio.IncompleteReadError):
            self._connection = None
            return False


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, group: list[dict[str, Any]]) -> bool:
    """Whether the agent took all of them."""
    body = json.dumps(group).encode()
    head = (
        "POST /events HTTP/1.1\r\nHost: agent\r\nContent-Type: application/cloudevents-batch+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    lines = answer.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    text = await reader.readexactly(length)
    if b" 202 " not in lines[0] + b" " and b" 503 " not in lines[0] + b" ":
        raise SystemExit(f"bench: the agent refuses events: {lines[0]!r} {text!r}")
    return b" 202 " in lines[0] + b" "


def _decision(receipt: str) -> list[dict[str, Any]]:
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("jiyi.case.accepted", {}),
        ("jiyi.case.review-started", {}),
        ("jiyi.case.decided", {"decision": "approved"}),
    )
    return [_event(receipt, type_, data) for type_, data in steps]


def _licence(receipt: str, number: str, kind: str) -> list[dict[str, Any]]:
    return [_event(receipt, "jiyi.licence.issued", {"number": number, "issuerCode": ISSUER, "kind": kind})]


def _event(receipt: str, type_: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{receipt}/{type_}",
        "type": type_,
        "source": "civil-affairs",
        "subject": receipt,
        "time": TIME,
        "datacontenttype": "application/json",
        "data": data,
    }


class Door(asyncio.Protocol):
    """HTTP, as far as the agent speaks it."""

    def __init__(self, register: Register, teller: Teller) -> None:
        self._register = register
        self._teller = teller
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._path, self._key, self._body = "", "", b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP's is both

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._path = url.decode()

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"idempotency-key":
            self._key = value.decode()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer, events = b"%d" % self._register.effects, list[dict[str, Any]]()
        if self._path != "/effects":
            answer, events = self._register.take(self._path, self._key, json.loads(self._body))
        head = f"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        self._transport.write(head.encode() + answer)
        self._path, self._key, self._body = "", "", b""
        if events:
            self._teller.tell(events)


async def serve(port: int, agent: int) -> None:
    """Until it is ended. The agent's door is open before the first command comes."""
    register, teller = Register(), Teller(agent)
    await asyncio.get_running_loop().create_server(lambda: Door(register, teller), "127.0.0.1", port)
    say_ready(port)
    await teller.run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.cases.department", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--agent", type=int, required=True, help="port of the agent's door for events")
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.agent))

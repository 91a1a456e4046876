"""``python -m bench.rest_service``: a REST service that answers from memory, so that it is never the limit."""

from __future__ import annotations

import argparse
import asyncio
import json

import uvloop

from bench.serving import say_ready

LICENCE = {
    "issuer": "JT",
    "no": "510104-0001",
    "type": "driving",
    "title": {"zh": "机动车驾驶证", "en": "Driving licence"},
    "validFrom": "2020-05-01",
    "validTo": "2030-05-01",
    "status": "VALID",
}
_BODY = json.dumps(
    {"results": [{**LICENCE, "no": f"510104-000{n}"} for n in range(3)]}, ensure_ascii=False
).encode()
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_BODY),
    _BODY,
)


class _Connection(asyncio.Protocol):
    """Each head without a body is one request."""

    def __init__(self) -> None:
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP's is both

    def data_received(self, data: bytes) -> None:
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for _ in heads:
            self._transport.write(_ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port)
    say_ready(port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.rest_service", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(parser.parse_args().port))

"""``python -m bench.fault_server``: a department whose wire is spoilt as a line on its stdin says.

A GET is answered as a REST service would, a POST as a GraphQL server; ``fine`` is well, ``refused`` does not
listen. The faults are those of ``tests/connectors/wire.py``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from bench.serving import say_ready
from tests.connectors.wire import HTTP_FAULTS, Conversation, Fault, FaultyServer, expired_certificate, fine

REST, GRAPHQL = json.dumps({"a": "A"}).encode(), json.dumps({"data": {"b": "A"}}).encode()


def spoilt(name: str) -> Fault:
    """The fault of that name for both kinds."""
    make = HTTP_FAULTS.get(name, fine)
    rest, graphql = make(REST), make(GRAPHQL)

    async def run(conversation: Conversation) -> None:
        await (graphql if conversation.body else rest)(conversation)

    return run


async def serve(port: int, tls_port: int, folder: Path) -> None:
    """Until stdin ends."""
    told = FaultyServer(spoilt("fine"))
    expired, authority = expired_certificate(folder)
    secure = await asyncio.start_server(told.serve, "127.0.0.1", tls_port, ssl=expired)
    server: asyncio.Server | None = await asyncio.start_server(told.serve, "127.0.0.1", port)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say_ready(port)
    while line := await reader.readline():
        name = line.decode().strip()
        told.fault = spoilt(name)
        if name == "refused" and server is not None:
            server.close()
            server = None
        elif name != "refused" and server is None:
            server = await asyncio.start_server(told.serve, "127.0.0.1", port)
        for writer in tuple(told.writers):
            writer.transport.abort()
        sys.stdout.write(f"{name} {authority.name}\n")
        sys.stdout.flush()
    secure.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.fault_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.tls_port, given.folder))

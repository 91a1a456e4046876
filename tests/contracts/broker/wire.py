"""A TCP proxy that faults are injected with: it can be cut, refuse, and be mended again."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress


class Wire:
    """Listens on a port of its own and passes bytes both ways, until ``cut``."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._held: socket.socket | None = None
        self.port = 0

    async def start(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Reset every connection and refuse new ones."""
        if self._server is None:
            return
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None
        # Bound and not listening: connections are refused, and nobody else gets the port meanwhile.
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", self.port))

    async def mend(self) -> None:
        await self.start()

    async def close(self) -> None:
        """Cut for good."""
        await self.cut()
        if self._held is not None:
            self._held.close()
            self._held = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            onward_reader, onward_writer = await asyncio.open_connection(*self._target)
        except OSError:
            self._writers.discard(writer)
            writer.transport.abort()
            return
        try:
            self._writers.add(onward_writer)
            await asyncio.gather(_copy(reader, onward_writer), _copy(onward_reader, writer))
            self._writers.discard(onward_writer)
        finally:
            self._writers.discard(writer)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()

"""A wire to the hub at whose first answering byte somebody dies, before or after the client has the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


@asynccontextmanager
async def answer_wire(url: str, kill: Callable[[], Awaitable[None]], *, passes_answer: bool) -> AsyncIterator[str]:
    """The address of a wire to ``url``, for one request; on leaving, somebody has died.

    The answer that it passes is whole: the hub has nothing more to say.
    """
    is_over = asyncio.Event()
    host, port = urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or 80

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(host, port)
        asking = asyncio.create_task(_copy(reader, onward_writer))
        with suppress(OSError):
            answer = await onward_reader.read(65536)
            if passes_answer:
                writer.write(answer)
                await writer.drain()
            await kill()
        asking.cancel()
        writer.transport.abort() if not passes_answer else writer.close()
        onward_writer.transport.abort()
        is_over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await is_over.wait()
    finally:
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

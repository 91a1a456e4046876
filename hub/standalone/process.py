"""One process of the engine alone: an event loop, an application, one listening socket."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from types import FrameType

import uvicorn
import uvloop
from starlette.types import ASGIApp

from hub.doors.server_config import server_config


def serve(
    opening: AbstractAsyncContextManager[ASGIApp], listener: socket.socket, announce: Callable[[], None]
) -> int:
    """Serve what is opened until SIGINT or SIGTERM, which is returned. ``announce`` is called once it serves."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(opening, listener, announce))


async def _serve(
    opening: AbstractAsyncContextManager[ASGIApp], listener: socket.socket, announce: Callable[[], None]
) -> int:
    async with opening as app:
        gc.freeze()
        server = AnnouncingServer(app, announce)
        await server.serve([listener])
        return server.stopped_by


class AnnouncingServer(uvicorn.Server):
    """Tells when it serves, and what stopped it. Signals are not raised again: closing goes on in order."""

    def __init__(self, app: ASGIApp, announce: Callable[[], None]) -> None:
        super().__init__(server_config(app))
        self.stopped_by = signal.SIGTERM.value
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stopped_by = sig
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        handled = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in handled}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

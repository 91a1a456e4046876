"""One process of the engine alone: an event loop, the engine on its doors, one listening socket."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable

import uvicorn
import uvloop
from starlette.types import ASGIApp

from hub.standalone.application import GatewayOptions, open_application
from hub.standalone.graph_source import GraphSource

GRACE_SECONDS = 3


def serve_alone(
    options: GatewayOptions, source: GraphSource, listener: socket.socket, announce: Callable[[], None]
) -> None:
    """Serve until told to stop. ``announce`` is called once requests are answered."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(options, source, listener, announce))


async def _serve(
    options: GatewayOptions, source: GraphSource, listener: socket.socket, announce: Callable[[], None]
) -> None:
    async with open_application(options, source) as (app, _engine):
        gc.freeze()
        await AnnouncingServer(app, announce).serve([listener])


class AnnouncingServer(uvicorn.Server):
    """Tells when it serves."""

    def __init__(self, app: ASGIApp, announce: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

"""Serve an application as a process: port, ready line, a time without a listener, quick end on SIGTERM."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from mocks.faults.control import Faults
from mocks.faults.wire import DroppableProtocol, reset_transport


def listen(name: str, host: str, port: int) -> socket.socket:
    """The socket that will be served; 0 is a free port. Exits 1 with one line where it cannot be had."""
    try:
        return _listener(host, port)
    except OSError as error:
        sys.exit(
            f"{name}: cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}. Choose another --port."
        )


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(256)
    return listener


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: ASGIApp, listener: socket.socket, faults: Faults, *, websockets: bool = False) -> None:
    """Serve until SIGTERM; prints ``{"ready": true, "url": …}`` once it does."""
    config = uvicorn.Config(
        app,
        http=DroppableProtocol,
        ws="websockets-sansio" if websockets else "none",
        log_level="critical",
        # Handed to asyncio.wait_for as it is, which takes fractions of a second.
        timeout_graceful_shutdown=0.3,  # type: ignore[arg-type]
    )
    # uvicorn raises the signal again once it has ended: that is then a normal end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    _Server(config, listener, faults).run([listener])


class _Server(uvicorn.Server):
    """Prints the ready line once it serves, and can be away for a time."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, faults: Faults) -> None:
        super().__init__(config)
        self._listener = listener
        self._url = address_of(listener)
        self._faults = faults
        self._away: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._faults.go_offline = self._go_offline
        print(json.dumps({"ready": True, "url": self._url}), flush=True)

    def _go_offline(self, seconds: float) -> None:
        if self._away is None or self._away.done():
            self._away = asyncio.create_task(self._stay_away(seconds))

    async def _stay_away(self, seconds: float) -> None:
        host, port = self._listener.getsockname()[:2]
        # The answer to the request that asked for it is still to go out.
        await asyncio.sleep(0.05)
        for server in self.servers:
            server.close()
        self._listener.close()
        for connection in list(self.server_state.connections):
            reset_transport(connection.transport)
        await asyncio.sleep(seconds)
        if self.should_exit:
            return
        self._listener = _listener(host, port)
        loop = asyncio.get_running_loop()
        self.servers = [await loop.create_server(self._protocol, sock=self._listener)]

    def _protocol(self) -> Any:
        return DroppableProtocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

"""One of several processes of the engine alone: serves on its socket, and does what the supervisor says."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvloop

from hub.standalone import channel
from hub.standalone.application import GatewayOptions, open_application
from hub.standalone.engine import Engine
from hub.standalone.graph_source import GraphSource
from hub.standalone.process import AnnouncingServer


def run_worker(
    options: GatewayOptions, begin: channel.TakeUp, listener: socket.socket, wire: socket.socket
) -> None:
    """Serve until told to stop, or until the supervisor is gone."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_Worker(options, begin).run(listener, wire))


class _Worker:
    """``proposed`` are lists of this worker's that the supervisor has not spread yet, in order."""

    def __init__(self, options: GatewayOptions, begin: channel.TakeUp) -> None:
        self._options = options
        self._begin = begin
        self._proposed: list[asyncio.Future[int]] = []
        self._writer: asyncio.StreamWriter | None = None

    async def run(self, listener: socket.socket, wire: socket.socket) -> None:
        reader, self._writer = await asyncio.open_connection(sock=wire)
        begin = self._begin
        async with open_application(self._options, begin.source, self._propose, version=begin.version) as (
            app,
            engine,
        ):
            gc.freeze()
            server = AnnouncingServer(app, lambda: self._say(channel.Serving()))
            async with self._obeying(reader, engine, server):
                await server.serve([listener])

    async def _propose(self, source: GraphSource) -> int:
        """Publish by way of the supervisor; returns the version once every process serves it."""
        spread: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._proposed.append(spread)
        self._say(channel.Proposal(source))
        return await spread

    @asynccontextmanager
    async def _obeying(
        self, reader: asyncio.StreamReader, engine: Engine, server: AnnouncingServer
    ) -> AsyncIterator[None]:
        task = asyncio.create_task(self._obey(reader, engine, server))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _obey(self, reader: asyncio.StreamReader, engine: Engine, server: AnnouncingServer) -> None:
        try:
            while True:
                match await channel.read(reader):
                    case channel.TakeUp(version, source):
                        await engine.take_up(source, version)
                        self._say(channel.Taken(version))
                    case channel.Spread(version):
                        self._proposed.pop(0).set_result(version)
        except channel.ChannelClosed:
            server.should_exit = True

    def _say(self, message: channel.Message) -> None:
        if self._writer is not None:
            self._writer.write(channel.frame(message))

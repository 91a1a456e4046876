"""Run one department as a process: command line, port, ready line, doors for checks, quick end on SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mocks.faults import DroppableProtocol, Fault, Faults, FaultyDoors, read_fault
from mocks.refusal import Refused, answer_refusal
from mocks.residents import DEFAULT_SEED
from mocks.store import Store, WrongSeed


@dataclass(frozen=True, slots=True)
class Department:
    """What a mock serves. ``records`` is what it believes itself; ``jobs`` run as long as it serves."""

    store: Store
    records: Callable[[], dict[str, Any]]
    routes: tuple[BaseRoute, ...]
    jobs: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, read. ``url`` is where this process is reached."""

    name: str
    url: str
    seed: int
    state: Path | None
    faults: Faults = field(default_factory=Faults)
    own: argparse.Namespace = field(default_factory=argparse.Namespace)

    def open_store(self, tables: str) -> Store:
        """This department's store, from ``--state`` or in memory. Raises :class:`WrongSeed`."""
        return Store(self.state / f"{self.name}.sqlite3" if self.state else None, self.seed, tables)


def serve(
    name: str, build: Callable[[Options], Department], own: Callable[[argparse.ArgumentParser], None] | None = None
) -> None:
    """Read the command line, build the department and serve it until SIGTERM. Exits 1 when it cannot."""
    arguments = _read_command_line(name, own)
    listener = _listen(name, arguments.host, arguments.port)
    url = f"http://{arguments.host}:{listener.getsockname()[1]}"
    options = Options(name, url, arguments.seed, arguments.state, Faults(arguments.fault), arguments)
    try:
        department = build(options)
    except (WrongSeed, ValueError) as error:
        sys.exit(f"{name}: {error}")
    config = uvicorn.Config(
        _application(department, options.faults),
        http=DroppableProtocol,
        ws="none",
        log_level="critical",
        # Handed to asyncio.wait_for as it is, which takes fractions of a second.
        timeout_graceful_shutdown=0.3,  # type: ignore[arg-type]
    )
    # uvicorn raises the signal again once it has ended: that is then a normal end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    _Server(config, url).run([listener])


def _read_command_line(
    name: str, own: Callable[[argparse.ArgumentParser], None] | None = None
) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m mocks.{name.replace('-', '_')}")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", type=Path, help="directory of the SQLite file; without it nothing is kept")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same in all departments")
    parser.add_argument("--fault", type=_fault, help="a fault from the start, e.g. '{\"delayMs\": 200}'")
    if own:
        own(parser)
    return parser.parse_args()


def _fault(text: str) -> Fault:
    try:
        return read_fault(json.loads(text))
    except (Refused, ValueError, AttributeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _listen(name: str, host: str, port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError as error:
        sys.exit(
            f"{name}: cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}. Choose another --port."
        )
    return listener


def _application(department: Department, faults: Faults) -> Starlette:
    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def records(_request: Request) -> Response:
        return JSONResponse(department.records())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        jobs = [asyncio.create_task(job()) for job in department.jobs]
        yield
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        department.store.close()

    doors = [
        Route("/healthz", healthz),
        Route("/__records", records),
        Route("/__faults", faults.door, methods=["GET", "POST", "DELETE"]),
    ]
    return Starlette(
        routes=[*doors, *department.routes],
        middleware=[Middleware(FaultyDoors, faults)],
        exception_handlers={Refused: answer_refusal},
        lifespan=lifespan,
    )


class _Server(uvicorn.Server):
    """Prints the ready line once it serves."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(json.dumps({"ready": True, "url": self._url}), flush=True)

"""Run one department as a process: command line, port, ready line, doors for checks, quick end on SIGTERM."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mocks.application import Job, application
from mocks.faults import Fault, Faults, read_fault
from mocks.refusal import Refused
from mocks.residents import DEFAULT_SEED
from mocks.server import address_of, listen, run
from mocks.store import Store, WrongSeed


@dataclass(frozen=True, slots=True)
class Department:
    """What a mock serves. ``records`` is what it believes itself; ``jobs`` run as long as it serves."""

    store: Store
    records: Callable[[], dict[str, Any]]
    routes: tuple[BaseRoute, ...]
    jobs: tuple[Job, ...] = ()


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
    listener = listen(name, arguments.host, arguments.port)
    url = address_of(listener)
    options = Options(name, url, arguments.seed, arguments.state, Faults(arguments.fault), arguments)
    try:
        department = build(options)
    except (WrongSeed, ValueError) as error:
        sys.exit(f"{name}: {error}")
    run(_application(department, options.faults), listener, options.faults)


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


def _application(department: Department, faults: Faults) -> Starlette:
    async def records(_request: Request) -> Response:
        return JSONResponse(department.records())

    routes = (Route("/__records", records), *department.routes)
    return application(routes, faults, jobs=department.jobs, close=department.store.close)

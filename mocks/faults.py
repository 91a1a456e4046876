"""Faults on demand: late, wrong, unreadable or no answers, switched at the door ``/__faults``.

The doors whose path begins with ``/__`` are never hit, so that a fault can always be taken away.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mocks.refusal import Refused, read_object

_TRANSPORT = "mocks.transport"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. ``times`` is how many requests it still hits, ``None`` is until it is taken away.

    ``duplicateEvents`` hits no request: every event that the department sends meanwhile is sent twice.
    """

    delayMs: int = 0  # noqa: N815  the names are the door's
    status: int = 0
    garbage: bool = False
    dropConnections: bool = False  # noqa: N815
    duplicateEvents: bool = False  # noqa: N815
    times: int | None = None


class Faults:
    """The fault that is on now, and the door that sets it."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault or Fault()

    async def door(self, request: Request) -> Response:
        """``GET`` shows, ``POST`` replaces, ``DELETE`` ends the fault."""
        if request.method == "POST":
            self.fault = read_fault(await read_object(request))
        elif request.method == "DELETE":
            self.fault = Fault()
        return JSONResponse({field.name: getattr(self.fault, field.name) for field in fields(Fault)})

    def take(self) -> Fault:
        """The fault that hits this request, counting it."""
        fault = self.fault
        if fault.times is not None:
            left = fault.times - 1
            self.fault = _with_times(fault, left) if left > 0 else Fault(duplicateEvents=fault.duplicateEvents)
        return fault


def read_fault(body: dict[str, Any]) -> Fault:
    """A fault from its JSON. Raises :class:`Refused` for a name or type it does not have."""
    for name, value in body.items():
        expected = {"delayMs": int, "status": int, "times": int}.get(name, bool)
        if name not in Fault.__slots__:
            raise Refused(400, "UNKNOWN_FAULT", f'No fault "{name}". There are: {", ".join(Fault.__slots__)}.')
        if type(value) is not expected:
            raise Refused(400, "WRONG_FAULT", f'"{name}" must be of type {expected.__name__}.')
    return Fault(**body)


def _with_times(fault: Fault, times: int) -> Fault:
    values = {field.name: getattr(fault, field.name) for field in fields(Fault)}
    return Fault(**{**values, "times": times})


class FaultyDoors:
    """ASGI middleware that applies the fault to every request but those of the ``/__`` doors."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app = app
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(("/__", "/healthz")):
            await self.app(scope, receive, send)
            return
        fault = self.faults.take()
        await asyncio.sleep(fault.delayMs / 1000)
        if fault.dropConnections:
            await _drop(scope, receive)
        elif fault.garbage:
            await Response("<<< not JSON", media_type="application/json")(scope, receive, send)
        elif fault.status:
            error = {"code": "FAULT_ON_DEMAND", "message": "This failure was asked for."}
            await JSONResponse({"error": error}, fault.status)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def _drop(scope: Scope, receive: Receive) -> None:
    scope[_TRANSPORT].abort()
    while (await receive())["type"] != "http.disconnect":
        continue


class DroppableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also lets a request reach its own connection, to cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[_TRANSPORT] = self.transport  # type: ignore[literal-required]  # a key of our own

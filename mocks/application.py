"""All doors of one mock: its own, and those that every mock has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mocks.faults import Faults, FaultyDoors
from mocks.refusal import Refused, answer_refusal

Job = Callable[[], Coroutine[Any, Any, None]]


def application(
    routes: Sequence[BaseRoute],
    faults: Faults,
    *,
    makes_partial: bool = False,
    jobs: Sequence[Job] = (),
    close: Callable[[], None] = lambda: None,
) -> Starlette:
    """The routes with ``/healthz``, ``/__faults`` and the faults; jobs run as long as it serves."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        running = [asyncio.create_task(job()) for job in (faults.play, *jobs)]
        yield
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        close()

    doors = [
        Route("/healthz", healthz),
        Route("/__faults", faults.door, methods=["GET", "POST", "DELETE"]),
    ]
    return Starlette(
        routes=[*doors, *routes],
        middleware=[Middleware(FaultyDoors, faults, makes_partial=makes_partial)],
        exception_handlers={Refused: answer_refusal},
        lifespan=lifespan,
    )

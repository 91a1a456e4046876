"""The engine as a developer runs it: with an explorer, traced, and recomposed when something changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import environ

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connectors.clock import SystemClock
from hub.explorer import explorer_routes
from hub.gateway.policy import nobody
from hub.standalone.application import GatewayOptions, doors
from hub.standalone.describing import subgraph_client
from hub.standalone.engine import Engine, EngineSettings
from hub.standalone.open_policy import OpenPolicy
from hub.standalone.tracing import ExplainOnDemand, TracedConnector, TracedGateway
from hub.standalone.watching import ReadList, Watcher

EXPLORER = "/explorer"


@dataclass(frozen=True, slots=True)
class DevelopmentOptions:
    """``pause_seconds`` between two looks at files and subgraphs; ``None`` looks once."""

    shows_plans: bool = False
    pause_seconds: float | None = 1.0


@asynccontextmanager
async def open_development(
    gateway_options: GatewayOptions, options: DevelopmentOptions, read: ReadList, say: Callable[[str], None]
) -> AsyncIterator[Starlette]:
    """The application; it may have no graph yet, and gets one as soon as what ``read`` gives composes."""
    clock = SystemClock()
    async with subgraph_client() as client:
        gateway = TracedGateway(OpenPolicy(), nobody, clock=clock, say=say, shows_plans=options.shows_plans)
        settings = EngineSettings(gateway_options.subgraph_timeout, tells_internals=True, environment=environ)
        engine = Engine(gateway, settings, client, clock, TracedConnector)
        watcher = Watcher(engine, read, say, options.pause_seconds or 0)
        await watcher.look()
        task = asyncio.create_task(watcher.run()) if options.pause_seconds is not None else None
        try:
            routes = [
                Route("/", _to_explorer),
                *doors(engine, gateway_options, clock, explorer=EXPLORER),
                *explorer_routes(),
            ]
            yield Starlette(routes=routes, middleware=[Middleware(ExplainOnDemand)])
        finally:
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            await engine.close()


async def _to_explorer(_request: Request) -> Response:
    return RedirectResponse(EXPLORER, 302)

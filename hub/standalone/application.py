"""The doors of the engine alone: ``/graphql`` over HTTP and WebSocket, health, and ``/subgraphs`` where wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from os import environ

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from auth.remote_jwks import RemoteJwks
from auth.tokens import TokenVerifier
from connectors.clock import Clock, SystemClock
from connectors.graphql_streams import SubscriptionDoor
from connectors.http_aiohttp import CheckedResolver
from hub.doors.http_request import HttpSettings, VerifyToken
from hub.doors.routes import graphql_in_front, graphql_routes, health_routes
from hub.doors.websocket import WebSocketSettings, websocket_routes
from hub.gateway import Gateway, GatewaySettings
from hub.gateway.policy import nobody
from hub.gateway.request_rate import rate_limited
from hub.standalone.describing import ADDRESSES, subgraph_client
from hub.standalone.engine import Engine, EngineSettings
from hub.standalone.graph_source import GraphSource
from hub.standalone.latecomers import Awaited, Latecomers
from hub.standalone.open_policy import OpenPolicy
from hub.standalone.publishing import Publish, Publishing

ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "Ed25519", "EdDSA")


@dataclass(frozen=True, slots=True)
class TokenRule:
    """Whose bearer tokens are taken: signed by a key of ``jwks``, and for us where the others are given."""

    jwks: str
    issuer: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """``tokens``: without it everybody is anonymous. ``publish_token``: without it nobody can replace the list.

    ``tells_internals``: what failed on the way to a subgraph, and names that exist where one does not; for
    development. ``subscriptions_each`` may be open at once for one subject of a token, in one process;
    ``operations_per_minute`` are answered to it, 0 for any number.
    """

    tokens: TokenRule | None = None
    publish_token: str | None = field(default=None, repr=False)
    forwarded_headers: tuple[str, ...] = ()
    subgraph_timeout: timedelta = timedelta(seconds=30)
    tells_internals: bool = False
    subscriptions_each: int = 100
    operations_per_minute: int = 0
    subscriptions: tuple[tuple[str, SubscriptionDoor], ...] = ()
    """A subgraph's name, and how and where it is asked for subscriptions."""
    awaited: Awaited | None = None
    """Subgraphs of the list that have not come yet."""


@asynccontextmanager
async def open_application(
    options: GatewayOptions,
    source: GraphSource,
    publish: Publish | None = None,
    *,
    version: int = 1,
) -> AsyncIterator[tuple[ASGIApp, Engine]]:
    """The engine on its doors, serving ``source``, which is known to compose.

    ``publish`` takes a new list to all processes of the gateway; without it there is this one only.
    """
    clock = SystemClock()
    async with subgraph_client() as client:
        settings = EngineSettings(
            options.subgraph_timeout, options.tells_internals, dict(options.subscriptions), environ
        )
        engine = Engine(_gateway(options, clock), settings, client, clock)
        try:
            if not source.is_nothing:
                await engine.take_up(source, version)
            routes = doors(engine, options, clock, publish or engine.take_up)
            async with _awaiting(engine, options, publish or engine.take_up):
                yield graphql_in_front(routes, Starlette(routes=routes)), engine
        finally:
            await engine.close()


@asynccontextmanager
async def _awaiting(engine: Engine, options: GatewayOptions, publish: Publish) -> AsyncIterator[None]:
    if options.awaited is None:
        yield
        return
    task = asyncio.create_task(Latecomers(engine, options.awaited, publish).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def only_application(options: GatewayOptions, source: GraphSource) -> AsyncIterator[ASGIApp]:
    """The same for the one process of a gateway."""
    async with open_application(options, source) as (app, _engine):
        yield app


def doors(
    engine: Engine,
    options: GatewayOptions,
    clock: Clock,
    publish: Publish | None = None,
    *,
    explorer: str | None = None,
) -> list[BaseRoute]:
    """Every door. ``explorer`` is where a browser that opens ``/graphql`` is sent."""
    verify = _verifier(options.tokens, clock)
    forwarded = options.forwarded_headers
    http = HttpSettings(explorer=explorer, forwarded_headers=forwarded)

    async def is_ready() -> Mapping[str, bool]:
        return {"graph": engine.gateway.state is not None}

    gateway = rate_limited(engine.gateway, options.operations_per_minute)
    routes = [
        *graphql_routes(gateway, verify, clock, http),
        *websocket_routes(gateway, verify, clock, WebSocketSettings(forwarded_headers=forwarded)),
        *health_routes(is_ready),
    ]
    if options.publish_token is not None and publish is not None:
        routes += Publishing(engine, options.publish_token, publish).routes()
    return routes


def _gateway(options: GatewayOptions, clock: Clock) -> Gateway:
    settings = GatewaySettings(
        tells_suggestions=options.tells_internals, subscriptions_each=options.subscriptions_each
    )
    return Gateway(OpenPolicy(), nobody, clock=clock, settings=settings)


def _verifier(rule: TokenRule | None, clock: Clock) -> VerifyToken | None:
    if rule is None:
        return None
    keys = RemoteJwks(rule.jwks, clock.now, CheckedResolver(ADDRESSES))
    verifier = TokenVerifier(
        keys,
        clock.now,
        issuer=rule.issuer,
        audience=rule.audience,
        algorithms=ALGORITHMS,
        types=(),
        demands_profile=False,
    )
    return verifier.verify

"""The composition root: what ``hub.parts`` made gets its doors.

``open_hub`` makes, connects and starts everything in the order of need and lets go of it in reverse.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from auth.actor import Actor
from auth.attempts import Attempts
from auth.authorization_server import AuthorizationServer
from auth.device_grant import DeviceGrant
from auth.routes import oauth_routes
from auth.session import Sessions
from auth.sign_in import SignIn
from auth.tokens import InvalidToken, TokenIssuer, TokenVerifier
from connectors.broker import Broker, BrokerUnavailable
from connectors.clock import Clock
from hub.archives.archive_door import archive_routes
from hub.doors.http_request import HttpSettings
from hub.doors.routes import graphql_in_front, graphql_routes, health_routes
from hub.doors.websocket import websocket_routes
from hub.explorer import explorer_routes
from hub.gateway.request_rate import rate_limited
from hub.licences.licence_door import licence_routes
from hub.materials.upload_door import upload_routes
from hub.messages.broker_door import BrokerDoor
from hub.messages.event_door import event_routes, payment_routes
from hub.notices.notice_receipts import receipt_routes
from hub.parts import Hub
from hub.people.known_clients import ensure_clients, portal_secret
from hub.people.mandated_verifier import MandatedVerifier
from hub.portal.errors import error_handlers
from hub.portal.routes import PortalParts, page_renderer, portal_routes
from hub.settings import EMBEDDED, Settings
from hub.start import clock_of

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_hub(settings: Settings) -> AsyncIterator[ASGIApp]:
    """The running hub as an ASGI application. The database must be migrated (``hub.start.prepare``)."""
    async with AsyncExitStack() as stack:
        hub = Hub(settings, _clock(settings), stack)
        await hub.connect()
        await stack.enter_async_context(hub.changes)
        application = await _application(hub)
        if settings.worker:
            await hub.work()
        yield application


async def run_worker(settings: Settings, announce: Callable[[str], None]) -> None:
    """The background work alone, until SIGTERM or SIGINT; ``announce`` is told its name once it works."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        hub = Hub(settings, _clock(settings), stack, serves=False)
        await hub.connect()
        await hub.work()
        announce(hub.instance)
        await stopped.wait()


def _clock(settings: Settings) -> Clock:
    clock = clock_of(settings)
    if settings.test_clock_file is not None:
        log.warning("a file moves the clock: deadlines are a demo's", file=str(settings.test_clock_file))
    return clock


async def _application(hub: Hub) -> ASGIApp:
    """All doors of the hub."""
    settings = hub.settings
    keys = await hub.keys()
    tokens = TokenIssuer(hub.issuer, keys, hub.clock.now)
    signed = TokenVerifier(keys, hub.clock.now, issuer=hub.issuer, audience=tokens.audience)
    verifier = MandatedVerifier(signed.verify, hub.mandates, hub.clock.now)
    server = AuthorizationServer(tokens, hub.store, hub.persons, hub.clock.now, hub.mandates)
    await ensure_clients(server, settings, hub.issuer)
    is_secure = hub.issuer.startswith("https:")
    sessions = Sessions(hub.store, hub.persons, hub.clock.now, is_secure=is_secure)
    attempts = Attempts(hub.store, hub.clock.now)

    async def authenticate(request: Request) -> Actor | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        try:
            return await verifier.verify(token)
        except InvalidToken:
            return None

    async def is_ready() -> dict[str, bool]:
        return {"graph": hub.gateway.state is not None, "broker": await _reaches(hub.broker)}

    sign_in = SignIn(hub.identity, hub.persons, hub.store, hub.clock.now)
    parts = PortalParts(
        hub=hub.own_client(),
        portal_secret=await portal_secret(server, settings, hub.issuer),
        sign_in=sign_in,
        sessions=sessions,
        devices=DeviceGrant(hub.store, hub.clock.now),
        database=hub.database,
        clock=hub.clock,
        payment_origins=_origins(settings.payment_provider_url),
    )
    pages = page_renderer(parts)
    gateway = rate_limited(hub.gateway, settings.max_operations_per_minute)
    http = HttpSettings(maximum_body_bytes=settings.max_request_bytes, origins=settings.cors_origins)
    agents = [BrokerDoor(hub.broker, verifier.verify, hub.clock).route] if settings.broker_url == EMBEDDED else []
    routes: list[BaseRoute] = [
        *agents,
        *graphql_routes(gateway, verifier.verify, hub.clock, http),
        *websocket_routes(gateway, verifier.verify, hub.clock),
        *health_routes(is_ready),
        *oauth_routes(server, sessions, attempts, other_keys=(await hub.licence_keys(),)),
        *licence_routes(hub.documents, hub.shares, hub.clock),
        *event_routes(hub.broker, hub.clock, authenticate),
        *payment_routes(
            hub.money.payments,
            hub.money.holds,
            hub.money.refunds,
            hub.callback_refusals,
            hub.clock,
            settings.payment_secret.get_secret_value(),
        ),
        *receipt_routes(hub.notices.receipts),
        *upload_routes(hub.files.uploads, authenticate, settings.cors_origins),
        *archive_routes(hub.files.archives, hub.keys, authenticate),
        *explorer_routes(),
        *portal_routes(parts, pages),
    ]
    return graphql_in_front(routes, Starlette(routes=routes, exception_handlers=error_handlers(pages)))


def _origins(url: str | None) -> tuple[str, ...]:
    return ("/".join(url.split("/")[:3]),) if url else ()


async def _reaches(broker: Broker) -> bool:
    try:
        await broker.statistics()
    except BrokerUnavailable:
        return False
    return True

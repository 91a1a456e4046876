"""The composition root: the one module that knows all parts and puts them together.

``open_hub`` makes, connects and starts everything in the order of need and lets go of it in reverse.
"""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from auth.actor import Actor
from auth.attempts import Attempts
from auth.authorization_server import AuthorizationServer
from auth.clients import (
    command_line,
    explorer,
    hash_made_secret,
    hash_secret,
    mobile,
    new_secret,
    operator_tool,
    portal,
    television,
)
from auth.device_grant import DeviceGrant
from auth.keys import KeyRing
from auth.persons import PersonRegister
from auth.policy import Policy
from auth.routes import oauth_routes
from auth.session import Sessions
from auth.sign_in import SignIn
from auth.tokens import InvalidToken, TokenIssuer, TokenVerifier
from connectors.addresses import AddressRule
from connectors.broker import Broker, BrokerUnavailable
from connectors.clock import Clock, SystemClock
from connectors.http_client import HttpClient
from connectors.local import LocalConnector
from connectors.message_queue import Replies
from hub.auth_store import HubAuthStore
from hub.broker_accounts import BrokerAccounts, open_accounts
from hub.broker_door import BrokerDoor
from hub.cases import Cases
from hub.catalogue import CatalogueStore
from hub.change_feed import ChangeFeed
from hub.command_notes import DatabaseCommandNotes
from hub.database import Database
from hub.deadlines import Deadlines
from hub.department_events import DepartmentEvents
from hub.direct_departments import DirectDepartments
from hub.enrolment import Enrolment
from hub.event_door import event_routes, payment_routes
from hub.explorer import explorer_routes
from hub.fees import Fees
from hub.gateway import Gateway
from hub.http_request import HttpSettings
from hub.identity import ConnectedIdentityProvider
from hub.inbox import Inbox
from hub.live_graph import ConnectorFactory, LiveGraphService
from hub.own_subgraph import NAME, ConnectorHealth, OwnServices, build_own_subgraph, own_sdl
from hub.payment_provider import HttpPaymentProvider, NoPaymentProvider, PaymentProvider
from hub.payments import Payments
from hub.people import RegisteredPeople
from hub.portal.errors import error_handlers
from hub.portal.hub_client import HubClient
from hub.portal.routes import PortalParts, page_renderer, portal_routes
from hub.ratings import Ratings
from hub.registry import Registry, RegistryRules
from hub.relay import Relay
from hub.request_log import LoggedGateway
from hub.routes import graphql_in_front, graphql_routes, health_routes
from hub.settings import EMBEDDED, Settings
from hub.wakeups import Wakeups
from hub.websocket import websocket_routes
from hub.worker import Work, Worker
from schema.planning import plan
from schema.subgraph import Subgraph

log = structlog.get_logger(__name__)


class Hub:
    """Everything one process has, made but not started. ``start`` runs until the stack is closed."""

    def __init__(self, settings: Settings, clock: Clock, stack: AsyncExitStack) -> None:
        self.settings = settings
        self.clock = clock
        self.instance = uuid.uuid4().hex[:12]
        self.issuer = settings.effective_public_url
        self._stack = stack
        self.database = Database(settings.effective_database_url)
        self.broker = _broker(settings, self.database, clock)
        self.store = HubAuthStore(self.database)
        self.persons = PersonRegister(self.store, self._now, settings.operators)
        self.client = HttpClient(addresses=AddressRule(settings.allow_private_addresses))
        self.replies = Replies(self.broker, self.instance, clock)
        self.wakeups = Wakeups()
        self.catalogue = CatalogueStore(self.database, clock)
        self.people = RegisteredPeople(self.persons)
        self.provider = self._provider()
        self.changes = ChangeFeed(self.database, self.wakeups)
        self.factory = ConnectorFactory(self.client, self.broker, self.replies, clock)
        self.own = Subgraph(NAME, own_sdl())
        self.registry = Registry(
            self.database,
            self.own,
            clock,
            self.factory.describe,
            RegistryRules(
                needs_approval=settings.connector_approval == "operator",
                allow_private_addresses=settings.allow_private_addresses,
                default_timeout_ms=settings.department_timeout_ms,
            ),
        )
        make = LoggedGateway if settings.log_requests else Gateway
        self.gateway = make(Policy(), self._identities, planner=plan, clock=clock, access_log=self.store)
        self.fees = Fees(self.database, self.provider, clock, f"{self.issuer}/portal/fees")
        self.graph = LiveGraphService(
            self.registry, self.gateway, self.factory, self.broker, self.own, self._own_connector()
        )

        self.identity = ConnectedIdentityProvider(settings.identity_department, self.graph.connector)

    def own_client(self) -> HubClient:
        """The pages' way to the hub: its public address, as any client has it."""
        client = HubClient(self.issuer, self.settings.tls_certificate)
        self._stack.push_async_callback(client.close)
        return client

    def _now(self) -> datetime:
        return self.clock.now()

    def _provider(self) -> PaymentProvider:
        url = self.settings.payment_provider_url
        return HttpPaymentProvider(url, f"{self.issuer}/payments/callback") if url else NoPaymentProvider()

    def _own_connector(self) -> LocalConnector:
        self.cases = Cases(self.database, self.catalogue, self.people, self.clock, self.wakeups)
        services = OwnServices(
            catalogue=self.catalogue,
            cases=self.cases,
            fees=self.fees,
            ratings=Ratings(self.database, self.clock, self.wakeups),
            people=self.people,
            changes=self.changes,
            registry=self.registry,
            enrolment=Enrolment(self.store, self._accounts(), self.broker.declare_department, self.clock),
            broker=self.broker,
            clock=self.clock,
            connector_health=self._health,
            agents=self.replies.agents.of,
        )
        return LocalConnector(build_own_subgraph(services))

    def _accounts(self) -> BrokerAccounts:
        settings = self.settings
        return open_accounts(settings.broker_url, settings.broker_management_url, settings.broker_namespace)

    def _health(self, name: str) -> ConnectorHealth:
        state = self.graph.state_of(name)
        return ConnectorHealth(state.last_error, state.last_error_at) if state else ConnectorHealth()

    async def _identities(self, actor: Actor) -> Mapping[str, frozenset[str]]:
        identity = await self.persons.identity_of(actor.subject)
        return {f"Citizen.{name}": frozenset({value}) for name, value in (identity or {}).items()}

    async def connect(self) -> None:
        """Database, broker, replies; the graph in force. Raises ``BrokerUnavailable``."""
        self._stack.push_async_callback(self.database.close)
        self._stack.push_async_callback(self.client.close)
        self._stack.push_async_callback(self.provider.close)
        await self.catalogue.seed()
        await self.broker.connect()
        self._stack.push_async_callback(self.broker.close)
        await self.replies.open()
        self._stack.push_async_callback(self.replies.close)
        await self.graph.refresh()
        self._stack.push_async_callback(self.gateway.close)
        self._run(self.graph.run(), "live-graph")

    async def work(self) -> None:
        """Begin the background work."""
        notes = DatabaseCommandNotes(self.database)
        direct = DirectDepartments(self.graph, self.broker, self.clock, notes)
        events = DepartmentEvents(self.database, self.catalogue, self.people, self.clock)
        work = Work(
            self.broker,
            Relay(self.database, self.broker, self.clock, self.wakeups),
            Inbox(self.database, self.clock, self.wakeups, events.effect_of),
            self.payments,
            Deadlines(self.database, self.catalogue, self.clock, self.wakeups),
            self.wakeups,
            direct.handlers,
        )
        await self._stack.enter_async_context(Worker(work, self.instance))

    @property
    def payments(self) -> Payments:
        return Payments(
            self.database,
            self.catalogue,
            self.people,
            self.fees,
            self.provider,
            self.clock,
            self.wakeups,
            finance_department=self.settings.finance_department,
        )

    def _run(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(end)


@asynccontextmanager
async def open_hub(settings: Settings) -> AsyncIterator[ASGIApp]:
    """The running hub as an ASGI application. The database must be migrated (``hub.start.prepare``)."""
    async with AsyncExitStack() as stack:
        hub = Hub(settings, SystemClock(), stack)
        await hub.connect()
        await stack.enter_async_context(hub.changes)
        application = await _application(hub)
        if settings.worker:
            await hub.work()
        yield application


async def run_worker(settings: Settings) -> None:
    """The background work alone, until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        hub = Hub(settings, SystemClock(), stack)
        await hub.connect()
        await hub.work()
        log.info("working", instance=hub.instance)
        await stopped.wait()


async def _application(hub: Hub) -> ASGIApp:
    """All doors of the hub."""
    settings = hub.settings
    keys = await KeyRing.open(hub.store, hub.clock.now)
    tokens = TokenIssuer(hub.issuer, keys, hub.clock.now)
    verifier = TokenVerifier(keys, hub.clock.now, issuer=hub.issuer, audience=tokens.audience)
    server = AuthorizationServer(tokens, hub.store, hub.persons, hub.clock.now)
    await _ensure_clients(server, settings, hub.issuer)
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
        portal_secret=await _portal_secret(server, settings, hub.issuer),
        sign_in=sign_in,
        sessions=sessions,
        devices=DeviceGrant(hub.store, hub.clock.now),
        database=hub.database,
        clock=hub.clock,
        payment_origins=_origins(settings.payment_provider_url),
    )
    pages = page_renderer(parts)
    http = HttpSettings(maximum_body_bytes=settings.max_request_bytes, origins=settings.cors_origins)
    agents = [BrokerDoor(hub.broker, verifier.verify, hub.clock).route] if settings.broker_url == EMBEDDED else []
    routes: list[BaseRoute] = [
        *agents,
        *graphql_routes(hub.gateway, verifier.verify, hub.clock, http),
        *websocket_routes(hub.gateway, verifier.verify, hub.clock),
        *health_routes(is_ready),
        *oauth_routes(server, sessions, attempts),
        *event_routes(hub.broker, hub.clock, authenticate),
        *payment_routes(hub.payments, hub.clock, settings.payment_secret.get_secret_value()),
        *explorer_routes(),
        *portal_routes(parts, pages),
    ]
    return graphql_in_front(routes, Starlette(routes=routes, exception_handlers=error_handlers(pages)))


async def _portal_secret(server: AuthorizationServer, settings: Settings, issuer: str) -> str:
    """The portal's client secret: set, or made once and kept in a file that only this user reads."""
    secret, hashed = settings.portal_client_secret.get_secret_value(), hash_secret
    if not secret:
        hashed = hash_made_secret
        file = settings.state_directory / "portal-client-secret"
        if not file.is_file():
            file.touch(mode=0o600)
            file.write_text(new_secret(), encoding="ascii")
        secret = file.read_text(encoding="ascii")
    await server.ensure_client(portal(issuer, hashed(secret)))
    return secret


def _origins(url: str | None) -> tuple[str, ...]:
    return ("/".join(url.split("/")[:3]),) if url else ()


async def _ensure_clients(server: AuthorizationServer, settings: Settings, issuer: str) -> None:
    for client in (television(), explorer(issuer), mobile(), command_line()):
        await server.ensure_client(client)
    if secret := settings.operator_client_secret.get_secret_value():
        await server.ensure_client(operator_tool(hash_secret(secret)))


async def _reaches(broker: Broker) -> bool:
    try:
        await broker.statistics()
    except BrokerUnavailable:
        return False
    return True


def _broker(settings: Settings, database: Database, clock: Clock) -> Broker:
    if settings.broker_url != EMBEDDED:
        from connectors.rabbitmq import RabbitMQBroker

        return RabbitMQBroker(settings.broker_url, clock, namespace=settings.broker_namespace)
    from connectors.embedded import EmbeddedBroker
    from hub.broker_store import DatabaseBrokerStore

    return EmbeddedBroker(DatabaseBrokerStore(database), clock, namespace=settings.broker_namespace)

"""Everything one process of the hub has, made in the order of need; ``hub.app`` puts the doors before it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import structlog

from auth.actor import Actor
from auth.keys import KeyRing
from auth.persons import PersonRegister
from auth.policy import Policy
from connectors.addresses import AddressRule
from connectors.broker import Broker
from connectors.clock import Clock
from connectors.http_client import HttpClient
from connectors.local import LocalConnector
from connectors.message_queue import Replies
from hub.alert_senders import MailSender, WebhookSender
from hub.alerts import MAIL, WEBHOOK, Alerts, Send
from hub.allowed_hosts import AllowedHosts
from hub.auth_store import HubAuthStore
from hub.broker_accounts import BrokerAccounts, open_accounts
from hub.cases import Cases
from hub.catalogue import CatalogueStore
from hub.change_feed import ChangeFeed
from hub.command_notes import DatabaseCommandNotes
from hub.conditions import ConditionKind
from hub.connector_access import ConnectorAccessReader
from hub.connector_reach import ConnectorReach
from hub.connector_secrets import ConnectorSecrets
from hub.connector_settings import ConnectorSettings
from hub.connector_traffic import TrafficRecorder
from hub.connector_watch import Conditions, ConnectorWatch, WatchRules
from hub.database import Database
from hub.deadlines import Deadlines
from hub.department_contacts import DepartmentContacts
from hub.department_events import DepartmentEvents
from hub.direct_departments import DirectDepartments
from hub.enrolment import Enrolment
from hub.fees import Fees
from hub.gateway import Gateway, GatewaySettings
from hub.gateway.observer import Observer, Observers
from hub.identity import ConnectedIdentityProvider
from hub.inbox import Inbox
from hub.live_graph import ConnectorFactory, LiveGraphService
from hub.observers import Drift, OpenCircuits
from hub.own_subgraph import NAME, ConnectorHealth, OwnServices, build_own_subgraph, own_sdl
from hub.payment_provider import HttpPaymentProvider, NoPaymentProvider, PaymentProvider
from hub.payments import Payments
from hub.people import RegisteredPeople
from hub.portal.hub_client import HubClient
from hub.probe import SystemProbe
from hub.ratings import Ratings
from hub.recorded_operations import RecordedOperations, fields_of
from hub.registration_checks import CheckRules, RegistrationChecks
from hub.registry import Registry
from hub.registry_rules import RegistryRules
from hub.relay import Relay
from hub.request_log import LoggedGateway
from hub.settings import EMBEDDED, Settings
from hub.shadow import ShadowComparison
from hub.staffing import Staffing
from hub.start import sealer_of
from hub.supergraph_versions import SupergraphVersions
from hub.trial_connectors import TrialConnectors
from hub.wakeups import Wakeups
from hub.worker import Work, Worker
from hub.wrong_types import WrongTypes
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
        self.sealer = sealer_of(settings)
        self.store = HubAuthStore(self.database, self.sealer)
        self.persons = PersonRegister(self.store, self._now, settings.operators)
        self.client = HttpClient(addresses=AddressRule(settings.allow_private_addresses))
        self.replies = Replies(self.broker, self.instance, clock)
        self.wakeups = Wakeups()
        self.catalogue = CatalogueStore(self.database, clock)
        self.people = RegisteredPeople(self.persons)
        self.provider = self._provider()
        self.changes = ChangeFeed(self.database, self.wakeups)
        self.connector_settings = ConnectorSettings(self.database, clock)
        self.secrets = ConnectorSecrets(self.database, self.sealer, clock.now)
        self.access = ConnectorAccessReader(self.database)
        self.recorded = RecordedOperations(self.database, clock, days=settings.recorded_days)
        self.factory = self._factory(self.recorded.traffic)
        self.own = Subgraph(NAME, own_sdl())
        self.registry = Registry(
            self.database,
            self.own,
            clock,
            self.factory.describe,
            RegistryRules(
                approval=settings.connector_approval,
                allow_private_addresses=settings.allow_private_addresses,
                default_timeout_ms=settings.department_timeout_ms,
            ),
            self._checks(),
        )
        make = LoggedGateway if settings.log_requests else Gateway
        self._keys: KeyRing | None = None
        self.alerts = Alerts(self.database, clock, self._alert_senders())
        times = GatewaySettings(operation_time=timedelta(milliseconds=settings.operation_timeout_ms))
        self.gateway = make(
            Policy(),
            self._identities,
            planner=plan,
            clock=clock,
            access_log=self.store,
            observer=self._observer(),
            settings=times,
        )
        self.fees = Fees(self.database, self.provider, clock, f"{self.issuer}/portal/fees")
        self.graph = LiveGraphService(
            self.registry, self.gateway, self.factory, self.broker, self.own, self._own_connector()
        )

        self.watch = ConnectorWatch(
            self.database,
            clock,
            self.instance,
            lambda: self.graph.members,
            (
                OpenCircuits(self.graph.state_of, clock, timedelta(seconds=settings.connector_alarm_seconds)),
                Drift(self.factory.describe, clock, timedelta(seconds=settings.drift_check_seconds)),
                self.wrong_types,
            ),
            self.registry.suspend,
            WatchRules(frozenset(ConditionKind(each) for each in settings.suspend_connectors_for)),
        )
        self.identity = ConnectedIdentityProvider(settings.identity_department, self.graph.connector)

    def _factory(self, traffic: TrafficRecorder) -> ConnectorFactory:
        return ConnectorFactory(
            ConnectorReach(self.client, self.secrets),
            self.access,
            self.broker,
            self.replies,
            self.clock,
            self.connector_settings,
            traffic,
        )

    def _observer(self) -> Observer:
        self.wrong_types = WrongTypes(self.clock)
        if not self.settings.record_operations:
            return self.wrong_types
        return Observers(self.recorded.recorder, self.wrong_types)

    def _checks(self) -> RegistrationChecks:
        settings = self.settings
        rules = CheckRules(
            settings.allow_private_addresses, settings.recorded_days, settings.breaking_only_when_used
        )
        trials = TrialConnectors(
            self._factory(TrafficRecorder()), self.broker, self.clock, settings.department_timeout_ms
        )
        return RegistrationChecks(
            self.own,
            rules,
            addresses=lambda department: self.registry.addresses(department),
            recorded=self.recorded.recorded if settings.record_operations else None,
            probe=SystemProbe(trials),
            shadow=ShadowComparison(lambda: self.gateway.state, trials.make, Policy(), self.clock),
        )

    def own_client(self) -> HubClient:
        """The pages' way to the hub: its public address, as any client has it."""
        client = HubClient(self.issuer, self.settings.tls_certificate)
        self._stack.push_async_callback(client.close)
        return client

    async def keys(self) -> KeyRing:
        """The hub's signing keys, opened when they are first needed."""
        if self._keys is None:
            self._keys = await KeyRing.open(self.store, self._now)
        return self._keys

    def _alert_senders(self) -> dict[str, Send]:
        senders: dict[str, Send] = {WEBHOOK: WebhookSender(self.client, self.keys).send}
        if url := self.settings.alert_mail_url.get_secret_value():
            senders[MAIL] = MailSender(url, self.settings.alert_mail_from).send
        return senders

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
            supergraphs=SupergraphVersions(self.database, self.own, self.clock, self.registry.changed.set),
            conditions=Conditions(self.database),
            contacts=DepartmentContacts(
                self.database,
                self.clock,
                self.client.addresses,
                can_mail=bool(self.settings.alert_mail_url.get_secret_value()),
            ),
            alerts=self.alerts,
            connector_settings=self.connector_settings,
            enrolment=Enrolment(self.store, self._accounts(), self.broker.declare_department, self.clock),
            staffing=Staffing(self.persons),
            secrets=self.secrets,
            allowed_hosts=AllowedHosts(self.database, self.clock.now),
            recorded=self.recorded,
            own_fields=self._fields_of,
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
        return ConnectorHealth(state.last_error, state.last_error_at, state) if state else ConnectorHealth()

    def _fields_of(self, department: str) -> frozenset[str]:
        state = self.gateway.state
        return fields_of(state.supergraph, state.departments, department) if state else frozenset()

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
        await self.connector_settings.refresh()
        await self.graph.refresh()
        self._stack.push_async_callback(self.gateway.close)
        self._run(self.graph.run(), "live-graph")
        self._run(self.watch.run(), "connector-watch")
        following = self.connector_settings.follow(lambda: self.graph.members, self.graph.connector)
        self._run(following, "connector-settings")
        self._stack.push_async_callback(self.recorded.close)
        self._run(self.recorded.run(), "recorded-operations")

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
            self.alerts,
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


def _broker(settings: Settings, database: Database, clock: Clock) -> Broker:
    if settings.broker_url != EMBEDDED:
        from connectors.rabbitmq import RabbitMQBroker

        return RabbitMQBroker(settings.broker_url, clock, namespace=settings.broker_namespace)
    from connectors.embedded import EmbeddedBroker
    from hub.broker_store import DatabaseBrokerStore

    return EmbeddedBroker(DatabaseBrokerStore(database), clock, namespace=settings.broker_namespace)

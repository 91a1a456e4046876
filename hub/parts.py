"""Everything one process of the hub has, made in the order of need; ``hub.app`` puts the doors before it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import structlog
from graphql import GraphQLSchema
from sqlalchemy.exc import SQLAlchemyError

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
from hub.background import background_work
from hub.cases.cases import Cases
from hub.catalogue.catalogue import CatalogueStore
from hub.departments.alert_senders import MailSender, WebhookSender
from hub.departments.alerts import MAIL, WEBHOOK, Alerts, Send
from hub.departments.conditions import ConditionKind
from hub.departments.connector_access import ConnectorAccessReader
from hub.departments.connector_reach import ConnectorReach
from hub.departments.connector_secrets import ConnectorSecrets
from hub.departments.connector_settings import ConnectorSettings
from hub.departments.connector_traffic import TrafficRecorder
from hub.departments.connector_watch import ConnectorWatch, WatchRules
from hub.departments.observers import Drift, OpenCircuits
from hub.departments.wrong_types import WrongTypes
from hub.doors.request_log import LoggedGateway
from hub.durable.parts import DurableParts
from hub.durable.tickets import Tickets
from hub.fees.callback_refusals import CallbackRefusals
from hub.fees.fee_receipts import FeeReceipts
from hub.fees.fee_work import FeeWork
from hub.fees.fees import Fees
from hub.fees.http_payment_provider import HttpPaymentProvider
from hub.fees.payment_provider import NoPaymentProvider, PaymentProvider
from hub.gateway import Gateway, GatewaySettings
from hub.gateway.observer import Observer, Observers
from hub.gateway.request import GraphQLAnswer, GraphQLRequest, refused
from hub.licences.gathered_licences import GatheredLicences
from hub.licences.licence_documents import LicenceDocuments
from hub.licences.licence_key_store import LicenceKeyStore
from hub.licences.licence_shares import LicenceShares
from hub.materials.file_services import file_services
from hub.messages.broker_accounts import BrokerAccounts, open_accounts
from hub.notices.notice_services import NoticeServices
from hub.own_services import own_services
from hub.own_subgraph import NAME, ConnectorHealth, build_own_subgraph, own_sdl
from hub.people.auth_store import HubAuthStore
from hub.people.identity import ConnectedIdentityProvider
from hub.people.mandate_store import MandateStore
from hub.people.people import RegisteredPeople
from hub.portal.hub_client import HubClient
from hub.recording.recorded_operations import RecordedOperations, fields_of
from hub.registry.live_graph import ConnectorFactory, LiveGraphService
from hub.registry.probe import SystemProbe
from hub.registry.registration_checks import CheckRules, RegistrationChecks
from hub.registry.registry import Registry
from hub.registry.registry_rules import RegistryRules
from hub.registry.shadow import ShadowComparison
from hub.registry.trial_connectors import TrialConnectors
from hub.settings import EMBEDDED, Settings
from hub.start import sealer_of
from hub.storage.change_feed import ChangeFeed
from hub.storage.database import Database, is_passing
from hub.storage.database_changes import DatabaseChanges
from hub.storage.wakeups import Wakeups
from hub.worker import Worker
from schema.errors import RuntimeCode
from schema.planning import plan
from schema.subgraph import Subgraph

log = structlog.get_logger(__name__)

LICENCES_VERIFY_FOR = timedelta(days=36_525)
"""A hundred years after another key took over."""
LOOK_EVERY = timedelta(seconds=30)
"""At what the database tells of, where it told of nothing."""


class Hub:
    """Everything one process has, made but not started: one that ``serves``, or the background work alone."""

    def __init__(self, settings: Settings, clock: Clock, stack: AsyncExitStack, *, serves: bool = True) -> None:
        self._serves, self._works = serves, settings.worker or not serves
        self.settings = settings
        self.clock = clock
        self.instance = uuid.uuid4().hex[:12]
        self.issuer = settings.effective_public_url
        self._stack = stack
        self.database = Database(settings.effective_database_url)
        self.database_changes = DatabaseChanges(self.database)
        self.broker = _broker(settings, self.database, self.database_changes, clock)
        self.sealer = sealer_of(settings)
        self.store = HubAuthStore(self.database, self.sealer)
        self.licence_key_store = LicenceKeyStore(self.database, self.sealer)
        self.persons = PersonRegister(self.store, self._now, settings.operators)
        self.client = HttpClient(addresses=AddressRule(settings.allow_private_addresses))
        self.replies = Replies(self.broker, self.instance, clock)
        self.wakeups = self._wakeups()
        self.catalogue = CatalogueStore(self.database, clock, settings.time_rules)
        self.mandates = MandateStore(self.database)
        self.people = RegisteredPeople(self.persons, lambda number: self.identity.person_of(number), self.mandates)
        self.provider = self._provider()
        self.changes = ChangeFeed(self.database.apart, self.wakeups, LOOK_EVERY)
        self.tickets = Tickets(self.database, clock, self.wakeups)
        self.connector_settings = ConnectorSettings(self.database, clock, LOOK_EVERY)
        self.database_changes.wake(self.connector_settings.changed, "connector_settings")
        self.secrets = ConnectorSecrets(self.database, self.sealer, clock.now)
        self.access = ConnectorAccessReader(self.database)
        self.recorded = RecordedOperations(self.database, clock, days=settings.recorded_days)
        self.factory = self._factory(self.recorded.traffic)
        self.own = Subgraph(NAME, own_sdl())
        self.registry = Registry(
            self.database,
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
        self._licence_keys: KeyRing | None = None
        self.alerts = Alerts(self.database, clock, self._alert_senders())
        self.notices = NoticeServices.over(
            settings, self.issuer, self.database, clock, self.wakeups, self.sealer, self.store
        )
        gateway_settings = GatewaySettings(
            tells_suggestions=settings.suggestions,
            operation_time=timedelta(milliseconds=settings.operation_timeout_ms),
            subscriptions_each=settings.max_subscriptions_per_person,
        )
        self.gateway = make(
            Policy(),
            self._identities,
            planner=plan,
            clock=clock,
            access_log=self.store,
            observer=self._observer(),
            settings=gateway_settings,
        )
        self.fees = Fees(self.database, self.provider, clock, f"{self.issuer}/portal/fees")
        self.receipts = FeeReceipts(self.database, self.licence_keys, clock, self.issuer)
        self.callback_refusals = CallbackRefusals(self.database, clock, settings.finance_department)
        self.files = file_services(
            settings, self.database, self.catalogue, clock, self.gateway, self.schema_for_clients, self.keys
        )
        self.graph = LiveGraphService(
            self.registry,
            self.gateway,
            self.factory,
            self.broker,
            self.own,
            self._own_connector(),
            DurableParts(self.tickets, self.people),
            LOOK_EVERY.total_seconds(),
        )
        self.database_changes.wake(self.registry.changed, "supergraph_version", "connector_access_revision")
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
        self.identity = ConnectedIdentityProvider(
            settings.identity_department, self.graph.connector, lambda: self.gateway.state
        )

    def _wakeups(self) -> Wakeups:
        wakeups, changes = Wakeups(), self.database_changes
        if self._works:
            changes.wake(wakeups.outbox, "outbox", "change")
            changes.wake(wakeups.payments, "payment")
            changes.wake(wakeups.refunds, "refund")
            changes.wake(wakeups.holds, "hold_command")
            changes.wake(wakeups.alerts, "alert")
            changes.wake(wakeups.notices, "notice_delivery")
        if self._serves:
            changes.wake(wakeups.changes, "change_counter")
        return wakeups

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

    async def licence_keys(self) -> KeyRing:
        """The keys that sign licences. What they signed goes on for years, so retired ones verify for as long."""
        if self._licence_keys is None:
            self._licence_keys = await KeyRing.open(self.licence_key_store, self._now, LICENCES_VERIFY_FOR)
        await self._licence_keys.refresh()
        return self._licence_keys

    def _alert_senders(self) -> dict[str, Send]:
        senders: dict[str, Send] = {WEBHOOK: WebhookSender(self.client, self.keys).send}
        if url := self.settings.alert_mail_url.get_secret_value():
            senders[MAIL] = MailSender(url, self.settings.alert_mail_from).send
        return senders

    def _now(self) -> datetime:
        return self.clock.now()

    def _provider(self) -> PaymentProvider:
        url = self.settings.payment_provider_url
        if not url:
            return NoPaymentProvider()
        can_hold = self.settings.payment_provider_holds
        return HttpPaymentProvider(url, f"{self.issuer}/payments/callback", can_hold=can_hold)

    def _department_of(self, service: str) -> str:
        state = self.gateway.state
        return state.departments.get(service, service) if state else service

    def _own_connector(self) -> LocalConnector:
        self.gathered = GatheredLicences(self.gateway.answer, self._department_of, self.clock)
        self.documents = LicenceDocuments(
            self.database,
            self.catalogue,
            self.clock,
            self.licence_keys,
            self.issuer,
            self.gathered.of,
        )
        self.shares = LicenceShares(self.database, self.catalogue, self.clock, self.documents, self.store)
        self.cases = Cases(self.database, self.catalogue, self.people, self.clock, self.wakeups)
        return LocalConnector(build_own_subgraph(own_services(self)), is_passing=is_passing)

    def broker_accounts(self) -> BrokerAccounts:
        settings = self.settings
        return open_accounts(settings.broker_url, settings.broker_management_url, settings.broker_namespace)

    def health(self, name: str) -> ConnectorHealth:
        state = self.graph.state_of(name)
        return ConnectorHealth(state.last_error, state.last_error_at, state) if state else ConnectorHealth()

    def fields_of_department(self, department: str) -> frozenset[str]:
        state = self.gateway.state
        return fields_of(state.supergraph, state.departments, department) if state else frozenset()

    def schema_for_clients(self) -> GraphQLSchema | None:
        state = self.gateway.state
        return state.supergraph.api_schema if state else None

    async def ask_own_graph(self, request: GraphQLRequest, actor: Actor) -> GraphQLAnswer:
        """With the actor's rights and records, as if they had asked themselves."""
        return await self.gateway.answer(request, actor, only_queries=True)

    async def _identities(self, actor: Actor) -> Mapping[str, frozenset[str]]:
        try:
            keys = await self.persons.keys_of(actor.subject)
        except SQLAlchemyError as error:
            if not is_passing(error):
                raise
            raise refused(
                RuntimeCode.SERVICE_UNAVAILABLE, "Who asks cannot be looked up now. Try again."
            ) from error
        return {f"Citizen.{name}": values for name, values in keys.items()}

    async def connect(self) -> None:
        """Database, broker, replies; the graph in force. Raises ``BrokerUnavailable``."""
        self._stack.push_async_callback(self.database.close)
        self._stack.push_async_callback(self.client.close)
        self._stack.push_async_callback(self.notices.close)
        self._stack.push_async_callback(self.provider.close)
        self._stack.push_async_callback(self.files.store.close)
        await self.catalogue.seed()
        await self._stack.enter_async_context(self.database_changes)
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
        await self._stack.enter_async_context(Worker(background_work(self), self.instance))

    @property
    def money(self) -> FeeWork:
        return FeeWork.over(
            self.database,
            self.catalogue,
            self.people,
            self.fees,
            self.provider,
            self.clock,
            self.wakeups,
            self.settings.finance_department,
        )

    def _run(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._stack.push_async_callback(end)


def _broker(settings: Settings, database: Database, changes: DatabaseChanges, clock: Clock) -> Broker:
    if settings.broker_url != EMBEDDED:
        from connectors.rabbitmq import RabbitMQBroker

        return RabbitMQBroker(settings.broker_url, clock, namespace=settings.broker_namespace)
    from connectors.embedded import EmbeddedBroker
    from hub.messages.broker_store import DatabaseBrokerStore

    appended = changes.wake(asyncio.Event(), "broker_message")
    store = DatabaseBrokerStore(database)
    return EmbeddedBroker(store, clock, namespace=settings.broker_namespace, appended=appended)

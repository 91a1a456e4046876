"""What the resolvers of the hub's own subgraph stand on, and how they reach it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

import strawberry
from graphql import GraphQLError
from strawberry.federation import Schema
from strawberry.federation.schema import FederationAny
from strawberry.types import ExecutionContext

from auth.actor import Actor
from connectors.agents import AgentSighting
from connectors.broker import Broker
from connectors.clock import Clock
from connectors.resilience import ConnectorState
from hub.appointments.appointment_slots import AppointmentSlots
from hub.appointments.appointments import Appointments
from hub.appointments.door_visits import DoorVisits
from hub.appointments.inspections import Inspections
from hub.archives.destructions import Destructions
from hub.cases.applicant_moves import ApplicantMoves
from hub.cases.case_drafts import CaseDrafts
from hub.cases.case_handling import CaseHandling
from hub.cases.case_work_list import CaseWorkList
from hub.cases.cases import Cases
from hub.cases.delegations import Delegations
from hub.cases.filing_advice import FilingAdvisor
from hub.cases.joint_cases import JointCases
from hub.catalogue.admissions import Admissions
from hub.catalogue.catalogue import CatalogueStore
from hub.catalogue.star_standards import StarStandards
from hub.departments.alerts import Alerts
from hub.departments.allowed_hosts import AllowedHosts
from hub.departments.connector_secrets import ConnectorSecrets
from hub.departments.connector_settings import SettingsOfConnector
from hub.departments.connector_watch import Conditions
from hub.departments.department_contacts import DepartmentContacts
from hub.departments.enrolment import Enrolment
from hub.durable.tickets import Tickets
from hub.enquiries.enquiry_services import EnquiryServices
from hub.enquiries.surveys import Surveys
from hub.fees.fee_services import FeeServices
from hub.fees.fees import Fees
from hub.licences.licence_documents import LicenceDocuments
from hub.licences.licence_keys import LicenceKeys
from hub.licences.licence_shares import LicenceShares
from hub.licences.licences import Licences
from hub.materials.file_services import FileServices
from hub.materials.shared_facts import SharedFactsReader
from hub.messages.dead_letters import DeadLetters
from hub.notices.notice_services import NoticeServices
from hub.people.access_records import AccessRecords
from hub.people.mandates import Mandates
from hub.people.people import People
from hub.people.staffing import Staffing
from hub.ratings.appointment_ratings import AppointmentRatings
from hub.ratings.follow_ups import FollowUps
from hub.ratings.rating_flags import RatingFlags
from hub.ratings.ratings import Ratings
from hub.recording.recorded_operations import RecordedOperations
from hub.registry.registration import (
    ConnectorCheck,
    ConnectorEvent,
    ConnectorPublication,
    ConnectorView,
    Registration,
    SupergraphPublication,
    SupergraphVersion,
)
from hub.registry.registry_rules import RegistryRules
from hub.storage.change_feed import ChangeFeed
from hub.supervision.public_figures import PublicFigures
from hub.supervision.time_services import TimeServices
from schema.changes import SchemaChange
from schema.errors import DomainError

Info = strawberry.Info[Mapping[str, Any], Any]
"""``context["actor"]`` is the :class:`Actor` of the request or ``None``."""


@dataclass(frozen=True, slots=True)
class ConnectorHealth:
    """What this process last experienced with a connector."""

    last_error: str | None = None
    last_error_at: datetime | None = None
    state: ConnectorState | None = None


class SettingsService(Protocol):
    """How connectors are treated. ``hub.departments.connector_settings.ConnectorSettings`` fulfils it, and checks
    who asks."""

    async def get(self, name: str) -> SettingsOfConnector: ...

    async def change(
        self, name: str, values: Mapping[str, Any], reason: str, actor: Actor
    ) -> SettingsOfConnector: ...


class RegistryService(Protocol):
    """The registration door. Every method checks who asks; ``hub.registry.registry.Registry`` fulfils it."""

    rules: RegistryRules

    async def check(self, registration: Registration, actor: Actor) -> ConnectorCheck: ...

    async def register(
        self, registration: Registration, actor: Actor, reason: str | None = None
    ) -> ConnectorPublication: ...

    async def publish(
        self, registration: Registration, actor: Actor, reason: str | None = None, *, force: bool = False
    ) -> ConnectorPublication: ...

    async def release(
        self, name: str, version: int, actor: Actor, reason: str | None = None
    ) -> ConnectorPublication: ...

    async def suspend(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView: ...

    async def resume(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView: ...

    async def retire(self, name: str, actor: Actor, reason: str | None = None) -> ConnectorView: ...

    async def approve(
        self,
        name: str,
        actor: Actor,
        version: int | None = None,
        reason: str | None = None,
        *,
        hold: bool = False,
        force: bool = False,
    ) -> ConnectorPublication: ...

    async def reject(self, name: str, actor: Actor, version: int | None, reason: str) -> ConnectorView: ...

    async def rollback(
        self, name: str, actor: Actor, version: int | None = None, reason: str | None = None
    ) -> ConnectorPublication: ...

    async def history(self, name: str, actor: Actor) -> tuple[ConnectorEvent, ...]: ...

    async def get(self, name: str, actor: Actor) -> ConnectorView | None: ...

    async def list(self, actor: Actor) -> tuple[ConnectorView, ...]: ...


class SupergraphService(Protocol):
    """``hub.registry.supergraph_versions.SupergraphVersions`` fulfils it. Every method checks who asks."""

    async def list(
        self, actor: Actor, first: int = 20, before: int | None = None
    ) -> tuple[SupergraphVersion, ...]: ...

    async def sdl(self, version: int, actor: Actor) -> str: ...

    async def changes(self, version: int, actor: Actor) -> tuple[SchemaChange, ...]: ...

    async def rollback(self, version: int, actor: Actor, reason: str | None = None) -> SupergraphPublication: ...


@dataclass(frozen=True, slots=True)
class OwnServices:
    """The hub's domain, as one value. ``connector_health`` is asked by connector name, ``own_fields`` (the
    coordinates that it resolves) and ``agents`` by department."""

    catalogue: CatalogueStore
    admissions: Admissions
    cases: Cases
    joint: JointCases
    drafts: CaseDrafts
    applicant_moves: ApplicantMoves
    handling: CaseHandling
    work_list: CaseWorkList
    filing_advisor: FilingAdvisor
    shared_facts: SharedFactsReader
    star_standards: StarStandards
    delegations: Delegations
    fees: Fees
    fee_services: FeeServices
    ratings: Ratings
    appointment_ratings: AppointmentRatings
    follow_ups: FollowUps
    rating_flags: RatingFlags
    people: People
    mandates: Mandates
    changes: ChangeFeed
    tickets: Tickets
    dead_letters: DeadLetters
    registry: RegistryService
    supergraphs: SupergraphService
    conditions: Conditions
    contacts: DepartmentContacts
    alerts: Alerts
    connector_settings: SettingsService
    recorded: RecordedOperations
    own_fields: Callable[[str], frozenset[str]]
    enrolment: Enrolment
    staffing: Staffing
    appointments: Appointments
    slots: AppointmentSlots
    door_visits: DoorVisits
    enquiries: EnquiryServices
    licences: Licences
    documents: LicenceDocuments
    shares: LicenceShares
    licence_keys: LicenceKeys
    access_records: AccessRecords
    files: FileServices
    destructions: Destructions
    public_figures: PublicFigures
    surveys: Surveys
    inspections: Inspections
    secrets: ConnectorSecrets
    allowed_hosts: AllowedHosts
    broker: Broker
    clock: Clock
    time: TimeServices
    notices: NoticeServices
    connector_health: Callable[[str], ConnectorHealth]
    agents: Callable[[str], tuple[AgentSighting, ...]]


class OwnSchema(Schema):
    """The executable own subgraph. Without services it can only tell its SDL."""

    services: OwnServices | None = None

    def entities_resolver(self, info: Info, representations: list[FederationAny]) -> list[FederationAny]:
        """Strawberry takes representations apart; the caller, in this very process, still needs them."""
        copies = cast("list[FederationAny]", [dict(cast("dict[str, Any]", each)) for each in representations])
        return super().entities_resolver(info, copies)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """A rule that says no is an answer, not an incident: only the rest is logged."""
        unexpected = [error for error in errors if not isinstance(error.original_error, DomainError)]
        if unexpected:
            super().process_errors(unexpected, execution_context)


def services(info: Info) -> OwnServices:
    found = info.schema.services if isinstance(info.schema, OwnSchema) else None
    if found is None:
        raise LookupError("The own subgraph was built without services. Use build_own_subgraph(services).")
    return found


def actor(info: Info) -> Actor | None:
    found = info.context.get("actor")
    return found if isinstance(found, Actor) else None


__all__ = [
    "ConnectorHealth",
    "Info",
    "OwnSchema",
    "OwnServices",
    "RegistryService",
    "SupergraphService",
    "actor",
    "services",
]

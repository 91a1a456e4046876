"""What can be done through the hub's own part of the graph."""

from __future__ import annotations

from datetime import timedelta

import strawberry

from hub.departments.department_contacts import Contact
from hub.own_subgraph.access_types import AllowedHost, ConnectorSecret
from hub.own_subgraph.admission_fields import AdmissionMutation
from hub.own_subgraph.alert_types import DepartmentContact
from hub.own_subgraph.appointment_mutations import AppointmentMutation
from hub.own_subgraph.case_mutations import CaseMutation
from hub.own_subgraph.case_types import Rating
from hub.own_subgraph.check_types import ConnectorCheck
from hub.own_subgraph.connector_types import (
    Connector,
    ConnectorInput,
    ConnectorPublication,
    DepartmentCredentials,
)
from hub.own_subgraph.dead_letter_mutations import DeadLetterMutation
from hub.own_subgraph.delegation_mutations import DelegationMutation
from hub.own_subgraph.destruction_fields import DestructionMutation
from hub.own_subgraph.enquiry_mutations import EnquiryMutation
from hub.own_subgraph.fee_mutations import FeeMutation
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.file_fields import FileMutation
from hub.own_subgraph.follow_up_fields import FollowUpMutation
from hub.own_subgraph.handling_mutations import HandlingMutation
from hub.own_subgraph.inspection_fields import InspectionMutation
from hub.own_subgraph.licence_key_fields import LicenceKeyMutation
from hub.own_subgraph.licence_mutations import LicenceMutation
from hub.own_subgraph.mandate_fields import MandateMutation
from hub.own_subgraph.notice_fields import NoticeMutation
from hub.own_subgraph.rating_flag_fields import RatingFlagMutation
from hub.own_subgraph.resilience_types import ConnectorResilienceInput
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.staffing_mutations import StaffingMutation
from hub.own_subgraph.sub_case_mutations import SubCaseMutation
from hub.own_subgraph.supergraph_types import SupergraphPublication
from hub.own_subgraph.supervision_mutations import SupervisionMutation
from hub.own_subgraph.survey_fields import SurveyMutation
from hub.own_subgraph.ticket_mutations import TicketMutation
from hub.own_subgraph.time_mutations import TimeMutation
from hub.own_subgraph.visit_fields import VisitMutation
from hub.people.who import operator, signed_in
from schema.errors import DomainError, RuntimeCode


@strawberry.type
class Mutation(
    AdmissionMutation,
    CaseMutation,
    HandlingMutation,
    SubCaseMutation,
    SurveyMutation,
    RatingFlagMutation,
    DelegationMutation,
    MandateMutation,
    StaffingMutation,
    TicketMutation,
    DeadLetterMutation,
    TimeMutation,
    SupervisionMutation,
    AppointmentMutation,
    VisitMutation,
    EnquiryMutation,
    FollowUpMutation,
    LicenceMutation,
    LicenceKeyMutation,
    FeeMutation,
    FileMutation,
    DestructionMutation,
    InspectionMutation,
    NoticeMutation,
):
    """Each area has its own part, which this inherits; what is left stands here."""

    @mutation("Rate the service of an own finished case, once.")
    async def rate_service(
        self, info: Info, case: strawberry.ID, stars: int, comment: str | None = None
    ) -> Rating:
        return Rating.of(await services(info).ratings.rate_service(signed_in(actor(info)), case, stars, comment))

    @mutation("Tell what a connector would add and break; changes nothing.")
    async def check_connector(self, info: Info, input: ConnectorInput) -> ConnectorCheck:
        return ConnectorCheck.of(await services(info).registry.check(input.registration(), signed_in(actor(info))))

    @mutation("Keep a version of a connector without putting it live: a draft where its check is not green.")
    async def register_connector(
        self, info: Info, input: ConnectorInput, reason: str | None = None
    ) -> ConnectorPublication:
        who = signed_in(actor(info))
        made = await services(info).registry.register(input.registration(), who, reason)
        return ConnectorPublication.published(made)

    @mutation("Check a connector and put it live, or let it wait for approval.")
    async def publish_connector(
        self, info: Info, input: ConnectorInput, reason: str | None = None, force: bool = False
    ) -> ConnectorPublication:
        who = signed_in(actor(info))
        made = await services(info).registry.publish(input.registration(), who, reason, force=force)
        return ConnectorPublication.published(made)

    @mutation("Put a version live that was approved.")
    async def release_connector(
        self, info: Info, name: str, version: int, reason: str | None = None
    ) -> ConnectorPublication:
        made = await services(info).registry.release(name, version, signed_in(actor(info)), reason)
        return ConnectorPublication.published(made)

    @mutation("Keep a connector's schema and answer its requests with an error.")
    async def suspend_connector(self, info: Info, name: str, reason: str | None = None) -> Connector:
        return Connector.of(await services(info).registry.suspend(name, signed_in(actor(info)), reason))

    @mutation("End a suspension.")
    async def resume_connector(self, info: Info, name: str, reason: str | None = None) -> Connector:
        return Connector.of(await services(info).registry.resume(name, signed_in(actor(info)), reason))

    @mutation("Take a connector out of the graph.")
    async def retire_connector(self, info: Info, name: str, reason: str | None = None) -> Connector:
        return Connector.of(await services(info).registry.retire(name, signed_in(actor(info)), reason))

    @mutation("Put a connector's checked version live, the newest unless one is named; with hold only approve it.")
    async def approve_connector(
        self,
        info: Info,
        name: str,
        version: int | None = None,
        reason: str | None = None,
        hold: bool = False,
        force: bool = False,
    ) -> ConnectorPublication:
        who = signed_in(actor(info))
        made = await services(info).registry.approve(name, who, version, reason, hold=hold, force=force)
        return ConnectorPublication.published(made)

    @mutation("Refuse a version that waits, the newest unless one is named; its department reads the reason.")
    async def reject_connector(self, info: Info, name: str, reason: str, version: int | None = None) -> Connector:
        return Connector.of(await services(info).registry.reject(name, signed_in(actor(info)), version, reason))

    @mutation("Put a version of a connector back that was live, the one before unless one is named.")
    async def rollback_connector(
        self, info: Info, name: str, version: int | None = None, reason: str | None = None
    ) -> ConnectorPublication:
        made = await services(info).registry.rollback(name, signed_in(actor(info)), version, reason)
        return ConnectorPublication.published(made)

    @mutation("Put an earlier supergraph back, as a new version.")
    async def rollback_supergraph(
        self, info: Info, version: int, reason: str | None = None
    ) -> SupergraphPublication:
        made = await services(info).supergraphs.rollback(version, signed_in(actor(info)), reason)
        return SupergraphPublication.of(made)

    @mutation("Change how the hub treats a connector; every hub process follows within two seconds.")
    async def set_connector_resilience(
        self, info: Info, name: str, input: ConnectorResilienceInput, reason: str = ""
    ) -> Connector:
        who = operator(actor(info))
        await services(info).connector_settings.change(name, input.values(), reason, who)
        view = await services(info).registry.get(name, who)
        if view is None:
            raise DomainError(RuntimeCode.NOT_FOUND, f'There is no connector "{name}".')
        return Connector.of(view)

    @mutation("Set a secret of a connector, which may be registered later. It is never told again.")
    async def set_connector_secret(
        self, info: Info, name: str, secret: str, value: str, department: str | None = None
    ) -> ConnectorSecret:
        who = signed_in(actor(info))
        return ConnectorSecret.of(await services(info).secrets.set(name, secret, value, who, department))

    @mutation("Take a secret of a connector away; false when there is none of this name.")
    async def remove_connector_secret(
        self, info: Info, name: str, secret: str, department: str | None = None
    ) -> bool:
        return await services(info).secrets.remove(name, secret, signed_in(actor(info)), department)

    @mutation("Let a department's connectors call a host on a private network.")
    async def allow_host(self, info: Info, department: str, host: str, reason: str) -> AllowedHost:
        return AllowedHost.of(await services(info).allowed_hosts.allow(department, host, reason, actor(info)))

    @mutation("Let a department's connectors call it no more; false when it was not allowed.")
    async def disallow_host(self, info: Info, department: str, host: str) -> bool:
        return await services(info).allowed_hosts.disallow(department, host, actor(info))

    @mutation("Give a department credentials of its own; the secret is shown this once.")
    async def enrol_department(self, info: Info, department: str, grace_minutes: int = 0) -> DepartmentCredentials:
        grace = timedelta(minutes=grace_minutes)
        return DepartmentCredentials.of(await services(info).enrolment.enrol(department, actor(info), grace))

    @mutation("End a department's credentials; returns what RabbitMQ's administrator types, if anything is left.")
    async def dismiss_department(self, info: Info, department: str) -> list[str]:
        return list(await services(info).enrolment.dismiss(department, actor(info)))

    @mutation("Say where a department is told what is wrong with its connectors; null takes a way away.")
    async def set_department_contact(
        self, info: Info, department: str, webhook_url: str | None = None, mail_address: str | None = None
    ) -> DepartmentContact:
        wanted = Contact(department, webhook_url, mail_address)
        return DepartmentContact.of(await services(info).contacts.set(wanted, signed_in(actor(info))))

    @mutation("Send an alert that means nothing, to see that it arrives; by how many ways.")
    async def test_alert(self, info: Info, department: str) -> int:
        return await services(info).alerts.test(department, signed_in(actor(info)))

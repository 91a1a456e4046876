"""What can be done through the hub's own part of the graph."""

from __future__ import annotations

from datetime import timedelta

import strawberry

from hub.cases import Submission
from hub.department_contacts import Contact
from hub.own_subgraph.access_types import AllowedHost, ConnectorSecret
from hub.own_subgraph.alert_types import DepartmentContact
from hub.own_subgraph.case_types import Case, Rating, fresh
from hub.own_subgraph.check_types import ConnectorCheck
from hub.own_subgraph.connector_types import (
    Connector,
    ConnectorInput,
    ConnectorPublication,
    DepartmentCredentials,
)
from hub.own_subgraph.fee_types import Payment
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.resilience_types import ConnectorResilienceInput
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.supergraph_types import SupergraphPublication
from hub.who import operator, signed_in
from schema.domain.case import Channel
from schema.errors import DomainError, RuntimeCode


@strawberry.input(description="A case to file.")
class SubmitCaseInput:
    item_code: strawberry.ID = strawberry.field(description="Code of the service item.")
    form: JSON = strawberry.field(description="The filled form; it must fit the item's form.")
    channel: Channel | None = strawberry.field(default=Channel.WEB, description="Where it is filed.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key gives the same case, however often it is sent."
    )


@strawberry.type
class Mutation:
    @mutation("File a case. The receipt number is there at once; the decision comes later.")
    async def submit_case(self, info: Info, input: SubmitCaseInput) -> Case:
        submission = Submission(input.item_code, input.form, input.channel or Channel.WEB, input.idempotency_key)
        case = await services(info).cases.submit_case(signed_in(actor(info)), submission)
        return fresh(case, services(info))

    @mutation("Take an own case back before it is decided.")
    async def withdraw_case(self, info: Info, case: strawberry.ID, reason: str | None = None) -> Case:
        withdrawn = await services(info).cases.withdraw_case(signed_in(actor(info)), case, reason)
        return fresh(withdrawn, services(info))

    @mutation("Begin one payment for some own fee orders.")
    async def pay_fees(
        self, info: Info, orders: list[strawberry.ID], idempotency_key: str | None = None
    ) -> Payment:
        payment = await services(info).fees.pay_fees(signed_in(actor(info)), orders, idempotency_key)
        return Payment.of(payment)

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

    @mutation("Let a person look after a department's connectors, in place of any other department's.")
    async def employ_in_department(self, info: Info, department: str, citizen: strawberry.ID) -> bool:
        await services(info).staffing.employ(department, citizen, actor(info))
        return True

    @mutation("End that; it holds once the person's present token has expired.")
    async def dismiss_from_department(self, info: Info, department: str, citizen: strawberry.ID) -> bool:
        await services(info).staffing.dismiss(department, citizen, actor(info))
        return True

    @mutation("Say where a department is told what is wrong with its connectors; null takes a way away.")
    async def set_department_contact(
        self, info: Info, department: str, webhook_url: str | None = None, mail_address: str | None = None
    ) -> DepartmentContact:
        wanted = Contact(department, webhook_url, mail_address)
        return DepartmentContact.of(await services(info).contacts.set(wanted, signed_in(actor(info))))

    @mutation("Send an alert that means nothing, to see that it arrives; by how many ways.")
    async def test_alert(self, info: Info, department: str) -> int:
        return await services(info).alerts.test(department, signed_in(actor(info)))

    @mutation("Put a dead letter back to its queue; false when there is none of this id.")
    async def redrive_dead_letter(self, info: Info, id: strawberry.ID) -> bool:
        operator(actor(info))
        return await services(info).broker.redrive(id)

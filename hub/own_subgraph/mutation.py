"""What can be done through the hub's own part of the graph."""

from __future__ import annotations

from datetime import timedelta

import strawberry

from hub.cases import Submission
from hub.own_subgraph.case_types import Case, Rating, fresh
from hub.own_subgraph.connector_types import (
    Connector,
    ConnectorCheck,
    ConnectorInput,
    ConnectorPublication,
    DepartmentCredentials,
)
from hub.own_subgraph.fee_types import Payment
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, actor, services
from hub.who import operator, signed_in
from schema.domain.case import Channel


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

    @mutation("Check a connector and put it live, or let it wait for approval.")
    async def publish_connector(self, info: Info, input: ConnectorInput) -> ConnectorPublication:
        return ConnectorPublication.published(
            await services(info).registry.publish(input.registration(), signed_in(actor(info)))
        )

    @mutation("Keep a connector's schema and answer its requests with an error.")
    async def suspend_connector(self, info: Info, name: str) -> Connector:
        return Connector.of(await services(info).registry.suspend(name, signed_in(actor(info))))

    @mutation("End a suspension.")
    async def resume_connector(self, info: Info, name: str) -> Connector:
        return Connector.of(await services(info).registry.resume(name, signed_in(actor(info))))

    @mutation("Take a connector out of the graph.")
    async def retire_connector(self, info: Info, name: str) -> Connector:
        return Connector.of(await services(info).registry.retire(name, signed_in(actor(info))))

    @mutation("Put a connector's newest checked version live.")
    async def approve_connector(self, info: Info, name: str) -> ConnectorPublication:
        return ConnectorPublication.published(await services(info).registry.approve(name, signed_in(actor(info))))

    @mutation("Put the version before a connector's live one back.")
    async def rollback_connector(self, info: Info, name: str) -> ConnectorPublication:
        return ConnectorPublication.published(await services(info).registry.rollback(name, signed_in(actor(info))))

    @mutation("Give a department credentials of its own; the secret is shown this once.")
    async def enrol_department(self, info: Info, department: str, grace_minutes: int = 0) -> DepartmentCredentials:
        grace = timedelta(minutes=grace_minutes)
        return DepartmentCredentials.of(await services(info).enrolment.enrol(department, actor(info), grace))

    @mutation("End a department's credentials; returns what RabbitMQ's administrator types, if anything is left.")
    async def dismiss_department(self, info: Info, department: str) -> list[str]:
        return list(await services(info).enrolment.dismiss(department, actor(info)))

    @mutation("Put a dead letter back to its queue; false when there is none of this id.")
    async def redrive_dead_letter(self, info: Info, id: strawberry.ID) -> bool:
        operator(actor(info))
        return await services(info).broker.redrive(id)

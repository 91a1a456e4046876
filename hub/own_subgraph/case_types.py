"""GraphQL types of a case and of what hangs on it. Whoever holds one was allowed to read the case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from hub.own_subgraph.catalogue_types import ServiceItem
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.node import Node
from hub.own_subgraph.page_types import PageInfo
from hub.own_subgraph.services import Info, OwnServices, actor, services
from schema.domain import rating as rating_rules
from schema.domain.case import Case as DomainCase
from schema.domain.case import CaseEvent as DomainEvent
from schema.domain.case import CaseState, Channel
from schema.domain.page import Page
from schema.domain.rating import Rating as DomainRating

if TYPE_CHECKING:
    from hub.own_subgraph.citizen import Citizen
    from hub.own_subgraph.fee_types import FeeOrder

strawberry.enum(CaseState, description="Where a case stands.")


@strawberry.type(description="One thing that happened to a case.")
class CaseEvent:
    version: int = strawberry.field(description="Counts from 1 without a gap.")
    type: str = strawberry.field(description="What happened, for example submitted, accepted, fee-paid.")
    state: CaseState = strawberry.field(description="Where the case stood after it.")
    at: datetime = strawberry.field(description="When the hub took note of it.")
    actor: str = strawberry.field(description="applicant, department, system or operator.")
    reason: str | None = strawberry.field(description="Why, where a reason was given.")

    @classmethod
    def of(cls, event: DomainEvent) -> Self:
        return cls(
            version=event.version,
            type=event.type.value,
            state=event.state,
            at=event.at,
            actor=event.actor.value,
            reason=event.reason,
        )


@strawberry.type(description="What the applicant thought of the service.")
class Rating:
    stars: int = strawberry.field(description="1 to 5.")
    comment: str | None = strawberry.field(description="The applicant's own words.")
    at: datetime = strawberry.field(description="When it was given.")

    @classmethod
    def of(cls, rating: DomainRating) -> Self:
        return cls(stars=rating.stars, comment=rating.comment, at=rating.at)


@strawberry.federation.type(keys=["id"], description="A case: one application on its way to a result.")
class Case(Node):
    case: strawberry.Private[DomainCase]
    loaders: strawberry.Private[Loaders]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    receipt_number: str = strawberry.field(description="The number to quote; its last character checks it.")
    state: CaseState = strawberry.field(description="Where the case stands.")
    channel: Channel = strawberry.field(description="Where it was filed.")
    submitted_at: datetime = strawberry.field(description="When it was filed.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    version: int = strawberry.field(description="Number of events so far.")
    reason: str | None = strawberry.field(description="Why it stands where it stands, where a reason was given.")
    remedy: str | None = strawberry.field(description="What the applicant can do against a refusal.")
    licence_number: str | None = strawberry.field(description="Number of the licence it led to.")
    licence_issuer_code: str | None = strawberry.field(description="Organisation that issued the licence.")

    @resolved("The service item, in the version under which the case was filed.")
    async def item(self, info: Info) -> ServiceItem:
        catalogue = await services(info).catalogue.current()
        item = catalogue.item_version(self.case.item_code, self.case.item_version)
        return ServiceItem.of(item, catalogue, self.loaders)

    @resolved("The person whose case it is.")
    def applicant(self) -> Annotated[Citizen, strawberry.lazy("hub.own_subgraph.citizen")]:
        from hub.own_subgraph.citizen import Citizen

        return Citizen(id=strawberry.ID(self.case.applicant))

    @resolved("Everything that happened, in order.")
    async def events(self) -> list[CaseEvent]:
        events = await self.loaders.events.load(self.case.id)
        return [CaseEvent.of(event) for event in events[: self.case.version]]

    @resolved("What is or was to be paid for it.")
    async def fees(self) -> list[Annotated[FeeOrder, strawberry.lazy("hub.own_subgraph.fee_types")]]:
        from hub.own_subgraph.fee_types import FeeOrder

        return [FeeOrder.of(order, self.loaders) for order in await self.loaders.fees.load(self.case.id)]

    @resolved("The applicant's rating, once given.")
    async def rating(self) -> Rating | None:
        found = await self.loaders.ratings.load(self.case.id)
        return Rating.of(found) if found else None

    @resolved("Whether the applicant can rate it now.")
    async def ratable(self, info: Info) -> bool:
        existing = await self.loaders.ratings.load(self.case.id)
        return rating_rules.is_ratable(self.case, existing, services(info).clock.now())

    @classmethod
    async def resolve_reference(cls, info: Info, id: str) -> Self | None:
        who = actor(info)
        found = await services(info).cases.case(who, id) if who else None
        return cls.of(found, Loaders(services(info))) if found else None

    @classmethod
    def of(cls, case: DomainCase, loaders: Loaders) -> Self:
        if case.submitted_at is None or case.updated_at is None:
            raise ValueError(f"{case} has no events.")
        return cls(
            case=case,
            loaders=loaders,
            id=strawberry.ID(case.id),
            receipt_number=case.receipt_number,
            state=case.state,
            channel=case.channel,
            submitted_at=case.submitted_at,
            updated_at=case.updated_at,
            version=case.version,
            reason=case.reason,
            remedy=case.remedy,
            licence_number=case.licence_number,
            licence_issuer_code=case.licence_issuer,
        )


@strawberry.type(description="One case of a page.")
class CaseEdge:
    node: Case = strawberry.field(description="The case.")
    cursor: str = strawberry.field(description="Where it stands in the list.")


@strawberry.type(description="A page of cases.")
class CaseConnection:
    edges: list[CaseEdge] = strawberry.field(description="The cases of this page.")
    page_info: PageInfo = strawberry.field(description="What is beside this page.")

    @classmethod
    def of(cls, page: Page[DomainCase], loaders: Loaders) -> Self:
        found = zip(page.elements, page.cursors, strict=True)
        edges = [CaseEdge(node=Case.of(case, loaders), cursor=cursor) for case, cursor in found]
        return cls(edges=edges, page_info=PageInfo.of(page))


def fresh(case: DomainCase, known: OwnServices) -> Case:
    """A case at the root of an answer, with reads of its own."""
    return Case.of(case, Loaders(known))

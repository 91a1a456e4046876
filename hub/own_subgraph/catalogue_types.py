"""GraphQL types of the catalogue: what is offered, by whom, and how it was rated."""

from __future__ import annotations

from typing import Self

import strawberry

from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.node import Node, item_id
from hub.own_subgraph.page_types import PageInfo
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, services
from schema.domain.case import Channel
from schema.domain.catalogue import Catalogue
from schema.domain.organisation import Organisation as DomainOrganisation
from schema.domain.page import Page
from schema.domain.rating import RatingSummary as DomainSummary
from schema.domain.service_item import ServiceItem as DomainItem

strawberry.enum(Channel, description="Where a case is filed or continued.")


@strawberry.federation.type(keys=["code"], description="An administration: owns items, issues licences, is paid.")
class Organisation:
    code: strawberry.ID = strawberry.field(description="Region and local part, for example 110102-MZ.")
    name: str = strawberry.field(description="Name in Chinese.")
    name_en: str = strawberry.field(description="Name in English.")

    @classmethod
    async def resolve_reference(cls, info: Info, code: str) -> Self | None:
        found = (await services(info).catalogue.current()).organisations.get(code)
        return cls.of(found) if found else None

    @classmethod
    def of(cls, organisation: DomainOrganisation) -> Self:
        return cls(code=strawberry.ID(organisation.code), name=organisation.name, name_en=organisation.name_en)


@strawberry.type(description="How many ratings gave this many stars.")
class StarCount:
    stars: int = strawberry.field(description="1 to 5.")
    count: int = strawberry.field(description="Number of ratings.")


@strawberry.type(description="All ratings of one service item, computed from the ratings themselves.")
class RatingSummary:
    mean: float | None = strawberry.field(description="Mean of all stars; null while there is no rating.")
    count: int = strawberry.field(description="Number of ratings; always read it beside the mean.")
    distribution: list[StarCount] = strawberry.field(description="One entry for each of 1 to 5 stars.")

    @classmethod
    def of(cls, summary: DomainSummary) -> Self:
        distribution = [StarCount(stars=stars, count=count) for stars, count in summary.distribution]
        return cls(mean=summary.mean, count=summary.count, distribution=distribution)


@strawberry.federation.type(keys=["code"], description="A service item: one thing that can be applied for.")
class ServiceItem(Node):
    item: strawberry.Private[DomainItem]
    catalogue: strawberry.Private[Catalogue]
    loaders: strawberry.Private[Loaders]

    code: strawberry.ID = strawberry.field(description="Stable code of the item.")
    name: str = strawberry.field(description="Name in Chinese.")
    name_en: str = strawberry.field(description="Name in English.")
    description: str = strawberry.field(description="What it is for and who may apply, in Chinese.")
    description_en: str = strawberry.field(description="What it is for and who may apply, in English.")
    category: str = strawberry.field(description="administrative-approval, public-service, social-management, …")
    statutory_limit_days: int = strawberry.field(description="Longest time the law allows, in working days.")
    promised_limit_days: int = strawberry.field(description="Longest time the owner promises, in working days.")
    fee_fen: int = strawberry.field(description="Fee in fen (1/100 CNY); 0 where nothing is owed.")
    result_kind: str | None = strawberry.field(description="Kind of the licence that it leads to, if any.")
    channels: list[Channel] = strawberry.field(description="Where it can be filed.")
    form: JSON = strawberry.field(description="The form as JSON Schema with titles in Chinese and English.")

    @resolved("The organisation that owns and decides it.")
    def organisation(self) -> Organisation:
        return Organisation.of(self.catalogue.organisations[self.item.organisation])

    @resolved("How people who used it rated it.")
    async def rating(self) -> RatingSummary:
        return RatingSummary.of(await self.loaders.summaries.load(self.item.code))

    @classmethod
    async def resolve_reference(cls, info: Info, code: str) -> Self | None:
        known = services(info)
        catalogue = await known.catalogue.current()
        item = catalogue.item(code, known.clock.now())
        return cls.of(item, catalogue, Loaders(known)) if item else None

    @classmethod
    async def in_version(cls, info: Info, code: str, version: int) -> Self | None:
        """As it is or was in force in one version; none that is still to come."""
        known = services(info)
        catalogue, now = await known.catalogue.current(), known.clock.now()
        versions = (each for each in catalogue.items if (each.code, each.version) == (code, version))
        item = next((each for each in versions if each.in_force_since <= now), None)
        return cls.of(item, catalogue, Loaders(known)) if item else None

    @classmethod
    def of(cls, item: DomainItem, catalogue: Catalogue, loaders: Loaders) -> Self:
        return cls(
            item=item,
            catalogue=catalogue,
            loaders=loaders,
            id=item_id(item.code, item.version),
            code=strawberry.ID(item.code),
            name=item.name,
            name_en=item.name_en,
            description=item.description,
            description_en=item.description_en,
            category=item.category,
            statutory_limit_days=item.statutory_limit_days,
            promised_limit_days=item.promised_limit_days,
            fee_fen=item.fee_fen,
            result_kind=item.result_kind,
            channels=list(item.channels),
            form=JSON(dict(item.form)),
        )


@strawberry.type(description="One service item of a page.")
class ServiceItemEdge:
    node: ServiceItem = strawberry.field(description="The service item.")
    cursor: str = strawberry.field(description="Where it stands in the list.")


@strawberry.type(description="A page of service items.")
class ServiceItemConnection:
    edges: list[ServiceItemEdge] = strawberry.field(description="The service items of this page.")
    page_info: PageInfo = strawberry.field(description="What is beside this page.")

    @classmethod
    def of(cls, page: Page[DomainItem], catalogue: Catalogue, loaders: Loaders) -> Self:
        found = zip(page.elements, page.cursors, strict=True)
        edges = [
            ServiceItemEdge(node=ServiceItem.of(item, catalogue, loaders), cursor=cursor) for item, cursor in found
        ]
        return cls(edges=edges, page_info=PageInfo.of(page))

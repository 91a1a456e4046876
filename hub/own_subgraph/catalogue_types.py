"""GraphQL types of the catalogue: what is offered, by whom, and how it was rated."""

from __future__ import annotations

import json
from typing import Self, cast

import strawberry

from hub.cases.case_content import MAXIMUM_FORM_BYTES
from hub.own_subgraph.admission_types import Admission
from hub.own_subgraph.enums import Channel
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.item_types import (
    Exemption,
    FormProblem,
    GreenChannel,
    ItemCondition,
    ItemFee,
    ItemResult,
    LegalBasis,
    LifeEventName,
    Material,
    ProcedureStep,
    shown,
)
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.node import Node, item_id
from hub.own_subgraph.page_types import PageInfo
from hub.own_subgraph.place_types import ItemWindow, Organisation, Place
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, services
from hub.own_subgraph.star_types import StarStandard
from schema.domain.catalogue import Catalogue
from schema.domain.catalogue import LifeEvent as DomainLifeEvent
from schema.domain.form import problems
from schema.domain.organisation import Level
from schema.domain.page import Page
from schema.domain.party import ApplicantKind
from schema.domain.rating import RatingSummary as DomainSummary
from schema.domain.service_item import ItemType, ServiceForm
from schema.domain.service_item import ServiceItem as DomainItem
from schema.errors import DomainError, RuntimeCode


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


@strawberry.type
class ItemDetails:
    """The parts of a service item that its guide is made of; :class:`ServiceItem` has them."""

    item: strawberry.Private[DomainItem]
    catalogue: strawberry.Private[Catalogue]

    @resolved("Which of its versions this is; a case keeps the version under which it was filed.")
    def version(self) -> int:
        return self.item.version

    @resolved("How it stands: offered, suspended, merged or gone; and its history.")
    def admission(self, info: Info) -> Admission:
        return Admission.of(self.catalogue.standing(self.item.code, services(info).clock.now()))

    @resolved("What it is in law.")
    def type(self) -> ItemType:
        return self.item.type

    @resolved("The rules on which it stands.")
    def legal_basis(self) -> list[LegalBasis]:
        return shown(self.item.legal_basis, LegalBasis)

    @resolved("The levels at which it is offered.")
    def levels(self) -> list[Level]:
        return list(self.item.levels)

    @resolved("The places where it is offered.")
    def places(self) -> list[Place]:
        return [Place.of(each) for each in self.catalogue.places_of(self.item)]

    @resolved("Which window of which place, where it is told.")
    def windows(self) -> list[ItemWindow]:
        places = self.catalogue.places
        told = (each for each in self.item.windows if each.place in places)
        return [ItemWindow(window=each.window, place=Place.of(places[each.place])) for each in told]

    @resolved("Who may apply.")
    def who_may_apply(self) -> list[ApplicantKind]:
        return list(self.item.who_may_apply)

    @resolved("What must hold for the applicant.")
    def conditions(self) -> list[ItemCondition]:
        return shown(self.item.conditions, ItemCondition)

    @resolved("What the applicant has to show.")
    def materials(self) -> list[Material]:
        return shown(self.item.materials, Material)

    @resolved("What is wrong with a form as it is filled in so far, before it is filed; nothing is kept.")
    def form_problems(self, form: JSON) -> list[FormProblem]:
        if len(json.dumps(form)) > MAXIMUM_FORM_BYTES:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`form` may have at most {MAXIMUM_FORM_BYTES} bytes.")
        return shown(problems(self.item.form, form), FormProblem)

    @resolved("What happens to a case, with the working days for it.")
    def steps(self) -> list[ProcedureStep]:
        return shown(self.item.steps, ProcedureStep)

    @resolved("Whether it is done at once.")
    def is_instant(self) -> bool:
        return self.item.is_instant

    @resolved("What is owed, with the basis of it.")
    def fees(self) -> list[ItemFee]:
        return shown(self.item.fees, ItemFee)

    @resolved("What one has in hand in the end.")
    def results(self) -> list[ItemResult]:
        return shown(self.item.results, ItemResult)

    @resolved("How it is served beside the ordinary way.")
    def service_forms(self) -> list[ServiceForm]:
        return list(self.item.service_forms)

    @resolved("Where to ask.")
    def enquiry_telephone(self) -> str:
        return self.item.enquiry_telephone

    @resolved("Where to complain.")
    def complaint_telephone(self) -> str:
        return self.item.complaint_telephone

    @resolved("How often one must come in person.")
    def visits(self) -> int:
        return self.item.visits

    @resolved("Why one must come, in Chinese.")
    def visit_reason(self) -> str:
        return self.item.visit_reason

    @resolved("Why one must come, in English.")
    def visit_reason_en(self) -> str:
        return self.item.visit_reason_en

    @resolved("The way for urgent cases, if there is one.")
    def green_channel(self) -> GreenChannel | None:
        return cast("GreenChannel | None", self.item.green_channel)

    @resolved("Why it stays out of the one front door; null where it does not.")
    def exemption(self) -> Exemption | None:
        return cast("Exemption | None", self.item.exemption)

    @resolved("The turns in life or business for which it is meant.")
    def life_events(self) -> list[LifeEventName]:
        events = self.catalogue.life_events
        return shown(tuple(events[code] for code in self.item.life_events if code in events), LifeEventName)

    @resolved("What people call it.")
    def synonyms(self) -> list[str]:
        return list(self.item.synonyms)


@strawberry.federation.type(keys=["code"], description="A service item: one thing that can be applied for.")
class ServiceItem(Node, ItemDetails):
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

    @resolved("What it can do online, as stars that are computed; apart from how people rated it.")
    async def star_standard(self, info: Info) -> StarStandard:
        return StarStandard.of(await services(info).star_standards.of(self.catalogue, self.item))

    @classmethod
    async def resolve_reference(cls, info: Info, code: str) -> Self | None:
        known = services(info)
        catalogue = await known.catalogue.current()
        item = catalogue.newest(code, known.clock.now())
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


@strawberry.type(description="A turn in life or business for which people look, with what it needs.")
class LifeEvent:
    event: strawberry.Private[DomainLifeEvent]
    catalogue: strawberry.Private[Catalogue]
    loaders: strawberry.Private[Loaders]

    code: strawberry.ID = strawberry.field(description="Stable code.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")

    @resolved("The items in force that are meant for it, in order of their code.")
    def items(self, info: Info) -> list[ServiceItem]:
        now = services(info).clock.now()
        meant = (item for item in self.catalogue.in_force(now) if self.event.code in item.life_events)
        return [ServiceItem.of(item, self.catalogue, self.loaders) for item in meant]

    @classmethod
    def of(cls, event: DomainLifeEvent, catalogue: Catalogue, loaders: Loaders) -> Self:
        return cls(
            event=event,
            catalogue=catalogue,
            loaders=loaders,
            code=strawberry.ID(event.code),
            name=event.name,
            name_en=event.name_en,
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

"""What can be asked of the catalogue: items, organisations, places, life events. Open to everybody."""

from __future__ import annotations

import strawberry

from hub.catalogue.pinyin import syllables
from hub.own_subgraph.admission_fields import AdmissionQuery
from hub.own_subgraph.catalogue_types import LifeEvent, ServiceItem, ServiceItemConnection
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.place_types import NearPlace, Organisation, Place
from hub.own_subgraph.services import Info, services
from schema.domain.case import Channel
from schema.domain.item_search import ItemFilter, find_items
from schema.domain.organisation import Level, PlaceKind, nearest
from schema.domain.page import MAXIMUM_PAGE, PageRequest, page
from schema.domain.party import ApplicantKind
from schema.errors import DomainError, RuntimeCode


@strawberry.input(description="Which service items; what is left out does not matter.")
class ServiceItemFilter:
    life_event: strawberry.ID | None = strawberry.field(default=None, description="Code of a life event.")
    place: strawberry.ID | None = strawberry.field(default=None, description="Code of a place.")
    level: Level | None = strawberry.field(default=None, description="District, subdistrict or community.")
    category: str | None = strawberry.field(default=None, description="For example administrative-approval.")
    channel: Channel | None = strawberry.field(default=None, description="Where it can be filed.")
    organisation: strawberry.ID | None = strawberry.field(default=None, description="Code of its owner.")
    applicant: ApplicantKind | None = strawberry.field(default=None, description="Who may apply.")

    def with_words(self, words: str | None) -> ItemFilter:
        return ItemFilter(
            words=words,
            life_event=self.life_event,
            place=self.place,
            level=self.level,
            category=self.category,
            channel=self.channel,
            organisation=self.organisation,
            applicant=self.applicant,
        )


@strawberry.type
class CatalogueQuery(AdmissionQuery):
    """With what its offices ask."""

    @resolved("Service items in force; with search, those in which every word occurs, by sound (pinyin) too.")
    async def service_items(
        self, info: Info, search: str | None = None, filter: ServiceItemFilter | None = None
    ) -> list[ServiceItem]:
        known, loaders = services(info), Loaders(services(info))
        catalogue = await known.catalogue.current()
        wanted = (filter or ServiceItemFilter()).with_words(search)
        found = find_items(catalogue, wanted, known.clock.now(), syllables)
        return [ServiceItem.of(item, catalogue, loaders) for item in found]

    @resolved("Service items in force, in order of their code, by the page.")
    async def service_item_connection(
        self,
        info: Info,
        search: str | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: ServiceItemFilter | None = None,
    ) -> ServiceItemConnection:
        known = services(info)
        catalogue = await known.catalogue.current()
        wanted = (filter or ServiceItemFilter()).with_words(search)
        found = find_items(catalogue, wanted, known.clock.now(), syllables)
        request = PageRequest(first, after, last, before)
        return ServiceItemConnection.of(page(found, lambda item: (item.code,), request), catalogue, Loaders(known))

    @resolved("One service item, also one that was suspended or left: `admission` says how it stands.")
    async def service_item(self, info: Info, code: strawberry.ID) -> ServiceItem | None:
        return await ServiceItem.resolve_reference(info, code)

    @resolved("Turns in life or business, with what they need.")
    async def life_events(self, info: Info) -> list[LifeEvent]:
        known = services(info)
        catalogue = await known.catalogue.current()
        events = (catalogue.life_events[code] for code in sorted(catalogue.life_events))
        return [LifeEvent.of(event, catalogue, Loaders(known)) for event in events]

    @resolved("All organisations.")
    async def organisations(self, info: Info, level: Level | None = None) -> list[Organisation]:
        catalogue = await services(info).catalogue.current()
        found = (catalogue.organisations[code] for code in sorted(catalogue.organisations))
        return [Organisation.of(each) for each in found if level is None or each.level is level]

    @resolved("Places; with an item, those where it is offered.")
    async def places(
        self, info: Info, item: strawberry.ID | None = None, kind: PlaceKind | None = None
    ) -> list[Place]:
        known = services(info)
        catalogue, now = await known.catalogue.current(), known.clock.now()
        offered = catalogue.places_where(item, now)
        return [Place.of(each) for each in offered if kind is None or each.kind is kind]

    @resolved("One place.")
    async def place(self, info: Info, code: strawberry.ID) -> Place | None:
        return await Place.resolve_reference(info, code)

    @resolved("The nearest places, nearest first; with an item, of those where it is offered.")
    async def nearest_places(
        self,
        info: Info,
        latitude: float,
        longitude: float,
        item: strawberry.ID | None = None,
        kind: PlaceKind | None = None,
        open_now: bool = False,
        first: int = 5,
    ) -> list[NearPlace]:
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "Degrees: latitude -90 to 90, longitude -180 to 180.")
        if not 0 <= first <= MAXIMUM_PAGE:
            raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`first` is a whole number from 0 to {MAXIMUM_PAGE}.")
        known = services(info)
        catalogue, now = await known.catalogue.current(), known.clock.now()
        candidates = (
            place
            for place in catalogue.places_where(item, now)
            if (kind is None or place.kind is kind) and (not open_now or place.is_open(now))
        )
        found = nearest(candidates, latitude, longitude)[:first]
        return [NearPlace(metres=metres, place=Place.of(place)) for place, metres in found]

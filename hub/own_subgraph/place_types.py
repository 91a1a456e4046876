"""GraphQL types of organisations and of the places where they are met."""

from __future__ import annotations

from datetime import datetime, time
from typing import Self, cast

import strawberry

from hub.own_subgraph.fields import resolved
from hub.own_subgraph.item_types import shown
from hub.own_subgraph.services import Info, services
from schema.domain.organisation import Level, PlaceKind
from schema.domain.organisation import OpeningHours as DomainHours
from schema.domain.organisation import Organisation as DomainOrganisation
from schema.domain.organisation import Place as DomainPlace

strawberry.enum(PlaceKind, description="What kind of place it is.")


@strawberry.federation.type(keys=["code"], description="An administration: owns items, issues licences, is paid.")
class Organisation:
    parent_code: strawberry.Private[str | None]

    code: strawberry.ID = strawberry.field(description="Region and local part, for example 110102-MZ.")
    name: str = strawberry.field(description="Name in Chinese.")
    name_en: str = strawberry.field(description="Name in English.")
    level: Level = strawberry.field(description="District, subdistrict or community.")

    @resolved("The organisation above; null for the highest.")
    async def parent(self, info: Info) -> Self | None:
        return await self.resolve_reference(info, self.parent_code) if self.parent_code else None

    @resolved("The organisations right below.")
    async def children(self, info: Info) -> list[Self]:
        catalogue = await services(info).catalogue.current()
        return [self.of(each) for each in catalogue.children(self.code)]

    @resolved("Where it can be met.")
    async def places(self, info: Info) -> list[Place]:
        catalogue = await services(info).catalogue.current()
        return [Place.of(each) for each in catalogue.places.values() if each.organisation == self.code]

    @classmethod
    async def resolve_reference(cls, info: Info, code: str) -> Self | None:
        found = (await services(info).catalogue.current()).organisations.get(code)
        return cls.of(found) if found else None

    @classmethod
    def of(cls, organisation: DomainOrganisation) -> Self:
        return cls(
            parent_code=organisation.parent,
            code=strawberry.ID(organisation.code),
            name=organisation.name,
            name_en=organisation.name_en,
            level=organisation.level,
        )


@strawberry.type(description="One stretch of a week, in Beijing time.")
class OpeningHours:
    days: list[int] = strawberry.field(description="1 is Monday.")
    opens: str = strawberry.field(description="For example 09:00.")
    closes: str = strawberry.field(description="For example 17:00.")
    is_extended: bool = strawberry.field(description="Whether these are extended hours.")

    @classmethod
    def of(cls, hours: DomainHours) -> Self:
        return cls(
            days=list(hours.days),
            opens=_shown_time(hours.opens),
            closes=_shown_time(hours.closes),
            is_extended=hours.is_extended,
        )


@strawberry.type(description="A window of a place.")
class PlaceWindow:
    number: strawberry.ID = strawberry.field(description="What stands above it.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    is_comprehensive: bool = strawberry.field(description="Whether it takes every item.")


@strawberry.federation.type(keys=["code"], description="Where one can go: a hall, a station, a kiosk.")
class Place:
    place: strawberry.Private[DomainPlace]

    code: strawberry.ID = strawberry.field(description="Stable code.")
    name: str = strawberry.field(description="Name in Chinese.")
    name_en: str = strawberry.field(description="Name in English.")
    kind: PlaceKind = strawberry.field(description="What kind of place it is.")
    address: str = strawberry.field(description="In Chinese.")
    address_en: str = strawberry.field(description="In English.")
    latitude: float | None = strawberry.field(description="Degrees, WGS 84.")
    longitude: float | None = strawberry.field(description="Degrees, WGS 84.")
    telephone: str = strawberry.field(description="Empty where it has none.")

    @resolved("When it is open in an ordinary week.")
    def hours(self) -> list[OpeningHours]:
        return [OpeningHours.of(each) for each in self.place.hours]

    @resolved("Its windows.")
    def windows(self) -> list[PlaceWindow]:
        return shown(self.place.windows, PlaceWindow)

    @resolved("Whether it is open at a moment, now where none is given; holidays are left out of account.")
    def is_open(self, info: Info, at: datetime | None = None) -> bool:
        return self.place.is_open(at or services(info).clock.now())

    @resolved("Whose place it is.")
    async def organisation(self, info: Info) -> Organisation:
        found = await Organisation.resolve_reference(info, self.place.organisation)
        return cast("Organisation", found)

    @classmethod
    async def resolve_reference(cls, info: Info, code: str) -> Self | None:
        found = (await services(info).catalogue.current()).places.get(code)
        return cls.of(found) if found else None

    @classmethod
    def of(cls, place: DomainPlace) -> Self:
        return cls(
            place=place,
            code=strawberry.ID(place.code),
            name=place.name,
            name_en=place.name_en,
            kind=place.kind,
            address=place.address,
            address_en=place.address_en,
            latitude=place.latitude,
            longitude=place.longitude,
            telephone=place.telephone,
        )


@strawberry.type(description="Where an item is served: the place, and which window there.")
class ItemWindow:
    window: str = strawberry.field(description="Number of the window; empty for any.")
    place: Place = strawberry.field(description="The place.")


@strawberry.type(description="A place and how far it is.")
class NearPlace:
    metres: int = strawberry.field(description="As the crow flies.")
    place: Place = strawberry.field(description="The place.")


def _shown_time(moment: time) -> str:
    return moment.strftime("%H:%M")

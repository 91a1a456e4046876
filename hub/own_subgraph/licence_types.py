"""GraphQL types of licences: what departments call so too, and what the hub adds for those it issued."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

import strawberry
from strawberry.federation.schema_directives import Key

from hub.own_subgraph.citizen import Citizen
from hub.own_subgraph.enterprise import Enterprise
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.party_types import party_of
from hub.own_subgraph.place_types import Organisation
from hub.own_subgraph.services import Info, services
from hub.tables.licence import LicenceEventRow, LicenceRow
from schema.domain.licence import LicenceEventType, LicenceField, LicenceState, LicenceType

strawberry.enum(LicenceState, description="How a licence stands.")
strawberry.enum(LicenceEventType, description="What happens to a licence.")


Holder = Annotated[
    Citizen | Enterprise,
    strawberry.union("Holder", description="Who holds a licence."),
]


@strawberry.type(description="One thing that a licence says beside its holder and dates.")
class LicenceStatement:
    code: str = strawberry.field(description="Which it is, for example address.")
    name: str = strawberry.field(description="What it is called, in Chinese.")
    name_en: str = strawberry.field(description="What it is called, in English.")
    value: str = strawberry.field(description="What the licence says.")


@strawberry.type(description="Something that happened to a licence.")
class LicenceEvent:
    version: int = strawberry.field(description="Counts from 1 without a gap.")
    type: LicenceEventType = strawberry.field(description="What happened.")
    state: LicenceState = strawberry.field(description="How the licence stood after it.")
    at: datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why.")

    @classmethod
    def of(cls, row: LicenceEventRow) -> Self:
        return cls(
            version=row.version,
            type=LicenceEventType(row.type),
            state=LicenceState(row.state),
            at=row.at,
            reason=row.reason,
        )


# Its key is not looked up here: a department's licence would be asked of the hub, which does not know it.
@strawberry.federation.type(
    keys=[Key(fields="issuerCode number", resolvable=False)],  # type: ignore[arg-type]  # a FieldSet is text
    shareable=True,
    description="A licence (电子证照).",
)
class Licence:
    row: strawberry.Private[LicenceRow]

    issuer_code: strawberry.ID = strawberry.field(description="Organisation that issued it.")
    number: strawberry.ID = strawberry.field(description="Its number, unique with its issuer.")

    @resolved("Kind of the licence.")
    def kind(self) -> str:
        return self.row.kind

    @resolved("Name in Chinese.")
    def name(self) -> str:
        return self.row.name

    @resolved("Name in English.")
    def name_en(self) -> str:
        return self.row.name_en

    @resolved("Who issued it.")
    async def issuer(self, info: Info) -> Organisation:
        return Organisation.of((await services(info).catalogue.current()).organisations[self.row.issuer])

    @resolved("Whose it is.")
    async def holder(self, info: Info) -> Holder:
        return await party_of(info, self.row.holder)

    @resolved("The first day.")
    def valid_from(self) -> date | None:
        return self.row.valid_from

    @resolved("The last day; null where it has no end.")
    def valid_until(self) -> date | None:
        return self.row.valid_until

    @resolved("How it stands now.")
    def state(self, info: Info) -> LicenceState:
        return services(info).licences.state_now(self.row)

    @classmethod
    def of(cls, row: LicenceRow) -> Self:
        return cls(row=row, issuer_code=strawberry.ID(row.issuer), number=strawberry.ID(row.number))


@strawberry.type(description="A licence that the hub issued, with what its register says of it.")
class IssuedLicence(Licence):
    @resolved("What it says beside its holder and dates.")
    def statements(self) -> list[LicenceStatement]:
        return [
            LicenceStatement(code=each["code"], name=each["name"], name_en=each["nameEn"], value=each["value"])
            for each in self.row.said
        ]

    @resolved("What happened to it, the first first.")
    async def events(self, info: Info) -> list[LicenceEvent]:
        return [LicenceEvent.of(each) for each in await services(info).licences.events_of(self.row.id)]


@strawberry.input(description="One answer of a case's form that licences of a type say.")
class LicenceFieldInput:
    code: str = strawberry.field(description="For example address.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    source: str = strawberry.field(description="Name of the form's field.")


@strawberry.input(description="A type of licences (证照类型) that the hub issues.")
class LicenceTypeInput:
    code: str = strawberry.field(description="What service items name as their result.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    number_prefix: str = strawberry.field(description="Capital letters with which numbers begin.")
    validity_months: int = strawberry.field(default=0, description="How long it holds; 0 without end.")
    fields: list[LicenceFieldInput] = strawberry.field(
        default_factory=list, description="What it says of the case's form."
    )
    remind_days: list[int] = strawberry.field(
        default_factory=lambda: [90, 30, 7], description="Days before the end on which the holder is reminded."
    )
    is_single: bool = strawberry.field(
        default=True, description="Whether a new one takes the place of the holder's one before."
    )
    renewal_item: str | None = strawberry.field(default=None, description="Service item by which it is renewed.")
    renewal_days: int = strawberry.field(default=90, description="From how many days before its end.")

    def type(self) -> LicenceType:
        return LicenceType(
            code=self.code,
            name=self.name,
            name_en=self.name_en,
            number_prefix=self.number_prefix,
            validity_months=self.validity_months,
            fields=tuple(
                LicenceField(code=each.code, name=each.name, name_en=each.name_en, source=each.source)
                for each in self.fields
            ),
            remind_days=tuple(self.remind_days),
            is_single=self.is_single,
            renewal_item=self.renewal_item,
            renewal_days=self.renewal_days,
        )


@strawberry.type(name="LicenceType", description="A type of licences (证照类型) that the hub issues.")
class PublishedLicenceType:
    code: str = strawberry.field(description="What service items name as their result.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    validity_months: int = strawberry.field(description="How long it holds; 0 without end.")
    is_single: bool = strawberry.field(description="Whether a new one takes the place of the one before.")
    renewal_item: str | None = strawberry.field(description="Service item by which it is renewed.")

    @classmethod
    def of(cls, type: LicenceType) -> Self:
        return cls(
            code=type.code,
            name=type.name,
            name_en=type.name_en,
            validity_months=type.validity_months,
            is_single=type.is_single,
            renewal_item=type.renewal_item,
        )

"""GraphQL types of a case and of what hangs on it. Whoever holds one was allowed to read the case."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from auth.roles import SUPERVISOR
from hub.own_subgraph.catalogue_types import ServiceItem
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.file_fields import CaseArchive
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.node import Node
from hub.own_subgraph.notice_types import NoticeDelivery
from hub.own_subgraph.page_types import PageInfo
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, OwnServices, actor, services
from hub.own_subgraph.sub_case_types import SubCase
from hub.own_subgraph.time_types import CaseTiming
from hub.people.who import is_office, may_read_content, offices, signed_in
from schema.domain import rating as rating_rules
from schema.domain.case import Case as DomainCase
from schema.domain.case import CaseEvent as DomainEvent
from schema.domain.case import CaseState, Channel
from schema.domain.case_actions import CaseAction, possible_actions
from schema.domain.case_guidance import NextBy, guidance
from schema.domain.case_handling import ResultWay
from schema.domain.case_material import MaterialState
from schema.domain.material import Trust
from schema.domain.material_reference import ReferenceKind, kind_of_reference
from schema.domain.page import Page
from schema.domain.rating import Rating as DomainRating

if TYPE_CHECKING:
    from hub.own_subgraph.citizen import Citizen
    from hub.own_subgraph.fee_types import FeeOrder
    from hub.own_subgraph.mandate_fields import Mandate
    from hub.own_subgraph.party_types import Party


strawberry.enum(MaterialState, description="What pre-review said of a material.")
strawberry.enum(ReferenceKind, description="What a material's reference names.")
strawberry.enum(NextBy, description="Whose turn it is.")
strawberry.enum(CaseAction, description="What can be done to a case.")
strawberry.enum(ResultWay, description="How a result reaches the applicant.")


@strawberry.type(description="One thing that happened to a case.")
class CaseEvent:
    version: int = strawberry.field(description="Counts from 1 without a gap.")
    type: str = strawberry.field(description="What happened, for example submitted, accepted, fee-paid.")
    state: CaseState = strawberry.field(description="Where the case stood after it.")
    at: datetime = strawberry.field(description="When the hub took note of it.")
    actor: str = strawberry.field(description="applicant, department, system or operator.")
    reason: str | None = strawberry.field(description="Why, where a reason was given.")
    channel: Channel | None = strawberry.field(description="Where it was done.")
    ground: str | None = strawberry.field(description="Of a suspension: HEARING, SITE_INSPECTION, TESTING, …")
    expected_end: date | None = strawberry.field(description="Of a suspension: when it should end.")
    answer_by: datetime | None = strawberry.field(description="Of a notice or an urging: by when to answer.")
    working_days: int | None = strawberry.field(description="Of an extension: by how many.")
    delegation: strawberry.ID | None = strawberry.field(description="Under which delegation it was decided.")
    way: ResultWay | None = strawberry.field(description="How the result was sent.")
    tracking: str | None = strawberry.field(description="Number of the parcel or of the locker.")
    is_by_substitute: bool = strawberry.field(description="Whether somebody acted for an absent officer.")

    @classmethod
    def of(cls, event: DomainEvent) -> Self:
        data = event.data
        return cls(
            channel=event.channel,
            ground=data.get("ground"),
            expected_end=date.fromisoformat(data["expectedEnd"]) if data.get("expectedEnd") else None,
            answer_by=datetime.fromisoformat(data["answerBy"]) if data.get("answerBy") else None,
            working_days=data.get("workingDays"),
            delegation=strawberry.ID(data["delegation"]) if data.get("delegation") else None,
            way=ResultWay(data["way"]) if data.get("way") else None,
            tracking=data.get("tracking"),
            is_by_substitute=bool(data.get("substituteFor")),
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


@strawberry.type(description="A material of a case, with what pre-review said of it.")
class CaseMaterial:
    code: str = strawberry.field(description="Code of the item's material.")
    name: str = strawberry.field(description="Name in Chinese.")
    name_en: str = strawberry.field(description="Name in English.")
    state: MaterialState = strawberry.field(description="Where it stands.")
    reference: str | None = strawberry.field(description="Names the file, the shared record, or what is on paper.")
    reference_kind: ReferenceKind | None = strawberry.field(
        description="Which of these; null where there is none."
    )
    trust: Trust = strawberry.field(description="Grade.")
    remark: str | None = strawberry.field(description="What is missing or wrong.")


@strawberry.type(description="What a notice says of one field of the form.")
class FieldRemark:
    field: str = strawberry.field(description="Name of the field.")
    remark: str = strawberry.field(description="What is missing or wrong.")


@strawberry.type(description="What happens next, and who is to do it.")
class Guidance:
    code: str = strawberry.field(description="Stable name of the step.")
    by: NextBy = strawberry.field(description="Whose turn it is.")
    text: str = strawberry.field(description="In Chinese.")
    text_en: str = strawberry.field(description="In English.")
    until: datetime | None = strawberry.field(description="By when the applicant must act, if by a time.")


@strawberry.type(description="An attempt that the rules refused; for those who supervise.")
class RefusedAttempt:
    attempted: str = strawberry.field(description="What was to happen.")
    actor: str = strawberry.field(description="Who tried: an office, or a department.")
    at: datetime = strawberry.field(description="When.")
    why: str = strawberry.field(description="Why it was refused.")


@strawberry.federation.type(keys=["id"], description="A case: one application on its way to a result.")
class Case(CaseTiming, Node):
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

    ended_at: datetime | None = strawberry.field(description="When it ended; null while it is under way.")
    is_expedited: bool = strawberry.field(description="Whether it is in the green channel.")
    form_remarks: list[FieldRemark] = strawberry.field(description="What the notice says of the form.")
    answer_by: datetime | None = strawberry.field(description="By when the notice is to be answered.")

    @resolved("What happens next.")
    def guidance(self) -> Guidance:
        step = guidance(self.case)
        return Guidance(code=step.code, by=step.by, text=step.text, text_en=step.text_en, until=step.until)

    @resolved("What you can do now.")
    async def actions(self, info: Info) -> list[CaseAction]:
        who, department = actor(info), await self._department(info)
        return list(possible_actions(self.case, offices(who, self.case, department))) if who else []

    @resolved("The filled form; null for those who only watch over the case.")
    async def form(self, info: Info) -> JSON | None:
        if not await self._may_see_content(info):
            return None
        return JSON(await services(info).cases.form_of(self.case.id))

    @resolved("Materials with their remarks; empty for those who only watch over the case.")
    async def materials(self, info: Info) -> list[CaseMaterial]:
        if not await self._may_see_content(info):
            return []
        catalogue = await services(info).catalogue.current()
        item = catalogue.item_version(self.case.item_code, self.case.item_version)
        named = ((each, item.material(each.code)) for each in self.case.materials)
        return [
            CaseMaterial(
                code=each.code,
                name=known.name if known else each.code,
                name_en=known.name_en if known else each.code,
                state=each.state,
                reference=each.reference,
                reference_kind=kind_of_reference(each.reference or ""),
                trust=each.trust,
                remark=each.remark,
            )
            for each, known in named
        ]

    @resolved("The officer who has it in hand; null for the applicant, and while nobody has.")
    async def handler(self, info: Info) -> strawberry.ID | None:
        is_office = await self._is_office(info)
        return strawberry.ID(self.case.handler) if self.case.handler and is_office else None

    @resolved("The officer of first inquiry (首问负责制); null for the applicant, and where nobody is.")
    async def first_inquiry(self, info: Info) -> strawberry.ID | None:
        is_office = await self._is_office(info)
        return strawberry.ID(self.case.first_inquiry) if self.case.first_inquiry and is_office else None

    @resolved("Its sealed package, once it ended; null before, and for who may not read what was handed in.")
    async def archive(self, info: Info) -> CaseArchive | None:
        found = await services(info).files.archives.of_case(signed_in(actor(info)), self.case.id)
        return CaseArchive.of(found) if found else None

    @resolved("What the applicant was told of it and by which channel, with the proof of delivery.")
    async def notice_deliveries(self, info: Info) -> list[NoticeDelivery]:
        found = await services(info).notices.proofs.of_case(self.case.id, self.case.applicant)
        return [NoticeDelivery.of(each) for each in found]

    @resolved("Whether an officer filed it for the applicant, at a window or on the phone.")
    def is_filed_by_officer(self) -> bool:
        return self.case.filing_officer is not None

    @resolved("Attempts that the rules refused, the newest first; empty for the applicant.")
    async def refused_attempts(self, info: Info) -> list[RefusedAttempt]:
        if not await self._is_office(info):
            return []
        found = await services(info).cases.refusals_of(self.case.id)
        return [RefusedAttempt(attempted=row.attempted, actor=row.actor, at=row.at, why=row.why) for row in found]

    async def _department(self, info: Info) -> str | None:
        catalogue = await services(info).catalogue.current()
        return catalogue.department_of(catalogue.item_version(self.case.item_code, self.case.item_version))

    async def _may_see_content(self, info: Info) -> bool:
        who = actor(info)
        department, case = await self._department(info), self.case
        return who is not None and may_read_content(who, case.applicant, department, case.item_code)

    async def _is_office(self, info: Info) -> bool:
        who = actor(info)
        return who is not None and is_office(who, self.case.applicant, await self._department(info))

    @resolved("The service item, in the version under which the case was filed.")
    async def item(self, info: Info) -> ServiceItem:
        catalogue = await services(info).catalogue.current()
        item = catalogue.item_version(self.case.item_code, self.case.item_version)
        return ServiceItem.of(item, catalogue, self.loaders)

    @resolved("The person whose case it is; null where it is an enterprise's.")
    async def applicant(
        self, info: Info
    ) -> Annotated[Citizen, strawberry.lazy("hub.own_subgraph.citizen")] | None:
        from hub.own_subgraph.citizen import Citizen

        is_enterprise = await services(info).mandates.credit_code(self.case.applicant) is not None
        return None if is_enterprise else Citizen(id=strawberry.ID(self.case.applicant))

    @resolved("Whose case it is: a person's or an enterprise's.")
    async def party(self, info: Info) -> Annotated[Party, strawberry.lazy("hub.own_subgraph.party_types")]:
        from hub.own_subgraph.party_types import party_of

        return await party_of(info, self.case.applicant)

    @resolved("Under which mandate an agent filed it; null where its applicant did, or an officer.")
    async def filed_under(
        self, info: Info
    ) -> Annotated[Mandate, strawberry.lazy("hub.own_subgraph.mandate_fields")] | None:
        from hub.own_subgraph.mandate_fields import Mandate

        found = await services(info).mandates.of_case(self.case)
        return Mandate.of(found, services(info).clock.now()) if found else None

    @resolved("Everything that happened, in order.")
    async def events(self) -> list[CaseEvent]:
        events = await self.loaders.events.load(self.case.id)
        return [CaseEvent.of(event) for event in events[: self.case.version]]

    @resolved("Whether several departments handle it together.")
    async def is_joint(self, info: Info) -> bool:
        catalogue = await services(info).catalogue.current()
        return catalogue.item_version(self.case.item_code, self.case.item_version).joint is not None

    @resolved("What each department does for a joint case; empty for a case of one department.")
    async def sub_cases(self, info: Info) -> list[SubCase]:
        key = (self.case.id, self.case.item_code, self.case.item_version)
        catalogue = await services(info).catalogue.current()
        return [SubCase.of(view, catalogue) for view in await self.loaders.sub_cases.load(key)]

    @resolved("What is or was to be paid for it.")
    async def fees(self) -> list[Annotated[FeeOrder, strawberry.lazy("hub.own_subgraph.fee_types")]]:
        from hub.own_subgraph.fee_types import FeeOrder

        return [FeeOrder.of(order, self.loaders) for order in await self.loaders.fees.load(self.case.id)]

    @resolved("The applicant's rating, once given; null for officers, who do not learn who rated how.")
    async def rating(self, info: Info) -> Rating | None:
        who = actor(info)
        if who is None or not (who.subject == self.case.applicant or who.has_role(SUPERVISOR)):
            return None
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
            ended_at=case.ended_at,
            is_expedited=case.is_expedited,
            form_remarks=[FieldRemark(field=each.field, remark=each.remark) for each in case.form_remarks],
            answer_by=case.answer_by,
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

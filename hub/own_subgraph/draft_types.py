"""GraphQL types of what is handed in, of drafts, and of what to know before filing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

import strawberry

from hub.cases.case_content import GivenMaterial
from hub.cases.case_drafts import CaseDraft as KeptDraft
from hub.cases.filing_advice import AdviceKind
from hub.cases.filing_advice import FilingAdvice as GivenAdvice
from hub.own_subgraph.case_types import Case
from hub.own_subgraph.catalogue_types import ServiceItem
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, OwnServices, services
from schema.domain.case import Channel
from schema.domain.material import Trust

strawberry.enum(AdviceKind, description="What stands against filing, or could be gone on with.")


@strawberry.input(description="One material, by reference; D needs none: it is the applicant's pledge.")
class MaterialInput:
    code: str = strawberry.field(description="Code of the item's material.")
    reference: str | None = strawberry.field(default=None, description="Names a file, or a shared record.")
    trust: Trust | None = strawberry.field(default=None, description="Grade; C (uploaded) where none is given.")

    def given(self) -> GivenMaterial:
        return GivenMaterial(self.code, self.reference, self.trust or Trust.C)


@strawberry.type(description="A material of a draft.")
class DraftMaterial:
    code: str = strawberry.field(description="Code of the item's material.")
    reference: str | None = strawberry.field(description="Names a file, or a shared record.")
    trust: Trust = strawberry.field(description="Grade.")


@strawberry.type(description="What was begun to be filled in. No case yet, and no number.")
class CaseDraft:
    draft: strawberry.Private[KeptDraft]
    known: strawberry.Private[OwnServices]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    form: JSON = strawberry.field(description="The form as far as it was filled.")
    materials: list[DraftMaterial] = strawberry.field(description="Materials as far as they were handed in.")
    channel: Channel = strawberry.field(description="Where it was saved last.")
    saved_at: datetime = strawberry.field(description="When it was saved last.")
    kept_until: datetime = strawberry.field(description="When it is deleted unless it is saved again.")

    @resolved("The item that it is for, as it is in force now; null once it is not offered any more.")
    async def item(self, info: Info) -> ServiceItem | None:
        return await ServiceItem.resolve_reference(info, self.draft.item_code)

    @classmethod
    def of(cls, draft: KeptDraft, known: OwnServices) -> Self:
        materials = [
            DraftMaterial(code=each.code, reference=each.reference, trust=each.trust) for each in draft.materials
        ]
        return cls(
            draft=draft,
            known=known,
            id=strawberry.ID(draft.id),
            form=JSON(draft.form),
            materials=materials,
            channel=draft.channel,
            saved_at=draft.saved_at,
            kept_until=draft.kept_until,
        )


@strawberry.type(description="One thing to know before filing.")
class FilingAdvice:
    kind: AdviceKind = strawberry.field(description="What it is about.")
    text: str = strawberry.field(description="In Chinese.")
    text_en: str = strawberry.field(description="In English.")
    case: Case | None = strawberry.field(description="The own case that is open, or that led to the licence.")
    draft: CaseDraft | None = strawberry.field(description="The own draft that could be gone on with.")
    licence_number: str | None = strawberry.field(description="Number of the licence that is valid.")
    valid_until: date | None = strawberry.field(description="Its last day; null where it has none.")

    @classmethod
    def of(cls, advice: GivenAdvice, info: Info) -> Self:
        known = services(info)
        return cls(
            kind=advice.kind,
            text=advice.text,
            text_en=advice.text_en,
            case=Case.of(advice.case, Loaders(known)) if advice.case else None,
            draft=CaseDraft.of(advice.draft, known) if advice.draft else None,
            licence_number=advice.licence_number,
            valid_until=advice.valid_until,
        )

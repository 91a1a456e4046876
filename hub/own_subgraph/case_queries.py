"""What applicants ask before they file, and officers about their work."""

from __future__ import annotations

import strawberry

from hub.cases.case_work_list import Wanted
from hub.own_subgraph.case_types import CaseConnection
from hub.own_subgraph.delegation_mutations import Delegation, Substitute
from hub.own_subgraph.draft_types import CaseDraft, FilingAdvice
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.case import CaseState
from schema.domain.page import DEFAULT_PAGE


@strawberry.type
class CaseQuery:
    @resolved("Own drafts, the one saved last first.")
    async def my_drafts(self, info: Info) -> list[CaseDraft]:
        found = await services(info).drafts.drafts_of(signed_in(actor(info)))
        return [CaseDraft.of(draft, services(info)) for draft in found]

    @resolved("An own draft.")
    async def draft(self, info: Info, id: strawberry.ID) -> CaseDraft | None:
        found = await services(info).drafts.draft(signed_in(actor(info)), id)
        return CaseDraft.of(found, services(info)) if found else None

    @resolved("What to know before filing: an open case of this item, a valid licence, a draft.")
    async def filing_advice(self, info: Info, item_code: strawberry.ID) -> list[FilingAdvice]:
        found = await services(info).filing_advisor.advice(signed_in(actor(info)), item_code)
        return [FilingAdvice.of(advice, info) for advice in found]

    @resolved("Cases to work on, the oldest first: of the own department, or those one has in hand.")
    async def officer_cases(
        self,
        info: Info,
        state: list[CaseState] | None = None,
        item: strawberry.ID | None = None,
        mine: bool = False,
        overdue: bool = False,
        department: str | None = None,
        first: int = DEFAULT_PAGE,
        after: str | None = None,
    ) -> CaseConnection:
        known = services(info)
        wanted = Wanted(tuple(state or ()), item, department, mine, overdue, first, after)
        found = await known.work_list.cases(signed_in(actor(info)), wanted)
        return CaseConnection.of(found, Loaders(known))

    @resolved("What a department has delegated to whom, the newest first.")
    async def delegations(self, info: Info, department: str) -> list[Delegation]:
        found = await services(info).delegations.of_department(signed_in(actor(info)), department)
        return [Delegation.of(each) for each in found]

    @resolved("Who acts in whose place in a department, now or later.")
    async def substitutes(self, info: Info, department: str) -> list[Substitute]:
        found = await services(info).delegations.substitutes(signed_in(actor(info)), department)
        return [Substitute.of(each) for each in found]

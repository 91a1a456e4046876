"""Propose, review, admit and let go of service items; read the proposals; try a change."""

from __future__ import annotations

from datetime import datetime

import strawberry

from hub.catalogue.admissions import may_try
from hub.catalogue.item_trial import little_demand, try_item
from hub.own_subgraph.admission_types import ItemDemand, ItemProposal, ItemTrial
from hub.own_subgraph.catalogue_types import ServiceItem
from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.admission import AdmissionStep, ProposalState
from schema.errors import DomainError, RuntimeCode


@strawberry.type
class AdmissionQuery:
    @resolved("Proposals of service items, the newest first: all for reviewers, a department's own for it.")
    async def item_proposals(self, info: Info, state: ProposalState | None = None) -> list[ItemProposal]:
        found = await services(info).admissions.proposals(signed_in(actor(info)), state)
        return [ItemProposal.of(each) for each in found]

    @resolved("What a change of an item would do: lint, and last year's cases; changes nothing.")
    async def try_service_item(self, info: Info, content: JSON) -> ItemTrial:
        known, who = services(info), signed_in(actor(info))
        catalogue, checked = await known.catalogue.current(), await known.admissions.check(content)
        if not may_try(who, catalogue, checked.item):
            raise DomainError(RuntimeCode.FORBIDDEN, "This is for the item's department and its reviewers.")
        now = known.clock.now()
        return ItemTrial.of(await try_item(known.admissions.database, catalogue, checked, who, now))

    @resolved("Items with little demand in the last 365 days, to be merged or let go.")
    async def items_with_little_demand(self, info: Info, fewer_than: int = 3) -> list[ItemDemand]:
        known = services(info)
        catalogue, now = await known.catalogue.current(), known.clock.now()
        who = signed_in(actor(info))
        found = await little_demand(known.admissions.database, catalogue, who, now, fewer_than)
        loaders = Loaders(known)
        return [ItemDemand(item=ServiceItem.of(each.item, catalogue, loaders), cases=each.cases) for each in found]


@strawberry.type
class AdmissionMutation:
    @mutation("Propose a new item, or a new version of one; what the lint calls an error is not taken.")
    async def propose_service_item(self, info: Info, content: JSON, reason: str) -> ItemProposal:
        return ItemProposal.of(await services(info).admissions.propose(signed_in(actor(info)), content, reason))

    @mutation("Agree to a proposal or reject it: the legal reviewer first, then the price reviewer.")
    async def review_service_item(
        self, info: Info, proposal: strawberry.ID, approve: bool, reason: str
    ) -> ItemProposal:
        who = signed_in(actor(info))
        reviewed = await services(info).admissions.review(who, proposal, reason, approves=approve)
        return ItemProposal.of(reviewed)

    @mutation("Offer what was reviewed, from now or a coming moment on.")
    async def admit_service_item(
        self, info: Info, proposal: strawberry.ID, reason: str, effective_from: datetime | None = None
    ) -> ItemProposal:
        who = signed_in(actor(info))
        return ItemProposal.of(await services(info).admissions.admit(who, proposal, reason, effective_from))

    @mutation("Take an own proposal back.")
    async def withdraw_item_proposal(self, info: Info, proposal: strawberry.ID, reason: str) -> ItemProposal:
        who = signed_in(actor(info))
        return ItemProposal.of(await services(info).admissions.withdraw(who, proposal, reason))

    @mutation("Offer an item no longer for a time; running cases go on.")
    async def suspend_service_item(
        self, info: Info, code: strawberry.ID, reason: str, effective_from: datetime | None = None
    ) -> ServiceItem | None:
        return await _stands(info, code, AdmissionStep.SUSPENDED, reason, effective_from)

    @mutation("End a suspension.")
    async def resume_service_item(
        self, info: Info, code: strawberry.ID, reason: str, effective_from: datetime | None = None
    ) -> ServiceItem | None:
        return await _stands(info, code, AdmissionStep.RESUMED, reason, effective_from)

    @mutation("Let another item take this one's place.")
    async def merge_service_item(
        self,
        info: Info,
        code: strawberry.ID,
        successor: strawberry.ID,
        reason: str,
        effective_from: datetime | None = None,
    ) -> ServiceItem | None:
        return await _stands(info, code, AdmissionStep.MERGED, reason, effective_from, successor)

    @mutation("Take an item out of the catalogue; running cases go on.")
    async def exit_service_item(
        self, info: Info, code: strawberry.ID, reason: str, effective_from: datetime | None = None
    ) -> ServiceItem | None:
        return await _stands(info, code, AdmissionStep.EXITED, reason, effective_from)


async def _stands(
    info: Info,
    code: str,
    step: AdmissionStep,
    reason: str,
    effective_from: datetime | None,
    successor: str | None = None,
) -> ServiceItem | None:
    who = signed_in(actor(info))
    await services(info).admissions.change_standing(who, code, step, reason, effective_from, successor)
    return await ServiceItem.resolve_reference(info, code)

"""GraphQL types of admission and exit: proposals, what the lint says, trials, and the life of an item."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from hub.catalogue import item_trial
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.item_types import shown
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, services
from schema.domain import admission
from schema.domain.admission import AdmissionStep, Office, ProposalState
from schema.domain.case import CaseState
from schema.domain.catalogue import Standing, StandingState
from schema.domain.catalogue_lint import Severity

if TYPE_CHECKING:
    from hub.own_subgraph.catalogue_types import ServiceItem

LazyItem = Annotated["ServiceItem", strawberry.lazy("hub.own_subgraph.catalogue_types")]

strawberry.enum(CaseState, description="Where a case stands.")
strawberry.enum(StandingState, description="Whether an item may be applied for.")
strawberry.enum(ProposalState, description="Where a proposal stands between department and catalogue.")
strawberry.enum(AdmissionStep, description="What happened to a proposal, or to an item.")
strawberry.enum(Office, description="By which right a step was taken.")
strawberry.enum(Severity, description="An error blocks, a warning does not.")


@strawberry.type(description="What the lint of the catalogue says of an item, with the mend.")
class CatalogueFinding:
    code: str = strawberry.field(description="Which rule.")
    severity: Severity = strawberry.field(description="Whether it blocks.")
    place: str = strawberry.field(description="Which part of the item.")
    message: str = strawberry.field(description="What is wrong, and the mend.")


@strawberry.type(description="One step in the life of an item, as everybody may know it.")
class ItemStep:
    step: AdmissionStep = strawberry.field(description="What happened.")
    office: Office = strawberry.field(description="By which right.")
    at: datetime = strawberry.field(description="When.")
    reason: str = strawberry.field(description="Why.")
    version: int | None = strawberry.field(description="The version that was admitted.")
    effective_from: datetime | None = strawberry.field(description="From when it holds.")
    successor: strawberry.ID | None = strawberry.field(description="Code of the item that takes over.")


@strawberry.type(description="How an item stands: offered, suspended, merged into another, or gone.")
class Admission:
    standing: strawberry.Private[Standing]

    state: StandingState = strawberry.field(description="Whether it may be applied for.")
    since: datetime = strawberry.field(description="Since when.")
    reason: str = strawberry.field(description="Why; empty where it never changed.")

    @resolved("The item that takes its place, where it was merged.")
    async def successor(self, info: Info) -> LazyItem | None:
        from hub.own_subgraph.catalogue_types import ServiceItem  # the two know each other

        code = self.standing.successor
        return await ServiceItem.resolve_reference(info, code) if code else None

    @resolved("Every step of its life, in order.")
    async def history(self, info: Info) -> list[ItemStep]:
        code = self.standing.item
        return shown((await services(info).admissions.history((code,)))[code], ItemStep)

    @classmethod
    def of(cls, standing: Standing) -> Self:
        return cls(standing=standing, state=standing.state, since=standing.since, reason=standing.reason)


@strawberry.type(description="One step of a proposal, as its reviewers see it.")
class ProposalStep(ItemStep):
    by: strawberry.ID = strawberry.field(description="The subject of whoever took it.")


@strawberry.type(description="A version of an item that somebody wants offered.")
class ItemProposal:
    proposal: strawberry.Private[admission.Proposal]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    item: strawberry.ID = strawberry.field(description="Code of the item; it may be new.")
    state: ProposalState = strawberry.field(description="Where it stands.")
    content: JSON = strawberry.field(description="The item as it was handed in.")
    proposed_by: strawberry.ID = strawberry.field(description="The subject of whoever did.")
    proposed_at: datetime = strawberry.field(description="When.")
    charges_fee: bool = strawberry.field(description="Whether the price office has to agree.")
    version: int | None = strawberry.field(description="Its version, once admitted.")

    @resolved("What the lint says of it against the catalogue of today.")
    async def findings(self, info: Info) -> list[CatalogueFinding]:
        checked = await services(info).admissions.check(self.proposal.content)
        return shown(checked.findings, CatalogueFinding)

    @resolved("Every step, in order: who, by which right, when, why.")
    async def history(self, info: Info) -> list[ProposalStep]:
        steps = (await services(info).admissions.history((self.proposal.item,)))[self.proposal.item]
        return shown(tuple(step for step in steps if step.proposal == self.proposal.id), ProposalStep)

    @classmethod
    def of(cls, proposal: admission.Proposal) -> Self:
        return cls(
            proposal=proposal,
            id=strawberry.ID(proposal.id),
            item=strawberry.ID(proposal.item),
            state=proposal.state,
            content=JSON(dict(proposal.content)),
            proposed_by=strawberry.ID(proposal.proposed_by),
            proposed_at=proposal.proposed_at,
            charges_fee=proposal.charges_fee,
            version=proposal.version,
        )


@strawberry.type(description="A case in progress that could not have been filed so under the change.")
class TouchedCase:
    receipt_number: strawberry.ID = strawberry.field(description="Its receipt number.")
    state: CaseState = strawberry.field(description="Where it stands.")
    problems: list[str] = strawberry.field(description="What would have been refused.")


@strawberry.type(description="What a change would have done to the cases of the last 365 days.")
class ItemTrial:
    findings: list[CatalogueFinding] = strawberry.field(description="What the lint says.")
    cases: int = strawberry.field(description="How many were filed.")
    would_be_refused: int = strawberry.field(description="How many could not have been filed so.")
    in_progress: int = strawberry.field(description="How many are not finished; they keep their version.")
    in_progress_touched: int = strawberry.field(description="How many of those could not have been filed so.")
    touched: list[TouchedCase] = strawberry.field(
        description="At most 100 of those, for those who may read the cases; empty for others."
    )

    @classmethod
    def of(cls, trial: item_trial.ItemTrial) -> Self:
        return cls(
            findings=shown(trial.checked.findings, CatalogueFinding),
            cases=trial.cases,
            would_be_refused=trial.would_be_refused,
            in_progress=trial.in_progress,
            in_progress_touched=trial.in_progress_touched,
            touched=shown(trial.touched, TouchedCase),
        )


@strawberry.type(description="How often an item was asked for in the last 365 days.")
class ItemDemand:
    item: LazyItem = strawberry.field(description="The item.")
    cases: int = strawberry.field(description="Cases filed.")

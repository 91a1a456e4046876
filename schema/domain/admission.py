"""Admission and exit of service items (准入退出制): who has to agree before an item is offered, and how it leaves.

A proposal is reviewed by the legal office, then, where a fee is charged, by the price office; only then an
operator admits it, from a day on. Nobody reviews what they proposed. What was admitted stands or leaves by the
second table. Source: domain.md, section 1; art. 3, 11, 17, 22, 23.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from schema.domain.catalogue import StandingState


class ProposalState(StrEnum):
    LEGAL_REVIEW = "LEGAL_REVIEW"
    FEE_REVIEW = "FEE_REVIEW"
    REVIEWED = "REVIEWED"
    """Both offices agreed; it waits to be admitted."""
    ADMITTED = "ADMITTED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class AdmissionStep(StrEnum):
    """What happens to a proposal, or to the item that came of it."""

    PROPOSED = "proposed"
    LEGALLY_APPROVED = "legally-approved"
    FEE_APPROVED = "fee-approved"
    FEE_NOT_NEEDED = "fee-not-needed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ADMITTED = "admitted"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    MERGED = "merged"
    EXITED = "exited"


class Office(StrEnum):
    """By which right somebody took a step; reviewers by their role."""

    DEPARTMENT = "department"
    LEGAL_REVIEWER = "legal-reviewer"
    PRICE_REVIEWER = "price-reviewer"
    OPERATOR = "operator"


class AdmissionRefused(Exception):
    """This step cannot be taken now, or not by this person; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A version of an item that somebody wants offered. ``version`` is given when it is admitted."""

    id: str
    item: str
    content: Mapping[str, Any]
    proposed_by: str
    proposed_at: datetime
    charges_fee: bool
    state: ProposalState = ProposalState.LEGAL_REVIEW
    version: int | None = None

    def __str__(self) -> str:
        return f"proposal of {self.item}: {self.state}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionEvent:
    """One step in the life of an item: who, by which right, when, why."""

    item: str
    sequence: int
    step: AdmissionStep
    by: str
    office: Office
    at: datetime
    reason: str
    proposal: str | None = None
    version: int | None = None
    effective_from: datetime | None = None
    successor: str | None = None


REVIEWS: Mapping[ProposalState, tuple[Office, AdmissionStep, ProposalState]] = {
    ProposalState.LEGAL_REVIEW: (Office.LEGAL_REVIEWER, AdmissionStep.LEGALLY_APPROVED, ProposalState.FEE_REVIEW),
    ProposalState.FEE_REVIEW: (Office.PRICE_REVIEWER, AdmissionStep.FEE_APPROVED, ProposalState.REVIEWED),
}
"""Which office reviews in which state, and what its approval leads to."""

STANDINGS: Mapping[AdmissionStep, tuple[frozenset[StandingState], StandingState]] = {
    AdmissionStep.SUSPENDED: (frozenset({StandingState.ADMITTED}), StandingState.SUSPENDED),
    AdmissionStep.RESUMED: (frozenset({StandingState.SUSPENDED}), StandingState.ADMITTED),
    AdmissionStep.MERGED: (frozenset({StandingState.ADMITTED, StandingState.SUSPENDED}), StandingState.MERGED),
    AdmissionStep.EXITED: (frozenset({StandingState.ADMITTED, StandingState.SUSPENDED}), StandingState.EXITED),
}
"""From which standing an item comes by each step, and where it leads. Merged and exited are ends."""


def review(
    proposal: Proposal, office: Office, reviewer: str, *, approves: bool
) -> tuple[Proposal, tuple[AdmissionStep, ...]]:
    """The proposal after one review, and what happened. Raises :class:`AdmissionRefused`."""
    if proposal.state not in REVIEWS:
        raise AdmissionRefused(f"The {proposal}: nothing is left to review.")
    due, approved, leads_to = REVIEWS[proposal.state]
    if office is not due:
        raise AdmissionRefused(f"The {proposal}: it is the turn of the {due}.")
    if reviewer == proposal.proposed_by:
        raise AdmissionRefused("Nobody reviews what they proposed. Let another person do it.")
    if not approves:
        return replace(proposal, state=ProposalState.REJECTED), (AdmissionStep.REJECTED,)
    if leads_to is ProposalState.FEE_REVIEW and not proposal.charges_fee:
        return replace(proposal, state=ProposalState.REVIEWED), (approved, AdmissionStep.FEE_NOT_NEEDED)
    return replace(proposal, state=leads_to), (approved,)


def admit(proposal: Proposal, version: int, effective_from: datetime, now: datetime) -> Proposal:
    """The proposal as the version that is offered. Raises :class:`AdmissionRefused`."""
    if proposal.state is not ProposalState.REVIEWED:
        raise AdmissionRefused(f"The {proposal}: only what was reviewed is admitted.")
    if effective_from < now:
        raise AdmissionRefused("An item is not admitted from a past day on: cases were filed meanwhile.")
    return replace(proposal, state=ProposalState.ADMITTED, version=version)


def withdraw(proposal: Proposal) -> Proposal:
    """Raises :class:`AdmissionRefused` once it was decided."""
    if proposal.state not in (*REVIEWS, ProposalState.REVIEWED):
        raise AdmissionRefused(f"The {proposal}: it cannot be withdrawn any more.")
    return replace(proposal, state=ProposalState.WITHDRAWN)


def next_standing(standing: StandingState, step: AdmissionStep) -> StandingState:
    """How an item stands after the step. Raises :class:`AdmissionRefused`."""
    sources, leads_to = STANDINGS[step]
    if standing not in sources:
        raise AdmissionRefused(f'The item is {standing}: it cannot be "{step}" now.')
    return leads_to

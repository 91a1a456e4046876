"""The hub's part of a citizen: their cases and fees, for themselves alone (or by office)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Self

import strawberry

from hub.own_subgraph.case_types import Case, CaseConnection
from hub.own_subgraph.fee_types import FeeOrder
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.node import Node
from hub.own_subgraph.services import Info, actor, services
from hub.people import identity_number
from hub.who import signed_in
from schema.domain.case import Case as DomainCase
from schema.domain.page import PageRequest, Place, page

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@strawberry.federation.type(keys=["id", "idNumber"], description="A natural person.")
class Citizen(Node):
    id: strawberry.ID = strawberry.field(description="Opaque identifier, the same in every token of this person.")

    @resolved("Resident identity number; for departments only.", inaccessible=True)
    async def id_number(self, info: Info) -> str:
        return await identity_number(services(info).people, self.id)

    @resolved("Cases of this person, newest first.")
    async def cases(self, info: Info) -> list[Case]:
        known, loaders = services(info), Loaders(services(info))
        cases = await known.cases.cases_of(signed_in(actor(info)), self.id)
        return [Case.of(case, loaders) for case in cases]

    @resolved("Cases of this person, newest first, by the page.")
    async def case_connection(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> CaseConnection:
        known = services(info)
        cases = await known.cases.cases_of(signed_in(actor(info)), self.id)
        return CaseConnection.of(page(cases, _place, PageRequest(first, after, last, before)), Loaders(known))

    @resolved("Fee orders of this person, newest first.")
    async def fees(self, info: Info) -> list[FeeOrder]:
        known, loaders = services(info), Loaders(services(info))
        orders = await known.fees.orders_of(signed_in(actor(info)), self.id)
        return [FeeOrder.of(order, loaders) for order in orders]

    @classmethod
    async def resolve_reference(
        cls,
        info: Info,
        id: str | None = None,
        idNumber: str | None = None,  # noqa: N803  named as in the representation
    ) -> Self | None:
        """Carries the key only; every field checks who asks."""
        subject = id or (await services(info).people.subject_of(idNumber) if idNumber else None)
        return cls(id=strawberry.ID(subject)) if subject else None


def _place(case: DomainCase) -> Place:
    """In a list of the newest first."""
    age = (case.submitted_at or _EPOCH) - _EPOCH
    return (-(age // timedelta(microseconds=1)), case.receipt_number)

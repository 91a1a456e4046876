"""The hub's part of a citizen: their cases and fees, for themselves alone (or by office)."""

from __future__ import annotations

from typing import Self

import strawberry

from hub.own_subgraph.case_types import Case
from hub.own_subgraph.fee_types import FeeOrder
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.people import identity_number
from hub.who import signed_in


@strawberry.federation.type(keys=["id", "idNumber"], description="A natural person.")
class Citizen:
    subject: strawberry.Private[str]

    @resolved("Opaque identifier, the same in every token of this person.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.subject)

    @resolved("Resident identity number; for departments only.", inaccessible=True)
    async def id_number(self, info: Info) -> str:
        return await identity_number(services(info).people, self.subject)

    @resolved("Cases of this person, newest first.")
    async def cases(self, info: Info) -> list[Case]:
        known, loaders = services(info), Loaders(services(info))
        cases = await known.cases.cases_of(signed_in(actor(info)), self.subject)
        return [Case.of(case, loaders) for case in cases]

    @resolved("Fee orders of this person, newest first.")
    async def fees(self, info: Info) -> list[FeeOrder]:
        known, loaders = services(info), Loaders(services(info))
        orders = await known.fees.orders_of(signed_in(actor(info)), self.subject)
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
        return cls(subject=subject) if subject else None

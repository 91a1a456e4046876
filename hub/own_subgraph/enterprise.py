"""The hub's part of an enterprise: its cases and fees, for who acts for it (or by office)."""

from __future__ import annotations

from typing import Self

import strawberry

from hub.own_subgraph.case_types import Case, CaseConnection
from hub.own_subgraph.fee_types import FeeOrder
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.page import PageRequest
from schema.errors import DomainError, RuntimeCode


@strawberry.federation.type(keys=["creditCode"], description="A legal person; departments know it.")
class Enterprise:
    credit_code: strawberry.ID = strawberry.field(description="Unified social credit code (GB 32100).")

    @resolved("The newest cases of this enterprise, at most a hundred, newest first.")
    async def cases(self, info: Info) -> list[Case]:
        known, loaders = services(info), Loaders(services(info))
        cases = await known.cases.cases_of(signed_in(actor(info)), await self._party(info))
        return [Case.of(case, loaders) for case in cases]

    @resolved("Cases of this enterprise, newest first, by the page.")
    async def case_connection(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> CaseConnection:
        known, wanted = services(info), PageRequest(first, after, last, before)
        page = await known.cases.page_of(signed_in(actor(info)), await self._party(info), wanted)
        return CaseConnection.of(page, Loaders(known))

    @resolved("Fee orders of this enterprise, newest first.")
    async def fees(self, info: Info) -> list[FeeOrder]:
        known, loaders = services(info), Loaders(services(info))
        orders = await known.fees.orders_of(signed_in(actor(info)), await self._party(info))
        return [FeeOrder.of(order, loaders) for order in orders]

    async def _party(self, info: Info) -> str:
        """Its opaque id. Nobody has acted for it here, and it has nothing here, where it is not known."""
        party = await services(info).people.subject_of(self.credit_code)
        if party is None:
            raise DomainError(RuntimeCode.FORBIDDEN, "This is for who acts for the enterprise.")
        return party

    @classmethod
    async def resolve_reference(cls, creditCode: str) -> Self:  # noqa: N803  named as in the representation
        """Carries the key only; every field checks who asks."""
        return cls(credit_code=strawberry.ID(creditCode))

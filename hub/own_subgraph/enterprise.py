"""The hub's part of an enterprise: its cases and fees, for who acts for it (or by office)."""

from __future__ import annotations

from typing import Self

import strawberry

from hub.own_subgraph.case_types import Case, CaseConnection
from hub.own_subgraph.fee_types import FeeOrder
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.party_fields import cases_of, fees_of, page_of
from hub.own_subgraph.services import Info, services
from schema.domain.page import PageRequest
from schema.errors import DomainError, RuntimeCode


@strawberry.federation.type(keys=["creditCode"], description="A legal person; departments know it.")
class Enterprise:
    credit_code: strawberry.ID = strawberry.field(description="Unified social credit code (GB 32100).")

    @resolved("The newest cases of this enterprise, at most a hundred, newest first.")
    async def cases(self, info: Info) -> list[Case]:
        return await cases_of(info, await self._party(info))

    @resolved("Cases of this enterprise, newest first, by the page.")
    async def case_connection(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> CaseConnection:
        return await page_of(info, await self._party(info), PageRequest(first, after, last, before))

    @resolved("Fee orders of this enterprise, newest first.")
    async def fees(self, info: Info) -> list[FeeOrder]:
        return await fees_of(info, await self._party(info))

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

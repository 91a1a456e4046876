"""The hub's part of a citizen: their cases and fees, for themselves alone (or by office)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from hub.own_subgraph.case_types import Case, CaseConnection
from hub.own_subgraph.fee_types import FeeOrder
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.gather import GATHER
from hub.own_subgraph.identity_document_types import IdentityDocument, identity_keys
from hub.own_subgraph.node import Node
from hub.own_subgraph.party_fields import cases_of, fees_of, page_of
from hub.own_subgraph.scalars import IdentityKeys
from hub.own_subgraph.services import Info, actor, services
from hub.people.people import identity_number
from hub.people.who import signed_in
from schema.domain.page import PageRequest
from schema.errors import DomainError, RuntimeCode

if TYPE_CHECKING:
    from hub.own_subgraph.licence_types import Licence

_Licence = Annotated["Licence", strawberry.lazy("hub.own_subgraph.licence_types")]


@strawberry.federation.type(keys=["id", "idNumber"], description="A natural person.")
class Citizen(Node):
    id: strawberry.ID = strawberry.field(description="Opaque identifier, the same in every token of this person.")

    @resolved(
        "By what departments know this person: the number of the resident card, or of the document that they have "
        "in its place; for departments only.",
        inaccessible=True,
    )
    async def id_number(self, info: Info) -> str:
        return await identity_number(services(info).people, self.id)

    @resolved(
        "All documents of this person, for departments that know people by several, by passport, or by kind and "
        "number; those that are over too.",
        inaccessible=True,
        shareable=True,
    )
    async def identity_keys(self, info: Info) -> IdentityKeys:
        return identity_keys(await services(info).people.documents_of(self.id))

    @resolved("Documents by which this person proves who they are, for themselves; those that are over stay.")
    async def identity_documents(self, info: Info) -> list[IdentityDocument]:
        who = signed_in(actor(info))
        if who.person != self.id:
            raise DomainError(RuntimeCode.FORBIDDEN, "A person's identity documents are for themselves alone.")
        return [IdentityDocument.of(each) for each in await services(info).people.documents_of(self.id)]

    @resolved("The newest cases of this person, at most a hundred, newest first.")
    async def cases(self, info: Info) -> list[Case]:
        return await cases_of(info, self.id)

    @resolved("Cases of this person, newest first, by the page.")
    async def case_connection(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> CaseConnection:
        return await page_of(info, self.id, PageRequest(first, after, last, before))

    @resolved("Fee orders of this person, newest first.")
    async def fees(self, info: Info) -> list[FeeOrder]:
        return await fees_of(info, self.id)

    @resolved("Licences that the hub issued to this person, beside those of the departments.", directives=[GATHER])
    async def licences(self, info: Info) -> list[_Licence]:
        from hub.own_subgraph.licence_types import Licence

        found = await services(info).licences.of(signed_in(actor(info)), self.id)
        return [Licence.of(row) for row in found]

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

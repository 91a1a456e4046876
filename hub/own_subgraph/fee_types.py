"""GraphQL types of fees and payments."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from hub.fees import Payment as BegunPayment
from hub.own_subgraph.catalogue_types import Organisation
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.who import signed_in
from schema.domain.fee import FeeOrder as DomainOrder
from schema.domain.fee import FeeState
from schema.errors import DomainError, RuntimeCode

if TYPE_CHECKING:
    from hub.own_subgraph.case_types import Case

strawberry.enum(FeeState, description="How a fee order stands.")


@strawberry.federation.type(keys=["number"], description="What one person owes one organisation for one case.")
class FeeOrder:
    order: strawberry.Private[DomainOrder]
    loaders: strawberry.Private[Loaders]

    number: strawberry.ID = strawberry.field(description="Number of the order.")
    name: str = strawberry.field(description="What the fee is for, in Chinese.")
    name_en: str = strawberry.field(description="What the fee is for, in English.")
    amount_fen: int = strawberry.field(description="Amount in fen (1/100 of the currency).")
    currency: str = strawberry.field(description="ISO 4217 code.")
    state: FeeState = strawberry.field(description="How the order stands.")
    created_at: datetime = strawberry.field(description="When it was made.")
    due_at: datetime | None = strawberry.field(description="The case lapses if it is unpaid by then.")
    paid_at: datetime | None = strawberry.field(description="When it was paid.")

    @resolved("Who is paid.")
    async def payee(self, info: Info) -> Organisation:
        catalogue = await services(info).catalogue.current()
        return Organisation.of(catalogue.organisations[self.order.payee])

    @resolved("The case it belongs to.")
    async def case(self, info: Info) -> Annotated[Case, strawberry.lazy("hub.own_subgraph.case_types")]:
        from hub.own_subgraph.case_types import Case

        found = await services(info).cases.case(signed_in(actor(info)), self.order.case_id)
        if found is None:
            raise DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")
        return Case.of(found, self.loaders)

    @classmethod
    async def resolve_reference(cls, info: Info, number: str) -> Self | None:
        who = actor(info)
        found = await services(info).fees.order(who, number) if who else None
        return cls.of(found, Loaders(services(info))) if found else None

    @classmethod
    def of(cls, order: DomainOrder, loaders: Loaders) -> Self:
        return cls(
            order=order,
            loaders=loaders,
            number=strawberry.ID(order.number),
            name=order.name,
            name_en=order.name_en,
            amount_fen=order.amount_fen,
            currency=order.currency,
            state=order.state,
            created_at=order.created_at,
            due_at=order.due_at,
            paid_at=order.paid_at,
        )


@strawberry.type(description="A payment that was begun at the cashier.")
class Payment:
    number: strawberry.ID = strawberry.field(description="The cashier's number.")
    amount_fen: int = strawberry.field(description="Sum of the orders, in fen.")
    pay_url: str | None = strawberry.field(description="Where to pay.")
    expires_at: datetime = strawberry.field(description="When the cashier stops waiting.")

    @classmethod
    def of(cls, payment: BegunPayment) -> Self:
        return cls(
            number=strawberry.ID(payment.number),
            amount_fen=payment.amount_fen,
            pay_url=payment.pay_url,
            expires_at=payment.expires_at,
        )

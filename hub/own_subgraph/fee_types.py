"""GraphQL types of fees and payments."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from hub.fees.fees import Payment as BegunPayment
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.place_types import Organisation
from hub.own_subgraph.refund_types import FeeReceipt, Refund
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.fee import FeeOrder as DomainOrder
from schema.domain.fee import FeeState
from schema.domain.payment import PaymentState
from schema.errors import DomainError, RuntimeCode

if TYPE_CHECKING:
    from hub.own_subgraph.case_types import Case

strawberry.enum(FeeState, description="How a fee order stands; AUTHORISED: the money is held and not taken.")
strawberry.enum(
    PaymentState,
    description="How a payment stands; AUTHORISED: held, not taken; TO_REFUND: nobody owed it, it goes back.",
)


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
    legal_basis: str = strawberry.field(description="The document that sets it, in Chinese.")
    legal_basis_en: str = strawberry.field(description="The document that sets it, in English.")
    hold_ends_at: datetime | None = strawberry.field(
        description="While its money is held and not taken: when it is let go, if it was not taken by then."
    )
    refunded_fen: int = strawberry.field(description="What of it was refunded or is on its way back, in fen.")

    @resolved("Its electronic receipts: one of the payment, one of each refund, as soon as they are given out.")
    async def receipts(self) -> list[FeeReceipt]:
        return [FeeReceipt.of(each) for each in await self.loaders.receipts.load(self.order.number)]

    @resolved("What of it went back, or is on its way.")
    async def refunds(self) -> list[Refund]:
        return [Refund.of(each) for each in await self.loaders.refunds.load(self.order.number)]

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
            legal_basis=order.legal_basis,
            legal_basis_en=order.legal_basis_en,
            hold_ends_at=order.hold_ends_at,
            refunded_fen=order.refunded_fen,
        )


@strawberry.type(description="A payment that was begun at the cashier.")
class Payment:
    number: strawberry.ID = strawberry.field(description="The cashier's number.")
    state: PaymentState = strawberry.field(description="How it stands.")
    orders: list[strawberry.ID] = strawberry.field(description="The fee orders that it is for.")
    amount_fen: int = strawberry.field(description="Sum of the orders, in fen.")
    pay_url: str | None = strawberry.field(description="Where to pay.")
    expires_at: datetime = strawberry.field(description="When the cashier stops waiting.")
    hold_ends_at: datetime | None = strawberry.field(
        description="Of one whose money is or was held: when what is left of it is let go."
    )

    @classmethod
    def of(cls, payment: BegunPayment) -> Self:
        return cls(
            number=strawberry.ID(payment.number),
            state=payment.state,
            orders=[strawberry.ID(each) for each in payment.orders],
            amount_fen=payment.amount_fen,
            pay_url=payment.pay_url,
            expires_at=payment.expires_at,
            hold_ends_at=payment.hold_ends_at,
        )

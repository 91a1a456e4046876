"""What can be asked about payments, holds, refunds and the books of fees."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.fee_types import Payment
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.hold_types import HoldCommand
from hub.own_subgraph.reconciliation_types import FeeBooks, ReconciliationOfDay, RefusedCallbacks
from hub.own_subgraph.refund_types import Refund
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain.hold import HoldCommandState
from schema.domain.refund import RefundState


@strawberry.type
class FeeQuery:
    @resolved("Your own payments, the newest first.")
    async def my_payments(self, info: Info, first: int = 20) -> list[Payment]:
        found = await services(info).fees.payments_of(signed_in(actor(info)), first)
        return [Payment.of(each) for each in found]

    @resolved(
        "What was, or is to be, taken of held money or let go, the newest first, for those who keep the fees."
    )
    async def hold_commands(
        self, info: Info, state: HoldCommandState | None = None, first: int = 50
    ) -> list[HoldCommand]:
        found = await services(info).fee_services.holds.list(signed_in(actor(info)), state, first)
        return [HoldCommand.of(each) for each in found]

    @resolved("Refunds, the newest first, for those who keep the fees.")
    async def refunds(self, info: Info, state: RefundState | None = None, first: int = 50) -> list[Refund]:
        found = await services(info).fee_services.refunds.list(signed_in(actor(info)), state, first)
        return [Refund.of(each) for each in found]

    @resolved("Comparisons of our books with the provider's statements, the newest first.")
    async def reconciliations(self, info: Info, first: int = 14) -> list[ReconciliationOfDay]:
        found = await services(info).fee_services.reconciliations.newest(signed_in(actor(info)), first)
        return [ReconciliationOfDay.of(each) for each in found]

    @resolved("What each account of the fees holds.")
    async def fee_books(self, info: Info) -> FeeBooks:
        return FeeBooks.of(await services(info).fee_services.reconciliations.books(signed_in(actor(info))))

    @resolved("Payment callbacks that were not believed, by the minute.")
    async def refused_callbacks(self, info: Info) -> list[RefusedCallbacks]:
        found = await services(info).fee_services.callback_refusals.newest(signed_in(actor(info)))
        return [RefusedCallbacks.of(each) for each in found]

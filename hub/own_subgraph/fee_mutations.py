"""What can be done with fees: paying, refunding, comparing the books."""

from __future__ import annotations

from datetime import date

import strawberry

from hub.own_subgraph.fee_types import Payment
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.reconciliation_types import ReconciliationDifference, ReconciliationOfDay
from hub.own_subgraph.refund_types import Refund
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in


@strawberry.type
class FeeMutation:
    @mutation("Begin one payment for some own fee orders. A key makes one payment, however often it comes.")
    async def pay_fees(
        self, info: Info, orders: list[strawberry.ID], idempotency_key: str | None = None
    ) -> Payment:
        payment = await services(info).fees.pay_fees(signed_in(actor(info)), orders, idempotency_key)
        return Payment.of(payment)

    @mutation("Send a paid fee back, all that is left of it or a part. A key makes one refund.")
    async def refund_fee(
        self,
        info: Info,
        order: strawberry.ID,
        reason: str,
        amount_fen: int | None = None,
        idempotency_key: str | None = None,
    ) -> Refund:
        who, refunds = signed_in(actor(info)), services(info).fee_services.refunds
        return Refund.of(await refunds.order(who, order, amount_fen, reason, idempotency_key))

    @mutation("Compare a day's books with the provider's statement now.")
    async def reconcile_payments(self, info: Info, day: date) -> ReconciliationOfDay:
        who, reconciliations = signed_in(actor(info)), services(info).fee_services.reconciliations
        return ReconciliationOfDay.of(await reconciliations.reconcile(who, day))

    @mutation("Say what an open difference is.")
    async def explain_difference(
        self, info: Info, id: strawberry.ID, explanation: str
    ) -> ReconciliationDifference:
        who, reconciliations = signed_in(actor(info)), services(info).fee_services.reconciliations
        return ReconciliationDifference.of(await reconciliations.explain(who, id, explanation))

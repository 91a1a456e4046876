"""GraphQL types of refunds and receipts."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from schema.domain.fee_receipt import FeeReceipt as DomainReceipt
from schema.domain.refund import Refund as DomainRefund
from schema.domain.refund import RefundGround, RefundState

strawberry.enum(RefundState, description="ORDERED until the payment provider has done or refused it.")
strawberry.enum(RefundGround, description="Why money goes back.")


@strawberry.type(description="Money of a fee on its way back, or back.")
class Refund:
    id: strawberry.ID = strawberry.field(description="Opaque identifier, also at the payment provider.")
    order: strawberry.ID | None = strawberry.field(description="The fee order; null for money that nobody owed.")
    amount_fen: int = strawberry.field(description="How much, in fen.")
    ground: RefundGround = strawberry.field(description="Why it goes back.")
    reason: str = strawberry.field(description="The same in words.")
    state: RefundState = strawberry.field(description="How it stands.")
    ordered_at: datetime = strawberry.field(description="When it was decided.")
    done_at: datetime | None = strawberry.field(description="When the provider paid it back.")
    refusal: str | None = strawberry.field(description="Why the provider does not.")

    @classmethod
    def of(cls, refund: DomainRefund) -> Self:
        return cls(
            id=strawberry.ID(refund.id),
            order=strawberry.ID(refund.order) if refund.order else None,
            amount_fen=refund.amount_fen,
            ground=refund.ground,
            reason=refund.reason,
            state=refund.state,
            ordered_at=refund.ordered_at,
            done_at=refund.done_at,
            refusal=refund.refusal,
        )


@strawberry.type(description="An electronic receipt of a fee, numbered without a gap.")
class FeeReceipt:
    number: strawberry.ID = strawberry.field(description="Printed number, with a check character.")
    amount_fen: int = strawberry.field(description="In fen; negative for a refund.")
    is_reversal: bool = strawberry.field(description="Whether it is of a refund.")
    issued_at: datetime = strawberry.field(description="When it was given out.")
    signed: str = strawberry.field(description="What it says as a compact JWS; the keys are at /oauth/jwks.")

    @classmethod
    def of(cls, receipt: DomainReceipt) -> Self:
        return cls(
            number=strawberry.ID(receipt.number),
            amount_fen=receipt.amount_fen,
            is_reversal=receipt.is_reversal,
            issued_at=receipt.issued_at,
            signed=receipt.signed,
        )

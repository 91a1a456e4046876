"""GraphQL types of what is done with held money."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from schema.domain.hold import HoldAct, HoldCommandState, HoldGround
from schema.domain.hold import HoldCommand as DomainCommand

strawberry.enum(HoldAct, description="CAPTURE takes what is held, VOID lets it go.")
strawberry.enum(HoldCommandState, description="ORDERED until the payment provider has done or refused it.")
strawberry.enum(HoldGround, description="Why held money is taken, or let go.")


@strawberry.type(description="What the payment provider is told to do with a part of a hold.")
class HoldCommand:
    id: strawberry.ID = strawberry.field(description="Opaque identifier, also at the payment provider.")
    order: strawberry.ID | None = strawberry.field(description="The fee order; null for a hold that nobody owed.")
    act: HoldAct = strawberry.field(description="Whether it is taken or let go.")
    amount_fen: int = strawberry.field(description="How much, in fen.")
    ground: HoldGround = strawberry.field(description="Why.")
    state: HoldCommandState = strawberry.field(description="How it stands.")
    ordered_at: datetime = strawberry.field(description="When it was decided.")
    done_at: datetime | None = strawberry.field(description="When the provider did it.")
    refusal: str | None = strawberry.field(description="Why the provider does not.")

    @classmethod
    def of(cls, command: DomainCommand) -> Self:
        return cls(
            id=strawberry.ID(command.id),
            order=strawberry.ID(command.order) if command.order else None,
            act=command.act,
            amount_fen=command.amount_fen,
            ground=command.ground,
            state=command.state,
            ordered_at=command.ordered_at,
            done_at=command.done_at,
            refusal=command.refusal,
        )

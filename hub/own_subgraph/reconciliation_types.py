"""GraphQL types of the books of fees and of their comparison with the payment provider's statements."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

import strawberry

from hub.fees.books import Books
from hub.fees.callback_refusals import CallbackRefusal as DomainRefusal
from hub.fees.reconciliation import DayReconciliation, DifferenceState
from hub.own_subgraph.enums import CallbackFault
from hub.own_subgraph.scalars import Fen
from hub.tables.fee import ReconciliationDifferenceRow
from schema.domain.reconciliation import DifferenceKind, MovementKind

strawberry.enum(DifferenceKind, description="What differs between our books and the provider's statement.")
strawberry.enum(MovementKind, description="What moved or held money.")
strawberry.enum(DifferenceState, description="Whether a difference waits for somebody.")


@strawberry.type(description="One difference between our books and the provider's statement.")
class ReconciliationDifference:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    day: date = strawberry.field(description="The day in Beijing.")
    kind: DifferenceKind = strawberry.field(description="What differs.")
    movement: MovementKind = strawberry.field(
        description="Of what: a payment, a refund, or something done with a hold."
    )
    number: str = strawberry.field(description="The payment's number at the provider.")
    here: str | None = strawberry.field(description="How we have it.")
    there: str | None = strawberry.field(description="How the provider has it.")
    state: DifferenceState = strawberry.field(description="Whether it waits for somebody.")
    explanation: str | None = strawberry.field(description="What an officer says about it.")
    explained_at: datetime | None = strawberry.field(description="When.")

    @classmethod
    def of(cls, row: ReconciliationDifferenceRow) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            day=row.day,
            kind=DifferenceKind(row.kind),
            movement=MovementKind(row.movement),
            number=row.number,
            here=row.here,
            there=row.there,
            state=DifferenceState(row.state),
            explanation=row.explanation,
            explained_at=row.explained_at,
        )


@strawberry.type(name="Reconciliation", description="A day's books compared with the provider's statement.")
class ReconciliationOfDay:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    day: date = strawberry.field(description="The day in Beijing.")
    at: datetime = strawberry.field(description="When it was compared.")
    movements_here: int = strawberry.field(description="Payments, refunds and acts on holds in our books.")
    movements_there: int = strawberry.field(description="Lines of the statement.")
    amount_here_fen: Fen = strawberry.field(description="Our sum; refunds count against it, holds do not count.")
    amount_there_fen: Fen = strawberry.field(description="The statement's sum.")
    is_balanced: bool = strawberry.field(description="Nothing differs that waits for somebody.")
    differences: list[ReconciliationDifference] = strawberry.field(
        description="Each by its name, open ones first."
    )

    @classmethod
    def of(cls, found: DayReconciliation) -> Self:
        row = found.row
        return cls(
            id=strawberry.ID(row.id),
            day=row.day,
            at=row.at,
            movements_here=row.movements_here,
            movements_there=row.movements_there,
            amount_here_fen=Fen(row.amount_here_fen),
            amount_there_fen=Fen(row.amount_there_fen),
            is_balanced=all(each.state != DifferenceState.OPEN for each in found.differences),
            differences=[ReconciliationDifference.of(each) for each in found.differences],
        )


@strawberry.type(description="What an account of the books holds.")
class FeeAccount:
    name: str = strawberry.field(
        description="cashier, unowed, refunds, holds, pledged, or payee: and an organisation's code."
    )
    balance_fen: Fen = strawberry.field(description="Positive is money that we have, negative what we owe.")


@strawberry.type(description="The books of all fees, by double entry.")
class FeeBooks:
    accounts: list[FeeAccount] = strawberry.field(description="By name.")
    problems: list[str] = strawberry.field(
        description="What does not add up; empty unless rows were changed by hand."
    )

    @classmethod
    def of(cls, books: Books) -> Self:
        accounts = [FeeAccount(name=each.name, balance_fen=Fen(each.balance_fen)) for each in books.accounts]
        return cls(accounts=accounts, problems=list(books.problems))


@strawberry.type(description="Payment callbacks that were not believed, within one minute.")
class RefusedCallbacks:
    minute: datetime = strawberry.field(description="The minute.")
    fault: CallbackFault = strawberry.field(description="Why.")
    count: int = strawberry.field(description="How many.")
    body_digest: str = strawberry.field(description="SHA-256 of the last one's body, in hex.")

    @classmethod
    def of(cls, refusal: DomainRefusal) -> Self:
        return cls(
            minute=refusal.minute, fault=refusal.fault, count=refusal.count, body_digest=refusal.body_digest
        )

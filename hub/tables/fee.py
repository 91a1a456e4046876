"""Fee orders, payments, which payment is for which orders, holds, refunds, receipts, and the books of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime
from schema.domain.fee import FeeCovers


class FeeOrderRow(SQLModel, table=True):
    """What one person owes for one case. ``payment`` is the payment that has it in hand, ``hold_ends_at`` when the
    provider lets go what it holds for it."""

    __tablename__ = "fee_order"
    __table_args__ = (Index("ix_fee_order_hold_ends", "state", "hold_ends_at"),)

    number: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="service_case.id", index=True)
    applicant: str = Field(index=True)
    name: str
    name_en: str
    amount_fen: int = Field(sa_type=BigInteger)
    currency: str
    payee: str
    state: str = Field(index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    payment: str | None = None
    code: str = ""
    step: str | None = None
    covers: str = FeeCovers.RESULT
    legal_basis: str = ""
    legal_basis_en: str = ""
    refunded_fen: int = Field(default=0, sa_type=BigInteger)
    hold_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PaymentRow(SQLModel, table=True):
    """One payment. ``id`` is ours and the idempotency key at the provider, ``number`` is the provider's.

    ``is_to_hold``: the provider was asked to hold the money; ``authorised_at``: since when it does, or did.
    """

    __tablename__ = "payment"
    __table_args__ = (UniqueConstraint("payer", "idempotency_key"),)

    id: str = Field(primary_key=True)
    number: str | None = Field(default=None, unique=True)
    payer: str
    idempotency_key: str | None = None
    amount_fen: int = Field(sa_type=BigInteger)
    state: str = Field(index=True)
    pay_url: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    next_poll_at: datetime = Field(sa_type=UtcDateTime)
    is_to_hold: bool = False
    authorised_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    hold_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PaymentOrderRow(SQLModel, table=True):
    """One order within one payment."""

    __tablename__ = "payment_order"

    payment_id: str = Field(primary_key=True, foreign_key="payment.id")
    order_number: str = Field(primary_key=True, foreign_key="fee_order.number")


class HoldCommandRow(SQLModel, table=True):
    """What the provider is to do with a part of a hold: take it (capture) or let it go (void). ``id`` is ours and
    the key at the provider; one without ``order_number`` lets a whole hold go that nobody owed."""

    __tablename__ = "hold_command"
    __table_args__ = (Index("ix_hold_command_state_next", "state", "next_ask_at"),)

    id: str = Field(primary_key=True)
    payment_id: str = Field(foreign_key="payment.id", index=True)
    order_number: str | None = Field(default=None, foreign_key="fee_order.number", index=True)
    act: str
    amount_fen: int = Field(sa_type=BigInteger)
    ground: str
    state: str
    ordered_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    refusal: str | None = None
    next_ask_at: datetime = Field(sa_type=UtcDateTime)
    asked: int = 0


class RefundRow(SQLModel, table=True):
    """Money on its way back. ``id`` is ours and the key at the provider; one without ``order_number`` is a whole
    payment that nobody owed."""

    __tablename__ = "refund"
    __table_args__ = (Index("ix_refund_state_next", "state", "next_ask_at"),)

    id: str = Field(primary_key=True)
    payment_id: str = Field(foreign_key="payment.id", index=True)
    order_number: str | None = Field(default=None, foreign_key="fee_order.number", index=True)
    payee: str | None = None
    amount_fen: int = Field(sa_type=BigInteger)
    ground: str
    reason: str
    state: str
    ordered_at: datetime = Field(sa_type=UtcDateTime)
    ordered_by: str | None = None
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    refusal: str | None = None
    next_ask_at: datetime = Field(sa_type=UtcDateTime)
    asked: int = 0


class LedgerPostingRow(SQLModel, table=True):
    """One posting of an entry of the books; the same entry cannot be booked twice."""

    __tablename__ = "ledger_posting"

    entry: str = Field(primary_key=True)
    account: str = Field(primary_key=True, index=True)
    amount_fen: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcDateTime)


class FeeReceiptRow(SQLModel, table=True):
    """An electronic receipt (电子票据): of a paid order, or of a refund, whose amount is negative (冲红).

    ``subject`` names what it is for, so that nothing has two; ``signed`` is the receipt as a JWS.
    Until it is given out it has no number: it is due.
    """

    __tablename__ = "fee_receipt"

    subject: str = Field(primary_key=True)
    number: str | None = Field(default=None, unique=True)
    order_number: str = Field(foreign_key="fee_order.number", index=True)
    amount_fen: int = Field(sa_type=BigInteger)
    issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    signed: str | None = None


class FeeReceiptSeriesRow(SQLModel, table=True):
    """The last serial of a year's receipts: locked while the next is given out, so that no number is left out."""

    __tablename__ = "fee_receipt_series"

    year: int = Field(primary_key=True)
    last: int


class PaymentCallbackRefusalRow(SQLModel, table=True):
    """Callbacks that were not believed, counted by the minute and the reason: a flood leaves few rows."""

    __tablename__ = "payment_callback_refusal"

    minute: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    reason: str = Field(primary_key=True)
    count: int
    body_digest: str


class ReconciliationRow(SQLModel, table=True):
    """One comparison of a day's books with the provider's statement."""

    __tablename__ = "reconciliation"

    id: str = Field(primary_key=True)
    day: date = Field(index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    movements_here: int
    movements_there: int
    amount_here_fen: int = Field(sa_type=BigInteger)
    amount_there_fen: int = Field(sa_type=BigInteger)


class ReconciliationDifferenceRow(SQLModel, table=True):
    """One difference that a comparison found. ``number`` is the movement's at the provider, else ours."""

    __tablename__ = "reconciliation_difference"

    id: str = Field(primary_key=True)
    reconciliation_id: str = Field(foreign_key="reconciliation.id", index=True)
    day: date = Field(index=True)
    kind: str
    movement: str
    number: str
    here: str | None = None
    there: str | None = None
    state: str
    explanation: str | None = None
    explained_by: str | None = None
    explained_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

"""Fee orders, payments, and which payment is for which orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.database import UtcDateTime


class FeeOrderRow(SQLModel, table=True):
    """What one person owes for one case. ``payment`` is the payment that has it in hand."""

    __tablename__ = "fee_order"

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


class PaymentRow(SQLModel, table=True):
    """One payment. ``id`` is ours and the idempotency key at the provider, ``number`` is the provider's."""

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
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_poll_at: datetime = Field(sa_type=UtcDateTime)


class PaymentOrderRow(SQLModel, table=True):
    """One order within one payment."""

    __tablename__ = "payment_order"

    payment_id: str = Field(primary_key=True, foreign_key="payment.id")
    order_number: str = Field(primary_key=True, foreign_key="fee_order.number")

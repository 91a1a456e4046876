"""The payment provider behind our own nouns: what a hub asks of any of them.

It takes one payment for several orders, answers the same key with the same payment, and calls back when it is
paid; since a call can be lost, it can be asked as well. It pays back under a key of ours, once, and states what it
moved in a day. One that can hold money (预授权) takes it later, in parts, or lets it go, under keys of ours too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from schema.domain.hold import HoldAct, HoldCommandState
from schema.domain.reconciliation import Movement
from schema.domain.refund import RefundState


@dataclass(frozen=True, slots=True)
class OrderToPay:
    number: str
    amount_fen: int
    payee: str


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """``key`` is ours: the provider never makes two payments for one key. ``is_to_hold``: hold the money, take
    nothing yet; where the payer's way of paying does not allow that, it is taken at once."""

    key: str
    orders: tuple[OrderToPay, ...]
    amount_fen: int
    return_url: str
    is_to_hold: bool = False


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    number: str
    pay_url: str
    expires_at: datetime


class ReportedState(StrEnum):
    CREATED = "created"
    AUTHORISED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"
    PAID = "paid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Hold:
    """Since when the provider holds the money of a payment, and when it lets it go by itself."""

    authorised_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """How a payment stands at the provider. ``hold`` is said of one whose money is held, or was."""

    number: str
    state: ReportedState
    amount_fen: int
    paid_at: datetime | None
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """``key`` is ours: the provider never pays back twice for one key. The amount is fen."""

    key: str
    payment_number: str
    amount_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class RefundReport:
    """How a refund stands at the provider; ``ORDERED`` while it is at work. ``refusal`` says why it will not."""

    key: str
    state: RefundState
    amount_fen: int
    done_at: datetime | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """Take this much of a hold, or let it go. ``key`` is ours: nothing is done twice for one key. ``order`` is the
    fee that it is for, ``None`` for a whole hold. The amount is fen."""

    key: str
    act: HoldAct
    payment_number: str
    amount_fen: int
    order: str | None


@dataclass(frozen=True, slots=True)
class HoldReport:
    """How a command about a hold stands at the provider; ``refusal`` says why it will not."""

    key: str
    act: HoldAct
    state: HoldCommandState
    amount_fen: int
    done_at: datetime | None = None
    refusal: str | None = None


class ProviderFailure(Exception):
    """The provider cannot be asked, or its answer makes no sense. Nothing is known to have happened."""


class PaymentProvider(Protocol):
    @property
    def can_hold(self) -> bool:
        """Whether it can be asked to hold money. One that cannot is never asked to, nor to act on a hold."""
        ...

    async def create(self, request: PaymentRequest) -> OpenedPayment:
        """Raises :class:`ProviderFailure`. Safe to repeat."""
        ...

    async def report(self, number: str) -> PaymentReport:
        """Raises :class:`ProviderFailure`."""
        ...

    async def refund(self, request: RefundRequest) -> RefundReport:
        """Pay back, or tell how it stands. Raises :class:`ProviderFailure`. Safe to repeat."""
        ...

    async def act_on_hold(self, request: HoldRequest) -> HoldReport:
        """Capture or void, or tell how it stands. Raises :class:`ProviderFailure`. Safe to repeat."""
        ...

    async def statement(self, day: date) -> tuple[Movement, ...]:
        """All that it moved for us on a day in Beijing. Raises :class:`ProviderFailure`."""
        ...

    async def close(self) -> None: ...


_UNCONFIGURED = "no payment provider is configured; set payment_provider_url"


class NoPaymentProvider:
    """Stands where none is configured: paying is refused with the mend."""

    can_hold = False

    async def create(self, request: PaymentRequest) -> OpenedPayment:
        raise ProviderFailure(_UNCONFIGURED)

    async def report(self, number: str) -> PaymentReport:
        raise ProviderFailure(_UNCONFIGURED)

    async def refund(self, request: RefundRequest) -> RefundReport:
        raise ProviderFailure(_UNCONFIGURED)

    async def act_on_hold(self, request: HoldRequest) -> HoldReport:
        raise ProviderFailure(_UNCONFIGURED)

    async def statement(self, day: date) -> tuple[Movement, ...]:
        raise ProviderFailure(_UNCONFIGURED)

    async def close(self) -> None:
        return None

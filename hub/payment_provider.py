"""The payment provider behind our own nouns, and the client of one that speaks HTTP.

The cashier takes one payment for several orders, answers the same key with the same payment, and calls
back when it is paid; since a call can be lost, it can be asked as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import aiohttp

from schema.domain.fee import CURRENCY

TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class OrderToPay:
    number: str
    amount_fen: int
    payee: str


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """``key`` is ours: the provider never makes two payments for one key."""

    key: str
    orders: tuple[OrderToPay, ...]
    amount_fen: int
    return_url: str


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    number: str
    pay_url: str
    expires_at: datetime


class ReportedState(StrEnum):
    CREATED = "created"
    PAID = "paid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """How a payment stands at the provider."""

    number: str
    state: ReportedState
    amount_fen: int
    paid_at: datetime | None


class ProviderFailure(Exception):
    """The provider cannot be asked, or its answer makes no sense. Nothing is known to have happened."""


class PaymentProvider(Protocol):
    async def create(self, request: PaymentRequest) -> OpenedPayment:
        """Raises :class:`ProviderFailure`. Safe to repeat."""
        ...

    async def report(self, number: str) -> PaymentReport:
        """Raises :class:`ProviderFailure`."""
        ...

    async def close(self) -> None: ...


class HttpPaymentProvider:
    """A provider at ``base_url`` which calls back at ``callback_url``."""

    def __init__(self, base_url: str, callback_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._callback_url = callback_url
        self._session: aiohttp.ClientSession | None = None

    async def create(self, request: PaymentRequest) -> OpenedPayment:
        body = {
            "idempotencyKey": request.key,
            "orders": [
                {"number": order.number, "amountFen": order.amount_fen, "payee": order.payee}
                for order in request.orders
            ],
            "amountFen": request.amount_fen,
            "currency": CURRENCY,
            "callbackUrl": self._callback_url,
            "returnUrl": request.return_url,
        }
        answer = await self._exchange("POST", "/payments", body)
        try:
            return OpenedPayment(str(answer["number"]), str(answer["payUrl"]), _time(answer["expiresAt"]))
        except (KeyError, ValueError) as error:
            raise ProviderFailure(f"the provider's answer lacks {error}") from error

    async def report(self, number: str) -> PaymentReport:
        answer = await self._exchange("GET", f"/payments/{number}", None)
        try:
            paid_at = _time(answer["paidAt"]) if answer.get("paidAt") else None
            return PaymentReport(number, ReportedState(answer["state"]), int(answer["amountFen"]), paid_at)
        except (KeyError, ValueError, TypeError) as error:
            raise ProviderFailure(f"the provider's answer lacks {error}") from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        try:
            async with self._session.request(method, self._base_url + path, json=body) as response:
                if response.status not in {200, 201}:
                    raise ProviderFailure(f"the provider answered {response.status}")
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ProviderFailure(f"the provider could not be asked: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise ProviderFailure("the provider's answer is no JSON object")
        return answer


class NoPaymentProvider:
    """Stands where none is configured: paying is refused with the mend."""

    async def create(self, request: PaymentRequest) -> OpenedPayment:
        raise ProviderFailure("no payment provider is configured; set payment_provider_url")

    async def report(self, number: str) -> PaymentReport:
        raise ProviderFailure("no payment provider is configured; set payment_provider_url")

    async def close(self) -> None:
        return None


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("a time with a zone")
    return moment

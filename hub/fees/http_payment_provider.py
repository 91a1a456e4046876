"""The client of a payment provider that speaks HTTP: JSON for one thing, CSV for a day's statement."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import aiohttp

from hub.fees.payment_provider import (
    Hold,
    HoldReport,
    HoldRequest,
    OpenedPayment,
    PaymentReport,
    PaymentRequest,
    ProviderFailure,
    RefundReport,
    RefundRequest,
    ReportedState,
)
from schema.domain.fee import CURRENCY
from schema.domain.hold import HoldAct, HoldCommandState
from schema.domain.reconciliation import Movement, MovementKind
from schema.domain.refund import RefundState

TIMEOUT_SECONDS = 5.0
STATEMENT_TIMEOUT_SECONDS = 120.0
REFUND_STATES: Mapping[str, RefundState] = {
    "pending": RefundState.ORDERED,
    "done": RefundState.DONE,
    "refused": RefundState.REFUSED,
}
HOLD_STATES: Mapping[str, HoldCommandState] = {
    "pending": HoldCommandState.ORDERED,
    "done": HoldCommandState.DONE,
    "refused": HoldCommandState.REFUSED,
}
_HOLD_DOORS: Mapping[HoldAct, str] = {HoldAct.CAPTURE: "/captures", HoldAct.VOID: "/voids"}
_MOVED = frozenset({"paid", "refunded", "authorized", "captured", "voided"})


class HttpPaymentProvider:
    """A provider at ``base_url`` which calls back at ``callback_url``."""

    def __init__(self, base_url: str, callback_url: str, *, can_hold: bool = False) -> None:
        self.can_hold = can_hold
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
            # One that knows nothing of holds is sent what it was always sent.
            **({"hold": True} if request.is_to_hold else {}),
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
            hold = read_hold(answer) if answer.get("authorizedAt") else None
            state, amount = ReportedState(answer["state"]), int(answer["amountFen"])
            return PaymentReport(number, state, amount, paid_at, hold)
        except (KeyError, ValueError, TypeError) as error:
            raise ProviderFailure(f"the provider's answer lacks {error}") from error

    async def refund(self, request: RefundRequest) -> RefundReport:
        body = {
            "idempotencyKey": request.key,
            "paymentNumber": request.payment_number,
            "amountFen": request.amount_fen,
            "reason": request.reason,
        }
        answer = await self._exchange("POST", "/refunds", body)
        try:
            return read_refund(request.key, answer)
        except (KeyError, ValueError, TypeError) as error:
            raise ProviderFailure(f"the provider's answer lacks {error}") from error

    async def act_on_hold(self, request: HoldRequest) -> HoldReport:
        body = {
            "idempotencyKey": request.key,
            "paymentNumber": request.payment_number,
            "amountFen": request.amount_fen,
            "order": request.order,
        }
        answer = await self._exchange("POST", _HOLD_DOORS[request.act], body)
        try:
            return read_hold_command(request.key, request.act, answer)
        except (KeyError, ValueError, TypeError) as error:
            raise ProviderFailure(f"the provider's answer lacks {error}") from error

    async def statement(self, day: date) -> tuple[Movement, ...]:
        """A line for each movement, as CSV: it may be long."""
        try:
            timeout = aiohttp.ClientTimeout(total=STATEMENT_TIMEOUT_SECONDS)
            url = f"{self._base_url}/statements/{day.isoformat()}"
            async with self._open().get(url, timeout=timeout) as response:
                if response.status != 200:
                    raise ProviderFailure(f"the provider answered {response.status}")
                text = await response.text("utf-8")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ProviderFailure(f"the provider could not be asked: {type(error).__name__}") from error
        return await asyncio.to_thread(read_statement, text)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        try:
            async with self._open().request(method, self._base_url + path, json=body) as response:
                if response.status not in {200, 201}:
                    raise ProviderFailure(f"the provider answered {response.status}")
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ProviderFailure(f"the provider could not be asked: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise ProviderFailure("the provider's answer is no JSON object")
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        return self._session


def read_refund(key: str, content: Mapping[str, Any]) -> RefundReport:
    """A refund as the provider tells it. Raises ``KeyError``, ``ValueError`` or ``TypeError``."""
    amount = content["amountFen"]
    if type(amount) is not int:
        raise TypeError("a whole amountFen")
    done_at = _time(content["doneAt"]) if content.get("doneAt") else None
    state = REFUND_STATES[content["state"]]
    refusal = str(content["refusal"])[:500] if content.get("refusal") else None
    return RefundReport(key, state, amount, done_at, refusal)


def read_hold(content: Mapping[str, Any]) -> Hold:
    """Since when money is held, and until when. Raises ``KeyError`` or ``ValueError``."""
    return Hold(_time(content["authorizedAt"]), _time(content["holdEndsAt"]))


def read_hold_command(key: str, act: HoldAct, content: Mapping[str, Any]) -> HoldReport:
    """A capture or void as the provider tells it. Raises ``KeyError``, ``ValueError`` or ``TypeError``."""
    amount = content["amountFen"]
    if type(amount) is not int:
        raise TypeError("a whole amountFen")
    done_at = _time(content["doneAt"]) if content.get("doneAt") else None
    refusal = str(content["refusal"])[:500] if content.get("refusal") else None
    return HoldReport(key, act, HOLD_STATES[content["state"]], amount, done_at, refusal)


def read_statement(text: str) -> tuple[Movement, ...]:
    """The lines of a statement. Raises :class:`ProviderFailure` for one that makes no sense."""
    try:
        return tuple(
            Movement(
                MovementKind(line["movement"].upper()),
                line["key"],
                line["number"],
                int(line["amountFen"]),
                line["state"] in _MOVED,
                line["state"],
            )
            for line in csv.DictReader(io.StringIO(text))
        )
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise ProviderFailure(f"a line of the statement lacks {error}") from error


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("a time with a zone")
    return moment

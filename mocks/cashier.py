"""A payment provider: takes or holds one payment for several fee orders, pays back, and calls back, always twice.

Behaves as real ones do: the payer's page works without scripts, sessions end, a callback comes again and
again until it is taken; on demand worse (``cashier_callbacks``). The shared secret for signatures is the
environment's ``CASHIER_SECRET``.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mocks.cashier_callbacks import Callbacks
from mocks.cashier_holds import HOLD_TABLES, Holds
from mocks.cashier_refunds import REFUND_TABLE, Refunds
from mocks.cashier_statement import Statement
from mocks.delivery import DELIVERY_TABLE
from mocks.pay_page import TRANSFER, pay_page
from mocks.refusal import Refused, number_of, read_object, text_of
from mocks.serving import Department, Options, serve

PAYMENT_TABLE = """
CREATE TABLE IF NOT EXISTS payment (
    number TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, request TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, expires_at REAL NOT NULL, paid_at REAL);
"""


class Cashier:
    """The provider's doors over its payments."""

    def __init__(self, options: Options, secret: bytes) -> None:
        self.public_url: str = options.own.public_url or options.url
        self.session_seconds: float = options.own.session_seconds
        self.store = options.open_store(PAYMENT_TABLE + HOLD_TABLES + REFUND_TABLE + DELIVERY_TABLE)
        self.callbacks = Callbacks(self.store, secret)
        self.holds = Holds(self.store, self.callbacks, options.own.hold_seconds)
        self.refunds = Refunds(self.store, self.callbacks, self.holds)
        self.statement = Statement(self.store)

    async def create(self, request: Request) -> Response:
        body = await read_object(request)
        key = text_of(body, "idempotencyKey")
        _check_payment(body)
        row = self.store.row("SELECT * FROM payment WHERE idempotency_key = ?", key)
        if row is None:
            number = f"P{datetime.now(UTC):%Y%m%d}{secrets.randbelow(10**12):012d}"
            self.store.execute(
                "INSERT INTO payment VALUES (?, ?, ?, ?, ?, NULL)",
                number, key, json.dumps(body, sort_keys=True), body["amountFen"],
                time.time() + self.session_seconds,
            )  # fmt: skip
            row = self._find(number)
        elif json.loads(row["request"]) != body:
            raise Refused(
                422, "KEY_REUSED", 'This "idempotencyKey" came before with another payment. Use a new one.'
            )
        answer = {
            "number": row["number"],
            "payUrl": f"{self.public_url}/pay/{row['number']}",
            "expiresAt": _iso(row["expires_at"]),
        }
        return JSONResponse(answer, 201)

    async def show(self, request: Request) -> Response:
        return JSONResponse(self._shown(self._find(request.path_params["number"])))

    async def page(self, request: Request) -> Response:
        return self._page(self._find(request.path_params["number"]), 200)

    async def pay(self, request: Request) -> Response:
        """Take or hold the money once and send the payer back; a second press only sends back.

        By ``?means=transfer`` the payer pays by what cannot be held.
        """
        row = self._find(request.path_params["number"])
        order, state = json.loads(row["request"]), self._shown(row)["state"]
        if state == "expired":
            return self._page(row, 410)
        is_transfer = request.query_params.get("means") == TRANSFER
        if state == "created" and self.holds.is_wanted(order) and not is_transfer:
            with self.store.transaction():
                self.holds.hold(row, order["callbackUrl"])
        elif state == "created":
            self._take(row, order["callbackUrl"])
        return RedirectResponse(order["returnUrl"], 303)

    def _take(self, row: dict[str, Any], callback_url: str) -> None:
        paid_at = time.time()
        event = {
            "event": "payment.paid",
            "paymentNumber": row["number"],
            "amountFen": row["amount_fen"],
            "paidAt": _iso(paid_at),
        }
        with self.store.transaction():
            self.store.execute("UPDATE payment SET paid_at = ? WHERE number = ?", paid_at, row["number"])
            self.callbacks.tell(callback_url, event)

    def records(self) -> dict[str, Any]:
        payments = [self._shown(row) for row in self.store.rows("SELECT * FROM payment ORDER BY number")]
        return {
            "payments": payments,
            "holds": self.holds.records(),
            "refunds": self.refunds.records(),
            "callbacks": self.callbacks.figures(),
        }

    def _page(self, row: dict[str, Any], status: int) -> Response:
        content = pay_page(self._shown(row)["state"], row["number"], json.loads(row["request"]))
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return HTMLResponse(content, status, headers={"Content-Security-Policy": policy})

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """A payment that was held and has a session that ended is held nevertheless."""
        return _show(row) | (self.holds.shown(row["number"]) or {})

    def _find(self, number: str) -> dict[str, Any]:
        row = self.store.row("SELECT * FROM payment WHERE number = ?", number)
        if row is None:
            raise Refused(404, "NOT_FOUND", "No payment has this number.")
        return row


def build(options: Options) -> Department:
    """The provider, with no payment at its founding. Raises ValueError without a secret."""
    secret = os.environ.get("CASHIER_SECRET", "")
    if not secret:
        raise ValueError("CASHIER_SECRET is not set. Give the secret that the receiver of callbacks has too.")
    cashier = Cashier(options, secret.encode())
    if cashier.store.is_new:
        with cashier.store.founding():
            pass
    return Department(
        cashier.store,
        cashier.records,
        routes=(
            Route("/payments", cashier.create, methods=["POST"]),
            Route("/payments/{number}", cashier.show),
            Route("/pay/{number}", cashier.page, methods=["GET"]),
            Route("/pay/{number}", cashier.pay, methods=["POST"]),
            *cashier.callbacks.routes(),
            *cashier.holds.routes(),
            *cashier.refunds.routes(),
            *cashier.statement.routes(),
        ),
        jobs=(cashier.callbacks.run, cashier.callbacks.run_forger),
    )


def _check_payment(body: dict[str, Any]) -> None:
    orders = body.get("orders")
    if not isinstance(orders, list) or not orders or not all(isinstance(order, dict) for order in orders):
        raise Refused(400, "MISSING", '"orders" must be a list of at least one {number, amountFen, payee}.')
    total = sum(number_of(order, "amountFen") for order in orders)
    for order in orders:
        text_of(order, "number")
        text_of(order, "payee")
    if number_of(body, "amountFen") != total:
        raise Refused(400, "WRONG_AMOUNT", f'"amountFen" is {body["amountFen"]}, the orders come to {total}.')
    if body.get("currency") != "CNY":
        raise Refused(400, "WRONG_CURRENCY", '"currency" must be "CNY".')
    for name in ("callbackUrl", "returnUrl"):
        if urlsplit(text_of(body, name)).scheme not in ("http", "https"):
            raise Refused(400, "WRONG_ADDRESS", f'"{name}" must be an http or https address.')


def _state(row: dict[str, Any]) -> str:
    if row["paid_at"] is not None:
        return "paid"
    return "expired" if row["expires_at"] < time.time() else "created"


def _show(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "state": _state(row),
        "amountFen": row["amount_fen"],
        "paidAt": _iso(row["paid_at"]) if row["paid_at"] else None,
        "expiresAt": _iso(row["expires_at"]),
        "orders": json.loads(row["request"])["orders"],
    }


def _iso(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat()


def _own_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--public-url", default="", help="where payers reach this process, if not at --host")
    parser.add_argument(
        "--hold-seconds", type=float, default=604_800.0, help="how long money is held, a week unless told"
    )
    parser.add_argument("--session-seconds", type=float, default=1800.0, help="how long a payment may wait")


if __name__ == "__main__":
    serve("cashier", build, _own_arguments)

"""The payment provider pays back: the whole of a payment or parts of it, each key once, never more than was paid.

``POST /__refunds {"state": "done" | "pending" | "refused"}`` says how those to come will end; ``pending`` ones are
done once the door says ``done`` again and they are asked for.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.cashier_callbacks import Callbacks
from mocks.cashier_holds import Holds
from mocks.refusal import Refused, number_of, read_object, text_of
from mocks.store import Store

REFUND_TABLE = """
CREATE TABLE IF NOT EXISTS refund (
    key TEXT PRIMARY KEY, payment_number TEXT NOT NULL, amount_fen INTEGER NOT NULL, state TEXT NOT NULL,
    done_at REAL);
"""
STATES = ("done", "pending", "refused")


class Refunds:
    def __init__(self, store: Store, callbacks: Callbacks, holds: Holds) -> None:
        self._holds = holds
        self._store = store
        self._callbacks = callbacks
        self._ends = "done"

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("/refunds", self._create, methods=["POST"]),
            Route("/refunds/{key}", self._show),
            Route("/__refunds", self._door, methods=["POST"]),
        )

    def records(self) -> list[dict[str, Any]]:
        return [_shown(row) for row in self._store.rows("SELECT * FROM refund ORDER BY key")]

    async def _create(self, request: Request) -> Response:
        body = await read_object(request)
        key, amount = text_of(body, "idempotencyKey"), number_of(body, "amountFen")
        number = text_of(body, "paymentNumber")
        with self._store.transaction():
            row = self._find(key)
            if row is None:
                self._check(number, amount)
                self._store.execute("INSERT INTO refund VALUES (?, ?, ?, 'pending', NULL)", key, number, amount)
                row = self._find(key) or {}
            elif (row["payment_number"], row["amount_fen"]) != (number, amount):
                raise Refused(
                    422, "KEY_REUSED", 'This "idempotencyKey" came before with another refund. Use a new one.'
                )
            if row["state"] == "pending" and self._ends != "pending":
                row = self._end(row)
        return JSONResponse(_shown(row), 201)

    async def _show(self, request: Request) -> Response:
        row = self._find(request.path_params["key"])
        if row is None:
            raise Refused(404, "NOT_FOUND", "No refund has this key.")
        return JSONResponse(_shown(row))

    async def _door(self, request: Request) -> Response:
        state = text_of(await read_object(request), "state")
        if state not in STATES:
            raise Refused(400, "UNKNOWN", f'"state" is one of {", ".join(STATES)}.')
        self._ends = state
        return JSONResponse({"state": state})

    def _end(self, row: dict[str, Any]) -> dict[str, Any]:
        done_at = time.time() if self._ends == "done" else None
        self._store.execute(
            "UPDATE refund SET state = ?, done_at = ? WHERE key = ?", self._ends, done_at, row["key"]
        )
        ended = {**row, "state": self._ends, "done_at": done_at}
        payment = self._store.row("SELECT request FROM payment WHERE number = ?", row["payment_number"]) or {}
        event = "refund.succeeded" if self._ends == "done" else "refund.failed"
        told = {"event": event, "refundKey": row["key"], "paymentNumber": row["payment_number"], **_shown(ended)}
        self._callbacks.tell(json.loads(payment["request"])["callbackUrl"], told)
        return ended

    def _check(self, number: str, amount: int) -> None:
        row = self._store.row("SELECT amount_fen FROM payment WHERE number = ? AND paid_at IS NOT NULL", number)
        paid = row["amount_fen"] if row else self._holds.captured(number)
        if not paid:
            raise Refused(409, "NOT_PAID", "No payment that was paid has this number.")
        statement = "SELECT coalesce(sum(amount_fen), 0) AS back FROM refund WHERE payment_number = ?"
        back = self._store.row(f"{statement} AND state != 'refused'", number) or {"back": 0}
        if not 0 < amount <= paid - back["back"]:
            raise Refused(409, "TOO_MUCH", f"{paid - back['back']} fen of this payment are left.")

    def _find(self, key: str) -> dict[str, Any] | None:
        return self._store.row("SELECT * FROM refund WHERE key = ?", key)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": row["key"],
        "state": row["state"],
        "amountFen": row["amount_fen"],
        "doneAt": datetime.fromtimestamp(row["done_at"], UTC).isoformat() if row["done_at"] else None,
        "refusal": "the payer's account is closed" if row["state"] == "refused" else None,
    }

"""财政: fees that were paid are settled here and get an electronic receipt (电子票据), over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.idempotency import IDEMPOTENCY_TABLE, once
from mocks.refusal import Refused, number_of, read_object, text_of
from mocks.serving import Department, Options, serve
from mocks.store import Store

SETTLEMENT_TABLE = """
CREATE TABLE IF NOT EXISTS settlement (
    position INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, amount_fen INTEGER NOT NULL,
    paid_at TEXT NOT NULL, payment_number TEXT NOT NULL);
"""
LARGEST_BATCH = 100


class Finance:
    """The department's doors over its settlements."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def settle(self, request: Request) -> Response:
        body = await read_object(request)
        number, amount_fen = text_of(body, "number"), number_of(body, "amountFen")
        paid_at, payment_number = text_of(body, "paidAt"), text_of(body, "paymentNumber")
        _check_time(paid_at)
        return once(self.store, request, body, lambda: self._settle(number, amount_fen, paid_at, payment_number))

    def _settle(
        self, number: str, amount_fen: int, paid_at: str, payment_number: str
    ) -> tuple[int, dict[str, Any]]:
        added = self.store.execute(
            "INSERT INTO settlement (number, amount_fen, paid_at, payment_number) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (number) DO NOTHING",
            number, amount_fen, paid_at, payment_number,
        )  # fmt: skip
        row = self._find(number)
        if row is None or (row["amount_fen"], row["payment_number"]) != (amount_fen, payment_number):
            raise Refused(409, "SETTLED_OTHERWISE", "This fee order is settled with another amount or payment.")
        return 201 if added else 200, {"accepted": True, "reference": _show(row)["receiptNumber"]}

    async def search(self, request: Request) -> Response:
        """One answer for every number that was asked for; what is not settled has ``null``."""
        numbers = (await read_object(request)).get("numbers")
        if not isinstance(numbers, list) or len(numbers) > LARGEST_BATCH:
            raise Refused(400, "WRONG_BATCH", f'"numbers" must be a list of at most {LARGEST_BATCH} fee orders.')
        rows = {number: self._find(str(number)) for number in map(str, numbers)}
        return JSONResponse(
            {"orders": [{"number": number, "settlement": row and _show(row)} for number, row in rows.items()]}
        )

    async def receipt(self, request: Request) -> Response:
        wanted = request.path_params["receipt_number"]
        receipt = next((shown for shown in self._all() if shown["receiptNumber"] == wanted), None)
        if receipt is None:
            raise Refused(404, "NOT_FOUND", "No receipt has this number.")
        return JSONResponse(receipt)

    def records(self) -> dict[str, Any]:
        return {"settlements": self._all()}

    def _find(self, number: str) -> dict[str, Any] | None:
        return self.store.row("SELECT * FROM settlement WHERE number = ?", number)

    def _all(self) -> list[dict[str, Any]]:
        return [_show(row) for row in self.store.rows("SELECT * FROM settlement ORDER BY position")]


def build(options: Options) -> Department:
    """The department, with no settlement at its founding."""
    store = options.open_store(SETTLEMENT_TABLE + IDEMPOTENCY_TABLE)
    if store.is_new:
        with store.founding():
            pass
    office = Finance(store)
    return Department(
        store,
        office.records,
        routes=(
            Route("/settlements", office.settle, methods=["POST"]),
            Route("/settlements/search", office.search, methods=["POST"]),
            Route("/receipts/{receipt_number}", office.receipt),
        ),
    )


def _check_time(text: str) -> None:
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise Refused(400, "WRONG_TIME", '"paidAt" must be an ISO 8601 time with its offset.')


def _show(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "receiptNumber": f"CZ{row['position']:010d}",
        "settledAt": row["paid_at"],
        "amountFen": row["amount_fen"],
        "paymentNumber": row["payment_number"],
    }


if __name__ == "__main__":
    serve("finance", build)

"""The payment provider's statement of a day in Beijing, as CSV: every payment and refund that moved money,
and what was held, taken of it and let go.

``POST /__statement`` plants differences until ``DELETE``: ``drop`` and ``double`` (numbers), ``amounts`` (another
amount by number), ``add`` (lines of its own).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.refusal import Refused, read_object
from mocks.store import Store

BEIJING = timezone(timedelta(hours=8))
COLUMNS = ("movement", "key", "number", "amountFen", "state")
MOVED = """
SELECT 'payment' AS movement, idempotency_key AS key, number, amount_fen AS amountFen, 'paid' AS state,
  paid_at AS at FROM payment WHERE paid_at >= ? AND paid_at < ?
UNION ALL
SELECT 'refund', key, payment_number, amount_fen, 'refunded', done_at
FROM refund WHERE state = 'done' AND done_at >= ? AND done_at < ?
UNION ALL
SELECT 'authorisation', payment.idempotency_key, number, hold.amount_fen, 'authorized', authorized_at
FROM hold JOIN payment ON number = payment_number WHERE authorized_at >= ? AND authorized_at < ?
UNION ALL
SELECT act, key, payment_number, amount_fen, CASE act WHEN 'void' THEN 'voided' ELSE 'captured' END, done_at
FROM hold_command WHERE state = 'done' AND done_at >= ? AND done_at < ?
ORDER BY at, key
"""


class Statement:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._planted: dict[str, Any] = {}

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("/statements/{day}", self._show),
            Route("/__statement", self._door, methods=["POST", "DELETE"]),
        )

    async def _show(self, request: Request) -> Response:
        try:
            begin = datetime.combine(date.fromisoformat(request.path_params["day"]), time(), BEIJING)
        except ValueError as error:
            raise Refused(400, "WRONG_DAY", "A day is written 2026-11-26.") from error
        bounds = (begin.timestamp(), (begin + timedelta(days=1)).timestamp())
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._lines(bounds))
        return Response(text.getvalue(), media_type="text/csv")

    async def _door(self, request: Request) -> Response:
        self._planted = {} if request.method == "DELETE" else await read_object(request)
        return JSONResponse(self._planted)

    def _lines(self, bounds: tuple[float, float]) -> Iterator[dict[str, Any]]:
        amounts, doubled = self._planted.get("amounts", {}), self._planted.get("double", ())
        for row in self._store.rows(MOVED, *bounds * 4):
            if row["number"] in self._planted.get("drop", ()):
                continue
            line = {**row, "amountFen": amounts.get(row["number"], row["amountFen"])}
            yield line
            if row["number"] in doubled:
                yield line
        yield from self._planted.get("add", ())

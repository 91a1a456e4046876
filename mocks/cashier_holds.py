"""The payment provider holds money (预授权): it takes it later, in parts, or lets it go, each key once.

Asked to by ``"hold": true``. What was neither taken nor let go is the payer's again when the hold ends by itself.
``POST /__holds`` says until ``DELETE``: ``offered`` (``false``: the payer's way of paying cannot be held, it is
taken at once), ``seconds`` (how long holds to come last), ``captures`` and ``voids`` (``done``, ``pending``,
``refused``: how those to come end; ``pending`` ones are done once the door says so and they are asked for again).
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.cashier_callbacks import Callbacks
from mocks.refusal import Refused, number_of, read_object, text_of
from mocks.store import Store

HOLD_TABLES = """
CREATE TABLE IF NOT EXISTS hold (
    payment_number TEXT PRIMARY KEY, amount_fen INTEGER NOT NULL, authorized_at REAL NOT NULL,
    ends_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS hold_command (
    key TEXT PRIMARY KEY, act TEXT NOT NULL, payment_number TEXT NOT NULL, order_number TEXT,
    amount_fen INTEGER NOT NULL, state TEXT NOT NULL, refusal TEXT, done_at REAL);
"""
STATES = ("done", "pending", "refused")
DOORS = {"/captures": "capture", "/voids": "void"}


@dataclass(frozen=True, slots=True)
class Behaviour:
    seconds: float
    offered: bool = True
    captures: str = "done"
    voids: str = "done"

    def end_of(self, act: str) -> str:
        return self.captures if act == "capture" else self.voids


class Holds:
    """Money of payments that is held and not taken."""

    def __init__(self, store: Store, callbacks: Callbacks, seconds: float) -> None:
        self._store = store
        self._callbacks = callbacks
        self._usual = self._behaviour = Behaviour(seconds)

    def routes(self) -> tuple[Route, ...]:
        return (
            *(Route(door, self._create, methods=["POST"]) for door in DOORS),
            Route("/captures/{key}", self._show),
            Route("/voids/{key}", self._show),
            Route("/__holds", self._door, methods=["POST", "DELETE"]),
        )

    def records(self) -> list[dict[str, Any]]:
        rows = self._store.rows("SELECT * FROM hold_command ORDER BY key")
        return [
            {
                **_shown(row),
                "act": row["act"],
                "order": row["order_number"],
                "paymentNumber": row["payment_number"],
            }
            for row in rows
        ]

    def is_wanted(self, order: dict[str, Any]) -> bool:
        """Whether the money of this payment is held rather than taken."""
        return order.get("hold") is True and self._behaviour.offered

    def hold(self, payment: dict[str, Any], callback_url: str) -> None:
        """Hold all of it from now on, and say so. In the caller's transaction."""
        now = time.time()
        ends_at = now + self._behaviour.seconds
        number, amount = payment["number"], payment["amount_fen"]
        self._store.execute("INSERT INTO hold VALUES (?, ?, ?, ?)", number, amount, now, ends_at)
        event = {"event": "payment.authorized", "paymentNumber": number, "amountFen": amount}
        self._callbacks.tell(callback_url, {**event, "authorizedAt": _iso(now), "holdEndsAt": _iso(ends_at)})

    def shown(self, number: str) -> dict[str, Any] | None:
        """How the hold of a payment stands; ``None`` where there is none."""
        hold = self._store.row("SELECT * FROM hold WHERE payment_number = ?", number)
        if hold is None:
            return None
        captured, voided = self._sum(number, "capture"), self._sum(number, "void")
        if hold["ends_at"] < time.time():
            voided = hold["amount_fen"] - captured
        is_over = captured + voided == hold["amount_fen"]
        return {
            "state": "authorized" if not is_over else "captured" if captured else "voided",
            "authorizedAt": _iso(hold["authorized_at"]),
            "holdEndsAt": _iso(hold["ends_at"]),
            "capturedFen": captured,
            "voidedFen": voided,
        }

    def captured(self, number: str) -> int:
        """How much of a payment's hold was taken, in fen."""
        return self._sum(number, "capture")

    async def _create(self, request: Request) -> Response:
        body = await read_object(request)
        key, amount = text_of(body, "idempotencyKey"), number_of(body, "amountFen")
        act, number = DOORS[request.url.path], text_of(body, "paymentNumber")
        with self._store.transaction():
            row = self._find(key)
            if row is None:
                self._check(number, amount, act)
                self._store.execute(
                    "INSERT INTO hold_command VALUES (?, ?, ?, ?, ?, 'pending', NULL, NULL)",
                    key, act, number, body.get("order"), amount,
                )  # fmt: skip
                row = self._find(key) or {}
            elif (row["act"], row["payment_number"], row["amount_fen"]) != (act, number, amount):
                raise Refused(422, "KEY_REUSED", 'This "idempotencyKey" came before with something else.')
            if row["state"] == "pending" and self._behaviour.end_of(act) != "pending":
                row = self._end(row)
        return JSONResponse(_shown(row), 201)

    async def _show(self, request: Request) -> Response:
        row = self._find(request.path_params["key"])
        if row is None:
            raise Refused(404, "NOT_FOUND", "Nothing was asked for under this key.")
        return JSONResponse(_shown(row))

    async def _door(self, request: Request) -> Response:
        self._behaviour = (
            self._usual if request.method == "DELETE" else _read(await read_object(request), self._usual)
        )
        return JSONResponse(asdict(self._behaviour))

    def _end(self, row: dict[str, Any]) -> dict[str, Any]:
        """A hold that has ended by itself can be let go, and not be taken any more."""
        hold = self._hold_of(row["payment_number"])
        is_gone = row["act"] == "capture" and hold["ends_at"] < time.time()
        state = "refused" if is_gone else self._behaviour.end_of(row["act"])
        refusal = (
            None if state == "done" else "the hold has ended" if is_gone else "the payer's bank does not allow it"
        )
        done_at = time.time() if state == "done" else None
        self._store.execute(
            "UPDATE hold_command SET state = ?, refusal = ?, done_at = ? WHERE key = ?",
            state, refusal, done_at, row["key"],
        )  # fmt: skip
        ended = {**row, "state": state, "refusal": refusal, "done_at": done_at}
        payment = self._store.row("SELECT request FROM payment WHERE number = ?", row["payment_number"]) or {}
        event = f"{row['act']}.{'succeeded' if state == 'done' else 'failed'}"
        told = {"event": event, "paymentNumber": row["payment_number"], **_shown(ended)}
        self._callbacks.tell(json.loads(payment["request"])["callbackUrl"], told)
        return ended

    def _check(self, number: str, amount: int, act: str) -> None:
        """Together never more than is held. Of a hold that has ended everything can be asked: it is answered."""
        hold = self._hold_of(number)
        statement = "SELECT coalesce(sum(amount_fen), 0) AS fen FROM hold_command WHERE payment_number = ?"
        decided = self._store.row(f"{statement} AND state != 'refused'", number) or {"fen": 0}
        left = hold["amount_fen"] - decided["fen"]
        if not 0 < amount <= left:
            raise Refused(409, "TOO_MUCH", f"{left} fen of this hold are left to {act}.")

    def _hold_of(self, number: str) -> dict[str, Any]:
        hold = self._store.row("SELECT * FROM hold WHERE payment_number = ?", number)
        if hold is None:
            raise Refused(409, "NOT_HELD", "Nothing is held of a payment of this number.")
        return hold

    def _sum(self, number: str, act: str) -> int:
        statement = (
            "SELECT coalesce(sum(amount_fen), 0) AS fen FROM hold_command WHERE payment_number = ? AND act = ?"
        )
        row = self._store.row(f"{statement} AND state = 'done'", number, act) or {"fen": 0}
        fen: int = row["fen"]
        return fen

    def _find(self, key: str) -> dict[str, Any] | None:
        return self._store.row("SELECT * FROM hold_command WHERE key = ?", key)


def _read(body: dict[str, Any], usual: Behaviour) -> Behaviour:
    if unknown := sorted(set(body) - set(asdict(usual))):
        raise Refused(400, "UNKNOWN", f"{', '.join(unknown)}: nothing is known by this name.")
    wanted = replace(usual, **body)
    is_number = isinstance(wanted.seconds, int | float) and wanted.seconds >= 0
    if not is_number or wanted.captures not in STATES or wanted.voids not in STATES:
        raise Refused(400, "UNKNOWN", f'"seconds" is a number, "captures" and "voids" one of {", ".join(STATES)}.')
    return wanted


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": row["key"],
        "state": row["state"],
        "amountFen": row["amount_fen"],
        "doneAt": _iso(row["done_at"]) if row["done_at"] else None,
        "refusal": row["refusal"],
    }


def _iso(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat()

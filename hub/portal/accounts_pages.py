"""The books of fees, for those who keep them: reconciliation, holds, refunds, refused callbacks, balances.

Asked from the graph, which says who may; whoever keeps no fees is told so.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.clock import Clock
from hub.portal.deed import do_posted
from hub.portal.desk import Desk
from hub.portal.visitors import Visitor
from schema.domain.working_days import day_of

BOARD = """query FeeBoard {
  reconciliations(first: 14) { id day at isBalanced movementsHere movementsThere amountHereFen amountThereFen
    differences { id kind movement number here there state explanation } }
  feeBooks { problems accounts { name balanceFen } }
  holdCommands(first: 50) { id order act amountFen ground state orderedAt doneAt refusal }
  refunds(first: 50) { id order amountFen ground reason state orderedAt doneAt refusal }
  refusedCallbacks { minute fault count bodyDigest } }"""
DEEDS: Mapping[str, str] = {
    "reconcile": "mutation Reconcile($day: Date!) { reconcilePayments(day: $day) { id } }",
    "explain": """mutation Explain($id: ID!, $text: String!) {
  explainDifference(id: $id, explanation: $text) { id } }""",
    "refund": """mutation Refund($order: ID!, $text: String!, $fen: Int, $key: String!) {
  refundFee(order: $order, reason: $text, amountFen: $fen, idempotencyKey: $key) { id } }""",
}
"""What a form of the page does."""
_YUAN = re.compile(r"(\d{1,7})(?:[.](\d{1,2}))?")


class AccountsPages:
    """``/officer/fees``."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        return [Route("/officer/fees", self._desk.signed_in(self.board), methods=["GET", "POST"])]

    async def board(self, request: Request, visitor: Visitor) -> Response:
        """Look, or do what a form of the page says."""
        tried = await do_posted(
            self._desk, request, visitor, _deed, incomplete="accounts.bad_input", tells_what=True
        )
        return tried if isinstance(tried, Response) else await self._page(request, visitor, tried.wrong)

    async def _page(self, request: Request, visitor: Visitor, wrong: str) -> Response:
        answer = await self._desk.ask(visitor, BOARD)
        if answer.code() == "FORBIDDEN":
            return self._desk.message(request, "forbidden_fees", 403)
        if not answer.data:
            return self._desk.message(request, "unavailable", 503)
        done = request.query_params.get("done", "")
        values = {
            **answer.data,
            "today": day_of(self._clock.now()).isoformat(),
            "key": secrets.token_urlsafe(16),
            "wrong": wrong,
            "done": done if done in DEEDS else "",
        }
        return self._desk.pages.render(request, "accounts.html", values, 422 if wrong else 200)


def fen_of(text: str) -> int | None:
    """An amount as people write it, ``12.34``, in fen; ``None`` for what is none. No float touches money."""
    found = _YUAN.fullmatch(text.strip())
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


def _deed(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    values = _values(fields)
    return None if values is None else (DEEDS[fields["do"]], values)


def _values(fields: Mapping[str, str]) -> dict[str, Any] | None:
    """What the mutation is told; ``None`` where the form makes no sense."""
    text = fields.get("text", "").strip()
    match fields.get("do"):
        case "reconcile":
            day = fields.get("day", "")
            return {"day": day} if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) else None
        case "explain":
            return {"id": fields.get("id", ""), "text": text} if text else None
        case "refund":
            amount = fields.get("amount", "").strip()
            fen = fen_of(amount) if amount else None
            is_wrong = not text or (amount and fen is None)
            order = fields.get("order", "").strip()
            return None if is_wrong else {"order": order, "text": text, "fen": fen, "key": fields.get("key", "")}
        case _:
            return None

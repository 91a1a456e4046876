"""My fees: what is due, of whichever departments, paid in one payment; and each with its receipt and refunds."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk, error_text
from hub.portal.my_pages import of_party
from hub.portal.page import see_other
from hub.portal.visitors import Visitor

FEE_FIELDS = (
    "number name nameEn amountFen refundedFen state dueAt paidAt holdEndsAt legalBasis legalBasisEn"
    " payee { name nameEn } case { id receiptNumber } settlement { receiptNumber }"
)
FEES = f"query Fees {{ {of_party(f'fees {{ {FEE_FIELDS} }}')} }}"
_FEE = f"""fees {{ {FEE_FIELDS}
  receipts {{ number amountFen issuedAt isReversal }}
  refunds {{ id amountFen state reason ground orderedAt doneAt refusal }} }}"""
FEE = f"query Fee {{ {of_party(_FEE)} }}"
PAY = """mutation Pay($orders: [ID!]!, $key: String) {
  payFees(orders: $orders, idempotencyKey: $key) { number payUrl } }"""


class FeePages:
    """``/portal/fees`` and below."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/portal/fees", mine(self.fees), methods=["GET", "POST"]),
            Route("/portal/fees/{number}", mine(self.fee), methods=["GET"]),
        ]

    async def fees(self, request: Request, visitor: Visitor) -> Response:
        """The list; a post begins one payment for what was chosen and goes to the cashier."""
        error = ""
        if request.method == "POST":
            form = await self._desk.pages.guarded_form(request)
            orders = [str(value) for value in form.getlist("orders")] if form is not None else []
            texts = self._desk.texts(request)
            if form is None:
                error = texts("sign_in.form_expired")
            elif not orders:
                error = texts("fees.choose")
            else:
                answer = await self._desk.ask(visitor, PAY, {"orders": orders, "key": form.get("key")})
                payment = answer.data.get("payFees")
                if payment:
                    return see_other(payment["payUrl"])
                error = error_text(texts, answer)
        values = {"error": error, "key": secrets.token_urlsafe(16)}
        return await self._shown(request, visitor, values, 400 if error else 200)

    async def fee(self, request: Request, visitor: Visitor) -> Response:
        """One of one's own, with its basis, receipts and refunds."""
        answer = await self._desk.ask(visitor, FEE)
        fees: list[dict[str, Any]] = (answer.data.get("me") or {}).get("fees") or []
        wanted = request.path_params["number"]
        found = next((each for each in fees if each["number"] == wanted), None)
        if found is None:
            return self._desk.message(request, "not_found", 404)
        return self._desk.pages.render(request, "fee.html", {"fee": found})

    async def _shown(self, request: Request, visitor: Visitor, values: dict[str, Any], status: int) -> Response:
        answer = await self._desk.ask(visitor, FEES)
        if answer.data.get("me") is None:
            return self._desk.message(request, "unavailable", 503)
        content = {"me": answer.data["me"], "absent": tuple(answer.silent_departments("me")), **values}
        return self._desk.pages.render(request, "fees.html", content, status)

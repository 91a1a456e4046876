"""Fees on the TV page: what is due, to whom, what is held, and a code that a phone scans to pay.

Nothing is paid on a TV. Numbers are hidden but for their end: others may be in the room.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.page import see_other
from hub.portal.qr_code import qr_code
from hub.portal.tv_pages import NAME, shown_name
from hub.portal.visitors import Visitor

FEES = "query TelevisionFees { me { fees { number name nameEn amountFen state dueAt payee { name nameEn } } } }"
OWED = ("DUE", "PAYING")


class TelevisionFeePages:
    """``/tv/fees``."""

    def __init__(self, desk: Desk, issuer: str) -> None:
        self._desk = desk
        self._address = f"{issuer}/portal/fees"

    def routes(self) -> list[BaseRoute]:
        return [Route("/tv/fees", self._desk.signed_in(self.fees), methods=["GET"])]

    async def fees(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._desk.ask(visitor, FEES)
        if answer.data.get("me") is None:
            return see_other("/tv")
        person = await self._desk.ask(visitor, NAME)
        fees = answer.data["me"]["fees"] or []
        due = [each for each in fees if each["state"] in OWED]
        values = {
            "due": due,
            "total": sum(each["amountFen"] for each in due),
            "held": [each for each in fees if each["state"] == "AUTHORISED"],
            "qr": qr_code(self._address),
            "name": shown_name(person.data),
        }
        return self._desk.pages.render(request, "tv_fees.html", values)

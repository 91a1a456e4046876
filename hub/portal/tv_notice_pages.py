"""Notices on the TV page: that there is news of what, and when. Texts and numbers are for the phone: others may be
in the room."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.page import see_other
from hub.portal.qr_code import qr_code
from hub.portal.tv_pages import NAME, shown_name
from hub.portal.visitors import Visitor

LIST = "query TelevisionNotices { notices(first: 6) { kind receiptNumber at readAt } }"


class TelevisionNoticePages:
    """``/tv/notices``."""

    def __init__(self, desk: Desk, issuer: str) -> None:
        self._desk = desk
        self._address = f"{issuer}/portal/notices"

    def routes(self) -> list[BaseRoute]:
        return [Route("/tv/notices", self._desk.signed_in(self.notices), methods=["GET"])]

    async def notices(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._desk.ask(visitor, LIST)
        if answer.data.get("notices") is None:
            return see_other("/tv")
        person = await self._desk.ask(visitor, NAME)
        values = {
            "notices": answer.data["notices"],
            "qr": qr_code(self._address),
            "name": shown_name(person.data),
        }
        return self._desk.pages.render(request, "tv_notices.html", values)

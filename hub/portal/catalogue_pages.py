"""Open to everyone: the front page with the service items, and the guide of one item."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk

ITEMS = """query Items($search: String) {
  serviceItems(search: $search) {
    code name nameEn category feeFen promisedLimitDays channels organisation { name nameEn }
    rating { mean count }
  }
}"""
ITEM = """query Item($code: ID!) {
  serviceItem(code: $code) {
    code name nameEn description descriptionEn category feeFen promisedLimitDays statutoryLimitDays
    channels form resultKind organisation { name nameEn } rating { mean count distribution { stars count } }
  }
}"""
ONLINE = {"WEB", "MOBILE"}


class CataloguePages:
    """``/`` and ``/portal/items/{code}``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self._desk.public(self.home), methods=["GET"]),
            Route("/portal/items", self._desk.public(self.home), methods=["GET"]),
            Route("/portal/items/{code}", self._desk.public(self.item), methods=["GET"]),
        ]

    async def home(self, request: Request) -> Response:
        search = request.query_params.get("q", "").strip()[:100]
        answer = await self._desk.ask(None, ITEMS, {"search": search or None})
        is_signed_in = await self._desk.visitors.current(request) is not None
        values = {
            "items": answer.data.get("serviceItems") or [],
            "search": search,
            "signed_in": is_signed_in,
        }
        return self._desk.pages.render(request, "home.html", values)

    async def item(self, request: Request) -> Response:
        answer = await self._desk.ask(None, ITEM, {"code": request.path_params["code"]})
        item = answer.data.get("serviceItem")
        if item is None:
            return self._desk.message(request, "not_found", 404)
        is_signed_in = await self._desk.visitors.current(request) is not None
        values = {"item": item, "signed_in": is_signed_in, "is_online": bool(ONLINE & set(item["channels"]))}
        return self._desk.pages.render(request, "item.html", values)

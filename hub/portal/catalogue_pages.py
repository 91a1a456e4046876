"""Open to everyone: the front page with the service items, the guide of one item, and the places.

A guide is made of the catalogue alone; whoever is signed in also reads what it means for them.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.visitors import Visitor

ITEMS = """query Items($search: String, $filter: ServiceItemFilter) {
  serviceItems(search: $search, filter: $filter) {
    code name nameEn category feeFen promisedLimitDays channels organisation { name nameEn }
    rating { mean count } starStandard { stars } exemption { kind }
  }
  lifeEvents { code name nameEn }
}"""
ITEM = """query Item($code: ID!) {
  serviceItem(code: $code) {
    code version name nameEn description descriptionEn category type feeFen promisedLimitDays statutoryLimitDays
    channels form resultKind isInstant levels whoMayApply serviceForms visits visitReason visitReasonEn
    enquiryTelephone complaintTelephone organisation { name nameEn }
    rating { mean count distribution { stars count } }
    starStandard { stars criteria { code star isMet name nameEn mend mendEn } }
    legalBasis { title titleEn article } conditions { code name nameEn }
    materials { code name nameEn legalBasis legalBasisEn source issuedBy issuedByEn necessity form copies
      isElectronicAccepted satisfiedBy { licenceType registerEntry } requiredWhen { field values } }
    steps { code name nameEn days kind } fees { code name nameEn amountFen legalBasis legalBasisEn due }
    results { name nameEn sample sampleEn isElectronic licenceType }
    greenChannel { ground groundEn limitDays } exemption { kind ground groundEn approvedBy }
    admission { state reason successor { code name nameEn } }
    windows { window place { code } } places { code name nameEn address addressEn }
  }
}"""
FOR_ME = """query ForMe($code: ID!) { itemForMe(itemCode: $code) {
  mayApply
  conditions { code name { zh en } answer ground { zh en } source { zh en } }
  materials { code name { zh en } need ground { zh en } source { zh en } } } }"""
PLACES = """query Places { places { code name nameEn kind address addressEn isOpen } }"""
PLACE = """query Place($code: ID!, $filter: ServiceItemFilter) {
  place(code: $code) {
    code name nameEn kind address addressEn latitude longitude telephone isOpen
    hours { days opens closes isExtended } windows { number name nameEn isComprehensive } }
  serviceItems(filter: $filter) { code name nameEn }
}"""
ONLINE = {"WEB", "MOBILE"}
LONGEST_SEARCH = 100


class CataloguePages:
    """``/``, ``/portal/items/{code}`` and ``/portal/places``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        public = self._desk.public
        return [
            Route("/", public(self.home), methods=["GET"]),
            Route("/portal/items", public(self.home), methods=["GET"]),
            Route("/portal/items/{code}", public(self.item), methods=["GET"]),
            Route("/portal/places", public(self.places), methods=["GET"]),
            Route("/portal/places/{code}", public(self.place), methods=["GET"]),
        ]

    async def home(self, request: Request) -> Response:
        search = request.query_params.get("q", "").strip()[:LONGEST_SEARCH]
        event = request.query_params.get("event", "").strip()[:LONGEST_SEARCH]
        asked = {"search": search or None, "filter": {"lifeEvent": event} if event else None}
        answer = await self._desk.ask(None, ITEMS, asked)
        is_signed_in = await self._desk.visitors.current(request) is not None
        values = {
            "items": answer.data.get("serviceItems") or [],
            "events": answer.data.get("lifeEvents") or [],
            "event": event,
            "search": search,
            "signed_in": is_signed_in,
        }
        return self._desk.pages.render(request, "home.html", values)

    async def item(self, request: Request) -> Response:
        answer = await self._desk.ask(None, ITEM, {"code": request.path_params["code"]})
        item = answer.data.get("serviceItem")
        if item is None:
            return self._desk.message(request, "not_found", 404)
        visitor = await self._desk.visitors.current(request)
        is_offered = item["admission"]["state"] == "ADMITTED" and item["exemption"] is None
        values = {
            "item": item,
            "windows": {each["place"]["code"]: each["window"] for each in item["windows"]},
            "signed_in": visitor is not None,
            "is_offered": is_offered,
            "is_online": is_offered and bool(ONLINE & set(item["channels"])),
            "for_me": await self._for_me(visitor, item["code"]) if visitor and is_offered else None,
        }
        return self._desk.pages.render(request, "item.html", values)

    async def places(self, request: Request) -> Response:
        answer = await self._desk.ask(None, PLACES)
        visitor = await self._desk.visitors.current(request)
        values = {"places": answer.data.get("places") or [], "signed_in": visitor is not None}
        return self._desk.pages.render(request, "places.html", values)

    async def place(self, request: Request) -> Response:
        code = request.path_params["code"]
        answer = await self._desk.ask(None, PLACE, {"code": code, "filter": {"place": code}})
        place = answer.data.get("place")
        if place is None:
            return self._desk.message(request, "not_found", 404)
        visitor = await self._desk.visitors.current(request)
        items = answer.data.get("serviceItems") or []
        values = {"place": place, "items": items, "signed_in": visitor is not None}
        return self._desk.pages.render(request, "place.html", values)

    async def _for_me(self, visitor: Visitor, code: str) -> Any:
        """``None`` too where nobody could say."""
        return (await self._desk.ask(visitor, FOR_ME, {"code": code})).data.get("itemForMe")

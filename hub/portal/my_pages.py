"""Mine: overview, licences, cases, one case as it moves, and its rating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk, error_text
from hub.portal.drafts import whose
from hub.portal.page import see_other
from hub.portal.visitors import Visitor

_LICENCES = "licences { issuerCode number kind name nameEn validFrom validUntil state issuer { name nameEn } }"
_FEES = (
    "fees { number name nameEn amountFen state dueAt paidAt payee { name nameEn } case { id receiptNumber }"
    " settlement { receiptNumber } }"
)
_CASES = "cases { id receiptNumber state updatedAt dueAt isOverdue ratable item { code name nameEn } }"
PERSON = "person: me { name maskedIdNumber }"
"""Asked apart from the rest: where the identity department is silent, only this part is missing."""
OVERVIEW = f"query Overview {{ {PERSON} me {{ {_LICENCES} {_FEES} {_CASES} }} }}"
LICENCES = f"query Licences {{ me {{ {_LICENCES} }} }}"


def of_party(selection: str) -> str:
    """A selection of whom the request is for: the person who signed in, or the party that they act for."""
    return f"me: party {{ ... on Citizen {{ {selection} }} ... on Enterprise {{ {selection} }} }}"


CASES = f"query Cases {{ {of_party(_CASES)} }}"
PARTY_OVERVIEW = f"query PartyOverview {{ {of_party(f'{_FEES} {_CASES}')} }}"
"""While somebody acts for a party: records are read with a power of their own, and not here."""
CASE = """query Case($id: ID!) { case(id: $id) {
  id receiptNumber state version submittedAt updatedAt dueAt isOverdue reason remedy licenceNumber ratable
  item { code name nameEn organisation { name nameEn } }
  guidance { text textEn until } actions materials { code name nameEn state reference remark }
  events { version type state at actor reason channel }
  fees { number name nameEn amountFen state }
  isJoint subCases { code name nameEn state isRequired waitsFor reason remedy decidedAt
    department { name nameEn } licence { number } }
  rating { stars comment } } }"""
RATE = """mutation Rate($case: ID!, $stars: Int!, $comment: String) {
  rateService(case: $case, stars: $stars, comment: $comment) { stars } }"""
WITHDRAW = """mutation Withdraw($case: ID!, $reason: String) {
  withdrawCase(case: $case, reason: $reason) { state } }"""
STARS = {"1", "2", "3", "4", "5"}
OPEN_STATES = {"SUBMITTED", "SUPPLEMENT_REQUESTED", "ACCEPTED", "IN_REVIEW", "SUSPENDED"}


class MyPages:
    """Everything below ``/portal`` that belongs to the person who is signed in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/portal", mine(self.overview), methods=["GET"]),
            Route("/portal/licences", mine(self.licences), methods=["GET"]),
            Route("/portal/cases", mine(self.cases), methods=["GET"]),
            Route("/portal/cases/{id}", mine(self.case), methods=["GET"]),
            Route("/portal/cases/{id}/rate", mine(self.rate, keeps=True), methods=["GET", "POST"]),
            Route("/portal/cases/{id}/withdraw", mine(self.withdraw), methods=["POST"]),
        ]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        query = OVERVIEW if visitor.acting is None else PARTY_OVERVIEW
        return await self._mine(request, visitor, query, "overview.html")

    async def licences(self, request: Request, visitor: Visitor) -> Response:
        return await self._mine(request, visitor, LICENCES, "licences.html")

    async def cases(self, request: Request, visitor: Visitor) -> Response:
        return await self._mine(request, visitor, CASES, "cases.html")

    async def case(self, request: Request, visitor: Visitor) -> Response:
        found = await self._case(request, visitor)
        if found is None:
            return self._desk.message(request, "not_found", 404)
        values = {"case": found, "is_open": found["state"] in OPEN_STATES}
        return self._desk.pages.render(request, "case.html", values)

    async def rate(self, request: Request, visitor: Visitor) -> Response:
        """Five radio buttons, "no rating" chosen at first; nothing is rated by accident."""
        found = await self._case(request, visitor)
        if found is None:
            return self._desk.message(request, "not_found", 404)
        kept = await self._desk.drafts.take(request, visitor) if request.method == "GET" else {}
        error, comment, stars = "", kept.get("comment", ""), kept.get("stars", "")
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            texts = self._desk.texts(request)
            comment = (fields or {}).get("comment", "")
            stars = (fields or {}).get("stars", "")
            if fields is None:
                error = texts("sign_in.form_expired")
            elif stars not in STARS:
                error = texts("rate.choose")
            else:
                variables = {"case": found["id"], "stars": int(stars), "comment": comment or None}
                answer = await self._desk.ask(visitor, RATE, variables)
                if answer.data.get("rateService"):
                    return see_other(f"/portal/cases/{found['id']}?rated=1")
                error = error_text(texts, answer)
        values = {
            "case": found,
            "error": error,
            "comment": comment,
            "chosen": stars,
            "whose": whose(visitor),
            "is_restored": bool(kept),
        }
        return self._desk.pages.render(request, "rate.html", values, 400 if error else 200)

    async def withdraw(self, request: Request, visitor: Visitor) -> Response:
        fields = await self._desk.pages.form(request)
        case_id = request.path_params["id"]
        if fields is not None:
            variables = {"case": case_id, "reason": fields.get("reason") or None}
            answer = await self._desk.ask(visitor, WITHDRAW, variables)
            if answer.errors:
                text = error_text(self._desk.texts(request), answer)
                return self._desk.pages.render(request, "message.html", {"kind": "refused", "text": text}, 409)
        return see_other(f"/portal/cases/{case_id}")

    async def _case(self, request: Request, visitor: Visitor) -> Any:
        answer = await self._desk.ask(visitor, CASE, {"id": request.path_params["id"]})
        return answer.data.get("case")

    async def _mine(
        self,
        request: Request,
        visitor: Visitor,
        query: str,
        template: str,
        values: dict[str, Any] | None = None,
        status: int = 200,
    ) -> Response:
        """A page over ``me``: what there is, and who could not answer."""
        answer = await self._desk.ask(visitor, query)
        if answer.data.get("me") is None:
            return self._desk.message(request, "unavailable", 503)
        silent = (*answer.silent_departments("person"), *answer.silent_departments("me"))
        absent = tuple(dict.fromkeys(silent))
        content = {"me": with_person(answer.data), "absent": absent, **(values or {})}
        return self._desk.pages.render(request, template, content, status)


def with_person(data: Mapping[str, Any]) -> dict[str, Any]:
    """``me``, with name and masked number where the identity department answered."""
    return {"name": None, "maskedIdNumber": None, **(data.get("person") or {}), **data["me"]}

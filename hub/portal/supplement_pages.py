"""Answer a notice, and remind the department, on the pages of one's own case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk, detailed_error_text, error_text
from hub.portal.form_fields import fields_of
from hub.portal.form_reading import Reading, read_form, typed_of, wrong_fields
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.material_reference import as_reference

ASKED = """query Asked($id: ID!) { case(id: $id) {
  id receiptNumber state reason answerBy form formRemarks { field remark } item { name nameEn form }
  materials { code name nameEn state remark } } }"""
SUPPLEMENT = """mutation Supplement($input: SupplementInput!) { supplementCase(input: $input) { id } }"""
REMIND = """mutation Remind($case: ID!) { remindDepartment(case: $case) { id } }"""


class SupplementPages:
    """``/portal/cases/{id}/supplement`` and ``/portal/cases/{id}/remind``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/portal/cases/{id}/supplement", mine(self.supplement), methods=["GET", "POST"]),
            Route("/portal/cases/{id}/remind", mine(self.remind), methods=["POST"]),
        ]

    async def supplement(self, request: Request, visitor: Visitor) -> Response:
        """Only what the notice names, with its remark beside it."""
        answer = await self._desk.ask(visitor, ASKED, {"id": request.path_params["id"]})
        case = answer.data.get("case")
        if case is None:
            return self._desk.message(request, "not_found", 404)
        if case["state"] != "SUPPLEMENT_REQUESTED":
            return see_other(f"/portal/cases/{case['id']}")
        texts, error, typed = self._desk.texts(request), "", dict[str, str]()
        if request.method == "POST":
            posted = await self._desk.pages.form(request)
            if posted is None:
                return self._desk.message(request, "expired", 400)
            typed = posted
            error = await self._send(visitor, case, typed, request)
            if not error:
                return see_other(f"/portal/cases/{case['id']}")
        values = {
            "case": case,
            "fields": _fields(case, typed or _before(case), texts),
            "remarks": [each["remark"] for each in case["formRemarks"]],
            "asked": _asked(case),
            "typed": typed,
            "error": error,
        }
        return self._desk.pages.render(request, "supplement.html", values, 400 if error else 200)

    async def remind(self, request: Request, visitor: Visitor) -> Response:
        fields = await self._desk.pages.form(request)
        case_id = request.path_params["id"]
        if fields is not None:
            answer = await self._desk.ask(visitor, REMIND, {"case": case_id})
            if answer.errors:
                text = error_text(self._desk.texts(request), answer)
                return self._desk.pages.render(request, "message.html", {"kind": "refused", "text": text}, 409)
        return see_other(f"/portal/cases/{case_id}")

    async def _send(self, visitor: Visitor, case: Any, typed: Mapping[str, str], request: Request) -> str:
        texts = self._desk.texts(request)
        form = case["item"]["form"]
        reading = read_form(form, typed)
        changes = {name: value for name, value in reading.values.items() if name in _named(case)}
        wrong = wrong_fields(form, Reading({**(case["form"] or {}), **changes}, reading.places), texts)
        if wrong:
            return " ".join(wrong.values())
        given = {each["code"]: typed.get(f"material-{each['code']}", "").strip() for each in _asked(case)}
        materials = [{"code": code, "reference": as_reference(text)} for code, text in given.items() if text]
        values = {"case": case["id"], "form": changes, "materials": materials, "channel": "WEB"}
        answer = await self._desk.ask(visitor, SUPPLEMENT, {"input": values})
        return detailed_error_text(texts, answer) if answer.errors else ""


def _asked(case: Any) -> list[Any]:
    return [each for each in case["materials"] if each["state"] in ("RETURNED", "MISSING") and each["remark"]]


def _before(case: Any) -> dict[str, str]:
    return typed_of(case["item"]["form"], case["form"])


def _named(case: Any) -> set[str]:
    return {each["field"] for each in case["formRemarks"]}


def _fields(case: Any, typed: Mapping[str, str], texts: Any) -> Any:
    return tuple(field for field in fields_of(case["item"]["form"], typed, texts) if field.top in _named(case))

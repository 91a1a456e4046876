"""The officer's work list, and one case with everything that can be done to it; the graph says what that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk, detailed_error_text
from hub.portal.form_fields import fields_of
from hub.portal.form_reading import typed_of
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.case_actions import CaseAction
from schema.domain.case_handling import ResultWay, SpecialProcedure

BEIJING = ZoneInfo("Asia/Shanghai")
LIST = """query Work($mine: Boolean, $overdue: Boolean, $state: [CaseState!], $after: String) {
  officerCases(mine: $mine, overdue: $overdue, state: $state, after: $after) {
    edges { node { id receiptNumber state submittedAt dueAt isOverdue isExpedited item { name nameEn }
      guidance { text textEn } } }
    pageInfo { hasNextPage endCursor } } }"""
CASE = """query OfficerCase($id: ID!) { case(id: $id) {
  noticeDeliveries { kind channel state noticedAt deliveredAt deemedAt }
  id receiptNumber state submittedAt dueAt statutoryDueAt isOverdue channel reason remedy
  isExpedited isFiledByOfficer actions form
  item { code name nameEn form materials { code name nameEn } }
  materials { code name nameEn state reference trust remark } formRemarks { field remark }
  guidance { text textEn } events { type at actor reason channel } } }"""

REVIEWS = {"REVIEW_ACCEPT": "ACCEPTED", "REVIEW_RETURN": "RETURNED"}
"""What pre-review can say of one material."""
Read = Callable[[str], Any]


def midnight(text: str) -> str:
    """24:00 in Beijing of the day that was picked."""
    day = date.fromisoformat(text) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING).isoformat()


_TEXT = str
DEEDS: Mapping[str, tuple[str, Mapping[str, tuple[str, Read]]]] = {
    "ACCEPT": ("acceptCase", {}),
    "REFUSE_ACCEPTANCE": ("refuseAcceptance", {"reason": ("String!", _TEXT), "remedy": ("String!", _TEXT)}),
    "START_REVIEW": ("startReview", {}),
    "SUSPEND": (
        "suspendCase",
        {
            "ground": ("SpecialProcedure!", _TEXT),
            "expectedEnd": ("Date!", _TEXT),
            "reason": ("String!", _TEXT),
        },
    ),
    "RESUME": ("resumeCase", {"outcome": ("String", _TEXT)}),
    "EXTEND": (
        "extendCase",
        {"workingDays": ("Int!", int), "approver": ("ID!", _TEXT), "reason": ("String!", _TEXT)},
    ),
    "APPROVE": ("approveCase", {"reason": ("String", _TEXT)}),
    "DENY": ("denyCase", {"reason": ("String!", _TEXT), "remedy": ("String!", _TEXT)}),
    "TERMINATE": ("terminateCase", {"reason": ("String!", _TEXT)}),
    "ISSUE_RESULT": ("issueResult", {"number": ("String", _TEXT)}),
    "SEND_RESULT": ("sendResult", {"way": ("ResultWay!", _TEXT), "tracking": ("String", _TEXT)}),
    "RECORD_COLLECTION": ("recordCollection", {}),
    "HAND_OVER": ("handOverCase", {"to": ("ID!", _TEXT), "reason": ("String!", _TEXT)}),
    "URGE": ("urgeCase", {"answerBy": ("DateTime!", midnight), "reason": ("String!", _TEXT)}),
    "EXPEDITE": ("expediteCase", {"reason": ("String!", _TEXT)}),
    "REOPEN": ("reopenCase", {"reason": ("String!", _TEXT)}),
}
"""What is asked of the person for each action, and the mutation that does it; a notice is made apart."""
REVIEW = """mutation Review($case: ID!, $code: String!, $state: MaterialState!, $remark: String, $saw: Boolean!) {
  done: reviewMaterial(case: $case, code: $code, state: $state, remark: $remark, sawOriginal: $saw) { id } }"""
NOTICE = """mutation Notice($case: ID!, $reason: String!, $answerBy: DateTime!, $materials: [NoticeLineInput!],
  $fields: [NoticeLineInput!]) { done: requestSupplement(case: $case, reason: $reason, answerBy: $answerBy,
  materials: $materials, fields: $fields) { id } }"""


class OfficerPages:
    """``/officer`` and ``/officer/cases/{id}``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/officer", mine(self.work), methods=["GET"]),
            Route("/officer/cases/{id}", mine(self.case), methods=["GET", "POST"]),
        ]

    async def work(self, request: Request, visitor: Visitor) -> Response:
        """The cases of the department, or those in one's own hand, the oldest first."""
        is_mine = request.query_params.get("mine") == "1"
        is_late = request.query_params.get("overdue") == "1"
        variables = {"mine": is_mine, "overdue": is_late, "after": request.query_params.get("after") or None}
        answer = await self._desk.ask(visitor, LIST, variables)
        if answer.code() in ("FORBIDDEN", "BAD_USER_INPUT"):
            return self._desk.message(request, "forbidden_department", 403)
        found = answer.data.get("officerCases")
        if found is None:
            return self._desk.message(request, "unavailable", 503)
        values = {
            "cases": [edge["node"] for edge in found["edges"]],
            "is_mine": is_mine,
            "is_late": is_late,
            "next": found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else "",
        }
        return self._desk.pages.render(request, "officer.html", values)

    async def case(self, request: Request, visitor: Visitor) -> Response:
        """One case; a post does one thing to it, and shows why it was refused if it was."""
        if request.method == "GET":
            return await self._page(request, visitor, {}, "")
        typed = await self._desk.pages.form(request)
        if typed is None:
            return self._desk.message(request, "expired", 400)
        texts, action = self._desk.texts(request), typed.get("do", "")
        try:
            mutation, variables = _request_of(action, request.path_params["id"], typed)
        except (ValueError, KeyError):
            return await self._page(request, visitor, typed, texts("officer.incomplete"))
        answer = await self._desk.ask(visitor, mutation, variables)
        if answer.errors:
            said = detailed_error_text(texts, answer)
            return await self._page(request, visitor, typed, said)
        return see_other(request.url.path)

    async def _page(self, request: Request, visitor: Visitor, typed: Mapping[str, str], wrong: str) -> Response:
        answer = await self._desk.ask(visitor, CASE, {"id": request.path_params["id"]})
        found = answer.data.get("case")
        if found is None:
            return self._desk.message(request, "not_found", 404)
        texts = self._desk.texts(request)
        form = found["item"]["form"]
        filled = typed_of(form, found["form"])
        actions = [each for each in found["actions"] if each in DEEDS]
        values = {
            "case": found,
            "fields": fields_of(form, filled, texts),
            "asked": {name: texts.pick(part.get("title"), part.get("title_en")) for name, part in _parts(form)},
            "deeds": [(each, list(DEEDS[each][1])) for each in actions],
            "may_ask": CaseAction.REQUEST_SUPPLEMENT in found["actions"],
            "grounds": list(SpecialProcedure),
            "ways": list(ResultWay),
            "may_review": CaseAction.APPROVE in found["actions"] or CaseAction.ACCEPT in found["actions"],
            "typed": typed,
            "wrong": wrong,
        }
        return self._desk.pages.render(request, "officer_case.html", values, 409 if wrong else 200)


def _parts(form: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return list(form.get("properties", {}).items())


def _request_of(action: str, case: str, typed: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The mutation and its variables. Raises ``ValueError`` or ``KeyError`` for what is not filled in."""
    if action == CaseAction.REQUEST_SUPPLEMENT:
        return NOTICE, _notice(case, typed)
    if action in REVIEWS:
        return REVIEW, {
            "case": case,
            "code": typed["material"],
            "state": REVIEWS[action],
            "remark": typed.get("remark", "").strip() or None,
            "saw": typed.get("saw") == "true",
        }
    name, wanted = DEEDS[action]
    variables: dict[str, Any] = {"case": case}
    for field, (kind, read) in wanted.items():
        value = typed.get(f"{action}-{field}", "").strip()
        if not value and kind.endswith("!"):
            raise ValueError(field)
        variables[field] = read(value) if value else None
    declared = "".join(f", ${field}: {kind}" for field, (kind, _) in wanted.items())
    passed = "".join(f", {field}: ${field}" for field in wanted)
    return f"mutation Deed($case: ID!{declared}) {{ done: {name}(case: $case{passed}) {{ id }} }}", variables


def _notice(case: str, typed: Mapping[str, str]) -> dict[str, Any]:
    def lines(prefix: str) -> list[dict[str, str]]:
        found = (
            (name.removeprefix(prefix), text.strip()) for name, text in typed.items() if name.startswith(prefix)
        )
        return [{"name": name, "remark": text} for name, text in found if text]

    return {
        "case": case,
        "reason": typed["notice-reason"],
        "answerBy": midnight(typed["notice-answerBy"]),
        "materials": lines("material-"),
        "fields": lines("field-"),
    }

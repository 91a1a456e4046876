"""The supergraphs that were in force, what each changed, and the way back to any of them in two steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.page import see_other
from hub.portal.report import CRITICALITIES
from hub.portal.staff import GREATEST, StaffDesk, whole_number
from hub.portal.visitors import Visitor

_ROW = "version reason createdAt createdBy members { name version }"
PAGE_SIZE = 20
LIST = f"""query Supergraphs($first: Int!, $before: Int) {{
  newest: supergraphVersions(first: 1) {{ version }}
  supergraphVersions(first: $first, before: $before) {{ {_ROW} }} }}"""
ONE = f"""query Supergraph($before: Int!) {{
  newest: supergraphVersions(first: 1) {{ {_ROW} }}
  supergraphVersions(first: 1, before: $before) {{
    {_ROW} changes {{ kind criticality path description }} }} }}"""
BACK = """mutation Back($version: Int!, $reason: String) {
  rollbackSupergraph(version: $version, reason: $reason) {
    ok errors { code message } supergraphVersion } }"""


class SupergraphPages:
    """``/operator/supergraphs``; for operators alone."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        mine = self._staff.desk.signed_in
        path = "/operator/supergraphs/{number:int}"
        return [
            Route("/operator/supergraphs", mine(self.overview), methods=["GET"]),
            Route(path, mine(self.one), methods=["GET"]),
            Route(f"{path}/rollback", mine(self.back), methods=["GET", "POST"]),
        ]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        """The newest first; ``?before=`` leads to the older ones."""
        before = whole_number(request.query_params.get("before", ""))
        wanted = {"first": PAGE_SIZE, "before": before}
        answer = await self._staff.asked(request, visitor, LIST, wanted, "forbidden")
        if isinstance(answer, Response):
            return answer
        found = answer.data["supergraphVersions"]
        values = {
            "versions": found,
            "newest": _number_of(answer.data["newest"]),
            "older": found[-1]["version"] if found and found[-1]["version"] > 1 else None,
            "is_first_page": before is None,
            "done": request.query_params.get("done") == "rollback",
        }
        return self._render(request, visitor, "supergraphs.html", values)

    async def one(self, request: Request, visitor: Visitor) -> Response:
        found = await self._found(request, visitor)
        if isinstance(found, Response):
            return found
        version, newest = found
        changes = {
            criticality: some
            for criticality in CRITICALITIES
            if (some := [each for each in version["changes"] if each["criticality"] == criticality])
        }
        values = {"version": version, "newest": newest["version"], "changes": changes}
        return self._render(request, visitor, "supergraph.html", values)

    async def back(self, request: Request, visitor: Visitor) -> Response:
        """First what would go back to which version, then the deed with its reason."""
        found = await self._found(request, visitor)
        if isinstance(found, Response):
            return found
        version, newest = found
        if version["version"] == newest["version"]:
            return self._staff.desk.message(request, "not_now", 409)
        values = {"version": version, "newest": newest["version"], "moves": _moves(newest, version)}
        if request.method == "GET":
            shown = {**values, "said": None, "problems": [], "reason": ""}
            return self._render(request, visitor, "supergraph_rollback.html", shown)
        fields = await self._staff.desk.pages.form(request)
        if fields is None:
            return self._staff.desk.message(request, "expired", 400)
        reason = fields.get("reason", "").strip()
        variables = {"version": version["version"], "reason": reason or None}
        answer = await self._staff.desk.ask(visitor, BACK, variables)
        made = answer.data.get("rollbackSupergraph")
        if made is not None and made["ok"]:
            return see_other("/operator/supergraphs?done=rollback")
        shown = {
            **values,
            "said": self._staff.said(request, answer),
            "problems": made["errors"] if made else [],
            "reason": reason,
        }
        return self._render(request, visitor, "supergraph_rollback.html", shown, 409)

    async def _found(
        self, request: Request, visitor: Visitor
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]] | Response:
        """The one of the address, and the one in force."""
        number: int = request.path_params["number"]
        wanted = {"before": min(number, GREATEST) + 1}
        answer = await self._staff.asked(request, visitor, ONE, wanted, "forbidden")
        if isinstance(answer, Response):
            return answer
        found = answer.data["supergraphVersions"]
        if not found or found[0]["version"] != number:
            return self._staff.desk.message(request, "not_found", 404)
        return found[0], answer.data["newest"][0]

    def _render(
        self, request: Request, visitor: Visitor, template: str, values: Mapping[str, Any], status: int = 200
    ) -> Response:
        return self._staff.render(request, visitor, template, None, values, status)


def _number_of(newest: Sequence[Mapping[str, Any]]) -> int:
    return int(newest[0]["version"]) if newest else 0


def _moves(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each connector that another version of would be in force: ``before`` or ``after`` is ``None`` for none."""
    before = {each["name"]: each["version"] for each in now["members"]}
    after = {each["name"]: each["version"] for each in then["members"]}
    names = sorted({*before, *after})
    return [
        {"name": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]

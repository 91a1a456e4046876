"""Inspections for officers: order one, dispatch it, add evidence, report; the graph says who may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.deed import do_posted
from hub.portal.desk import Desk
from hub.portal.visitors import Visitor
from schema.domain.inspection import InspectionWay
from schema.domain.receipt_number import SHANGHAI

_FIELDS = """id number caseId way address state beginsAt endsAt dueAt findings inspector
  evidence { file takenAt latitude longitude remark }"""
WORK = f"""query InspectionWork($mine: Boolean!) {{ inspectionWork(mine: $mine, first: 100) {{ {_FIELDS} }}
  myFiles(first: 50) {{ id name state }} }}"""
ORDER = "mutation Order($input: OrderInspectionInput!) { done: orderInspection(input: $input) { id } }"
SCHEDULE = """mutation Schedule($id: ID!, $inspector: ID!, $beginsAt: DateTime!, $endsAt: DateTime!) {
  done: scheduleInspection(id: $id, inspector: $inspector, beginsAt: $beginsAt, endsAt: $endsAt) { id } }"""
EVIDENCE = """mutation Evidence($id: ID!, $input: EvidenceInput!) {
  done: addEvidence(id: $id, input: $input) { id } }"""
REPORT = """mutation Report($id: ID!, $passed: Boolean!, $findings: String!) {
  done: reportInspection(id: $id, passed: $passed, findings: $findings) { id } }"""
CANCEL = "mutation Cancel($id: ID!, $reason: String!) { done: cancelInspection(id: $id, reason: $reason) { id } }"


class InspectionPages:
    """``/officer/inspections``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        return [Route("/officer/inspections", self._desk.signed_in(self.work), methods=["GET", "POST"])]

    async def work(self, request: Request, visitor: Visitor) -> Response:
        """What is open; a post does one thing, and shows why it was refused if it was."""
        tried = await do_posted(self._desk, request, visitor, _request_of)
        if isinstance(tried, Response):
            return tried
        is_mine = request.query_params.get("mine") == "1"
        answer = await self._desk.ask(visitor, WORK, {"mine": is_mine})
        found = answer.data.get("inspectionWork")
        if found is None:
            return self._desk.no_answer(request, answer)
        values = {
            "inspections": found,
            "files": [each for each in answer.data.get("myFiles") or [] if each["state"] == "READY"],
            "ways": list(InspectionWay),
            "is_mine": is_mine,
            "wrong": tried.wrong,
        }
        return self._desk.pages.render(request, "officer_inspections.html", values, tried.status)


def _request_of(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """The mutation and its variables; ``None`` where something is not filled in."""
    try:
        return _deed(fields)
    except ValueError:
        return None


def _deed(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The same. Raises ``ValueError`` for what is not filled in."""
    said = {name: value.strip() for name, value in fields.items()}
    match said.get("do"):
        case "order":
            asked = {name: _needed(said, name) for name in ("case", "way", "address", "reason")}
            return ORDER, {"input": {**asked, **_place(said)}}
        case "schedule":
            times = {name: _moment(_needed(said, name)) for name in ("beginsAt", "endsAt")}
            return SCHEDULE, {"id": _needed(said, "id"), "inspector": _needed(said, "inspector"), **times}
        case "evidence":
            taken = _moment(_needed(said, "takenAt"))
            picture = {"file": _needed(said, "file"), "takenAt": taken, "remark": said.get("remark") or None}
            return EVIDENCE, {"id": _needed(said, "id"), "input": {**picture, **_place(said)}}
        case "passed" | "failed":
            result = {"passed": said["do"] == "passed", "findings": _needed(said, "findings")}
            return REPORT, {"id": _needed(said, "id"), **result}
        case "cancel":
            return CANCEL, {"id": _needed(said, "id"), "reason": _needed(said, "reason")}
        case _:
            raise ValueError("do")


def _needed(said: Mapping[str, str], name: str) -> str:
    if not (value := said.get(name, "")):
        raise ValueError(name)
    return value


def _moment(text: str) -> str:
    """Local time of a form, at Beijing. Raises ``ValueError``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).isoformat()


def _place(said: Mapping[str, str]) -> dict[str, float | None]:
    return {name: float(said[name]) if said.get(name) else None for name in ("latitude", "longitude")}

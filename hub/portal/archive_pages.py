"""Archives whose term is over: list them, review, approve, stop; the graph says who may do which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.deed import do_posted
from hub.portal.desk import Desk
from hub.portal.visitors import Visitor

DUE = "{ destroyableArchives(first: 100) { caseId receiptNumber itemCode state retainedUntil } }"
LISTS = """{ destructionLists(first: 20) { id number state author reviewer archivist waitsUntil executedAt
  certificate entries { receiptNumber itemCode state destroyedAt } } }"""
DRAFT = """mutation Draft($cases: [ID!]!, $reason: String!) {
  done: draftDestructionList(cases: $cases, reason: $reason) { id } }"""
REVIEW = "mutation Review($id: ID!) { done: reviewDestructionList(id: $id) { id } }"
APPROVE = "mutation Approve($id: ID!) { done: approveDestructionList(id: $id) { id } }"
STOP = "mutation Stop($id: ID!, $reason: String!) { done: stopDestruction(id: $id, reason: $reason) { id } }"
LISTED = "case-"
"""How the fields of the form begin that name what is to be listed."""


class ArchivePages:
    """``/officer/archives``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        return [Route("/officer/archives", self._desk.signed_in(self.board), methods=["GET", "POST"])]

    async def board(self, request: Request, visitor: Visitor) -> Response:
        """What is due and what is listed; a post does one thing, or says why it was refused."""
        tried = await do_posted(self._desk, request, visitor, _request_of)
        if isinstance(tried, Response):
            return tried
        answer = await self._desk.ask(visitor, LISTS)
        lists = answer.data.get("destructionLists")
        if lists is None:
            return self._desk.no_answer(request, answer)
        # Who reviews or watches lists nothing: the graph gives them none.
        due = (await self._desk.ask(visitor, DUE)).data.get("destroyableArchives") or []
        values = {"lists": lists, "due": due, "wrong": tried.wrong}
        return self._desk.pages.render(request, "officer_archives.html", values, tried.status)


def _request_of(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """The mutation and its variables; ``None`` where something is not filled in."""
    listed, reason = fields.get("id", ""), fields.get("reason", "").strip()
    match fields.get("do"):
        case "draft":
            cases = [name.removeprefix(LISTED) for name in fields if name.startswith(LISTED)]
            return (DRAFT, {"cases": cases, "reason": reason}) if cases and reason else None
        case "review":
            return REVIEW, {"id": listed}
        case "approve":
            return APPROVE, {"id": listed}
        case "stop":
            return (STOP, {"id": listed, "reason": reason}) if reason else None
        case _:
            return None

"""Durable requests: one's own with what became of each, and for an operator those of unknown outcome."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk, error_text
from hub.portal.graph import GraphAnswer
from hub.portal.page import see_other
from hub.portal.visitors import Visitor

MINE = """query Requests($after: String) { myDurableTickets(first: 20, after: $after) {
  edges { node {
    id field department state createdAt sentAt doneAt expiresAt stalledSince canBeCancelled
    error { code message } } }
  pageInfo { hasNextPage endCursor } } }"""
CANCEL = "mutation Cancel($id: ID!) { cancelDurableTicket(id: $id) { state } }"
UNKNOWN = """query Unknown { durableRequests(state: OUTCOME_UNKNOWN, first: 100) {
  edges { node { id department field createdAt sentAt } } } }"""
RESOLVE = """mutation Resolve($id: ID!, $done: Boolean!, $reason: String!) {
  resolveDurableRequest(id: $id, wasDone: $done, reason: $reason) { state } }"""


class RequestPages:
    """``/portal/requests`` and ``/operator/requests``; they work without scripts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/portal/requests", mine(self.requests), methods=["GET"]),
            Route("/portal/requests/cancel", mine(self.cancel), methods=["POST"]),
            Route("/operator/requests", mine(self.unknown), methods=["GET", "POST"]),
        ]

    async def requests(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._desk.ask(visitor, MINE, {"after": request.query_params.get("after")})
        found = answer.data.get("myDurableTickets")
        if found is None:
            return self._desk.message(request, "unavailable", 503)
        values = {"requests": [edge["node"] for edge in found["edges"]], "page": found["pageInfo"]}
        return self._desk.pages.render(request, "requests.html", values)

    async def cancel(self, request: Request, visitor: Visitor) -> Response:
        if (fields := await self._desk.pages.form(request)) is not None:
            answer = await self._desk.ask(visitor, CANCEL, {"id": fields.get("id", "")})
            if answer.errors:
                text = error_text(self._desk.texts(request), answer)
                return self._desk.pages.render(request, "message.html", {"kind": "refused", "text": text}, 409)
        return see_other("/portal/requests")

    async def unknown(self, request: Request, visitor: Visitor) -> Response:
        """What an operator has to find out; a post says how one ended."""
        error = ""
        if request.method == "POST":
            error = await self._resolve(request, visitor)
            if not error:
                return see_other("/operator/requests")
        answer = await self._desk.ask(visitor, UNKNOWN)
        if answer.code() == "FORBIDDEN":
            return self._desk.message(request, "forbidden", 403)
        found = answer.data.get("durableRequests")
        if found is None:
            return self._desk.message(request, "unavailable", 503)
        values = {"requests": [edge["node"] for edge in found["edges"]], "error": error, "is_operator": True}
        return self._desk.pages.render(request, "unknown_requests.html", values, 400 if error else 200)

    async def _resolve(self, request: Request, visitor: Visitor) -> str:
        """Why it was not resolved, in the reader's language; empty when it was."""
        texts, fields = self._desk.texts(request), await self._desk.pages.form(request)
        if fields is None:
            return texts("sign_in.form_expired")
        if fields.get("outcome") not in ("done", "not-done") or not fields.get("reason", "").strip():
            return texts("requests.reason_wanted")
        variables = {"id": fields.get("id", ""), "done": fields["outcome"] == "done", "reason": fields["reason"]}
        answer: GraphAnswer = await self._desk.ask(visitor, RESOLVE, variables)
        return error_text(texts, answer) if answer.errors else ""

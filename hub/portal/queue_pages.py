"""The queues, and the dead letters with why, from where, how often and for which case; put back with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.page import see_other
from hub.portal.staff import StaffDesk, whole_number
from hub.portal.visitors import Visitor

LIST = """query Queues($queue: String) {
  queues { name ready unacknowledged consumers }
  deadLetters(queue: $queue) {
    id queue type source sentAt subject parkedCase reason attempts since
    redrives { at by reason wasFound } } }"""
REDRIVE = """mutation Redrive($ids: [ID!]!, $reason: String!) {
  redriveDeadLetters(ids: $ids, reason: $reason) { redriven gone } }"""


class QueuePages:
    """``/operator/queues``; for operators alone."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        mine = self._staff.desk.signed_in
        return [Route("/operator/queues", mine(self.overview), methods=["GET", "POST"])]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        """The list; a POST puts the letters that are ticked back, and comes back here."""
        if request.method == "GET":
            return await self._list(request, visitor, {})
        form = await self._staff.desk.pages.guarded_form(request)
        if form is None:
            return self._staff.desk.message(request, "expired", 400)
        ids, reason = [str(each) for each in form.getlist("id")], str(form.get("reason", "")).strip()
        answer = await self._staff.desk.ask(visitor, REDRIVE, {"ids": ids, "reason": reason})
        if answer.code() == "FORBIDDEN":
            return self._staff.desk.message(request, "forbidden", 403)
        made = answer.data.get("redriveDeadLetters") if answer.data else None
        if made is None:
            said = self._staff.said(request, answer)
            return await self._list(request, visitor, {"said": said, "reason": reason, "chosen": ids}, 409)
        counts = f"redriven={len(made['redriven'])}&gone={len(made['gone'])}"
        return see_other(f"/operator/queues?{counts}")

    async def _list(
        self, request: Request, visitor: Visitor, tried: Mapping[str, Any], status: int = 200
    ) -> Response:
        wanted = request.query_params.get("queue") or None
        answer = await self._staff.asked(request, visitor, LIST, {"queue": wanted}, "forbidden")
        if isinstance(answer, Response):
            return answer
        values = {
            **answer.data,
            "queue": wanted,
            "redriven": whole_number(request.query_params.get("redriven", "")),
            "gone": whole_number(request.query_params.get("gone", "")),
            "said": None,
            "reason": "",
            "chosen": [],
            **tried,
        }
        return self._staff.render(request, visitor, "queues.html", None, values, status)

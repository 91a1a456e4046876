"""The queues, and the dead letters with why, from where, how often and for which case; put back with a reason."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.staff import StaffDesk, whole_number
from hub.portal.ticked import TickedDeed, Undecided, do_ticked
from hub.portal.visitors import Visitor

LIST = """query Queues($queue: String) {
  queues { name ready unacknowledged consumers }
  deadLetters(queue: $queue) {
    id queue type source sentAt subject parkedCase reason attempts since
    redrives { at by reason wasFound } } }"""
REDRIVE = TickedDeed(
    """mutation Redrive($ids: [ID!]!, $reason: String!) {
  redriveDeadLetters(ids: $ids, reason: $reason) { redriven gone } }""",
    "redriveDeadLetters",
    ("redriven", "gone"),
)


class QueuePages:
    """``/operator/queues``; for operators alone."""

    def __init__(self, desk: Desk) -> None:
        self._staff = StaffDesk(desk)

    def routes(self) -> list[BaseRoute]:
        mine = self._staff.desk.signed_in
        return [Route("/operator/queues", mine(self.overview), methods=["GET", "POST"])]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        """The list; a POST puts the letters that are ticked back, and comes back here."""
        tried = await do_ticked(self._staff, request, visitor, REDRIVE)
        return tried if isinstance(tried, Response) else await self._list(request, visitor, tried)

    async def _list(self, request: Request, visitor: Visitor, tried: Undecided) -> Response:
        wanted = request.query_params.get("queue") or None
        answer = await self._staff.asked(request, visitor, LIST, {"queue": wanted}, "forbidden")
        if isinstance(answer, Response):
            return answer
        values = {
            **answer.data,
            "queue": wanted,
            "redriven": whole_number(request.query_params.get("redriven", "")),
            "gone": whole_number(request.query_params.get("gone", "")),
            **tried.values(),
        }
        return self._staff.render(request, visitor, "queues.html", None, values, tried.status)

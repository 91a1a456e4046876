"""The operator's overview: connectors, messages that wait or are dead, cases by state; asked from the graph."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.clock import Clock
from hub.portal.desk import Desk
from hub.portal.filters import BEIJING
from hub.portal.visitors import Visitor

OVERVIEW = """query Operations {
  connectors { name kind department state version agentOnline lastError lastErrorAt waitingFor
    versions { version } }
  queues { name ready }
  deadLetters { id }
  caseCounts { state count }
}"""


class OperatorPages:
    """``/operator``; whoever lacks the role is told so."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/operator", mine(self.overview), methods=["GET"]),
        ]

    async def overview(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._desk.ask(visitor, OVERVIEW)
        if answer.code() == "FORBIDDEN":
            return self._desk.message(request, "forbidden", 403)
        if not answer.data:
            return self._desk.message(request, "unavailable", 503)
        now = self._clock.now()
        values = {
            **answer.data,
            "waiting": sum(each["ready"] for each in answer.data["queues"]),
            "utc": now.strftime("%Y-%m-%d %H:%M:%S"),
            "is_operator": True,
            "local": now.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        }
        return self._desk.pages.render(request, "operator.html", values)

"""A case on the screen as it moves: the page's server follows the public subscription and passes on that
something changed; the page then fetches itself. Source: HTML, "Server-sent events"."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk
from hub.portal.hub_client import HubUnreachable
from hub.portal.visitors import Visitor

CHANGED = "subscription Changed($case: ID) { caseChanged(case: $case) { version state } }"
KEEP_ALIVE_SECONDS = 15.0


class LivePages:
    """``/portal/cases/{id}/live``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        return [Route("/portal/cases/{id}/live", self._desk.signed_in(self.live), methods=["GET"])]

    async def live(self, request: Request, visitor: Visitor) -> Response:
        lines = self._lines(visitor.token, request.path_params["id"])
        return StreamingResponse(lines, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _lines(self, token: str, case_id: str) -> AsyncIterator[str]:
        """One line per change, and a comment now and then so that nobody takes the silence for the end."""
        events = aiter(self._desk.graph.follow(CHANGED, {"case": case_id}, token))
        upcoming = asyncio.ensure_future(anext(events))
        yield "retry: 2000\n\n"
        try:
            while True:
                done, _ = await asyncio.wait({upcoming}, timeout=KEEP_ALIVE_SECONDS)
                if not done:
                    yield ": waiting\n\n"
                    continue
                version = upcoming.result().at("caseChanged", "version")
                if version is not None:
                    yield f"data: {int(version)}\n\n"
                upcoming = asyncio.ensure_future(anext(events))
        except (StopAsyncIteration, HubUnreachable):
            return
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)

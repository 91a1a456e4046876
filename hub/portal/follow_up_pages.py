"""Follow-ups of low ratings: for officers what they may take, for raters what came of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.deed import do_posted
from hub.portal.desk import Desk
from hub.portal.visitors import Visitor

_FIELDS = """id number occasion itemCode aboutNumber stars comment state isMine ratedAt verifyBy resolveBy
  finding outcome reply maliciousWhy"""
WORK = f"query FollowUpWork {{ followUpWork(first: 100) {{ {_FIELDS} }} }}"
MINE = f"query MyFollowUps {{ myFollowUps(first: 100) {{ {_FIELDS} }} }}"
DEEDS: Mapping[str, tuple[str, str | None]] = {
    "take": ("takeFollowUp", None),
    "verify": ("verifyFollowUp", "finding"),
    "resolve": ("resolveFollowUp", "outcome"),
    "explain": ("explainFollowUp", "outcome"),
    "malicious": ("markRatingMalicious", "reason"),
    "reply": ("replyToFollowUp", "text"),
}
"""The mutation of each button, and the name of the text that it sends."""
ENDED = ("RESOLVED", "EXPLAINED")


class FollowUpPages:
    """``/officer/follow-ups`` and ``/portal/follow-ups``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/officer/follow-ups", mine(self.work), methods=["GET", "POST"]),
            Route("/portal/follow-ups", mine(self.own), methods=["GET", "POST"]),
        ]

    async def work(self, request: Request, visitor: Visitor) -> Response:
        """Under way, the first to fall due first; a post does one thing, or says why it was refused."""
        return await self._page(request, visitor, WORK, "followUpWork", "officer_follow_ups.html")

    async def own(self, request: Request, visitor: Visitor) -> Response:
        """What one's own ratings opened, with the outcome and one answer to it."""
        return await self._page(request, visitor, MINE, "myFollowUps", "follow_ups.html")

    async def _page(self, request: Request, visitor: Visitor, query: str, name: str, template: str) -> Response:
        tried = await do_posted(self._desk, request, visitor, _request_of)
        if isinstance(tried, Response):
            return tried
        answer = await self._desk.ask(visitor, query, {})
        found = answer.data.get(name)
        if found is None:
            return self._desk.no_answer(request, answer)
        values = {"follow_ups": found, "ended": ENDED, "wrong": tried.wrong}
        return self._desk.pages.render(request, template, values, tried.status)


def _request_of(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """The mutation and its variables; ``None`` where something is not filled in."""
    mutation, asks = DEEDS.get(fields.get("do", ""), ("", None))
    values = {"id": fields.get("id", "").strip()}
    if asks is not None:
        values["text"] = fields.get("text", "").strip()
    if not mutation or not all(values.values()):
        return None
    declared, passed = (", $text: String!", f", {asks}: $text") if asks else ("", "")
    return f"mutation Deed($id: ID!{declared}) {{ done: {mutation}(id: $id{passed}) {{ id }} }}", values

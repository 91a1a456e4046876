"""What every page of the portal stands on: rendering, the graph, the browser's session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from hub.portal.drafts import Drafts
from hub.portal.graph import Graph, GraphAnswer
from hub.portal.hub_client import HubUnreachable
from hub.portal.language import Texts, language_of
from hub.portal.page import PageRenderer, see_other
from hub.portal.visitors import Visitor, Visitors

Page = Callable[[Request, Visitor], Awaitable[Response]]
ReadForm = Callable[[PageRenderer, Request], Awaitable[dict[str, str] | None]]
"""The fields of a posted form of ours; ``None`` when it did not come from one."""


@dataclass(frozen=True, slots=True)
class Desk:
    """``sign_in_path`` is where a browser without a session is sent, with ``?next=``."""

    pages: PageRenderer
    graph: Graph
    visitors: Visitors
    drafts: Drafts
    sign_out_everywhere: Callable[[Request, Response], Awaitable[None]]
    sign_in_path: str = "/portal/sign-in"

    def signed_in(
        self, page: Page, *, keeps: bool = False, reads: ReadForm = PageRenderer.form
    ) -> Callable[[Request], Awaitable[Response]]:
        """The page for those who are signed in; others sign in first and come back.

        With ``keeps`` they find there what they had posted (``drafts.take``), as ``reads`` read it.
        """

        async def endpoint(request: Request) -> Response:
            try:
                visitor = await self.visitors.current(request)
                if visitor is None:
                    target = request.url.path if request.method == "POST" else _own_path(request)
                    response = see_other(f"{self.sign_in_path}?next={quote(target, safe='')}")
                    if keeps and request.method == "POST" and (typed := await reads(self.pages, request)):
                        await self.drafts.keep(request, typed, response)
                    return response
                request.state.acting = visitor.acting
                return await page(request, visitor)
            except HubUnreachable:
                return self.message(request, "unavailable", 503)

        return endpoint

    def public(self, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await page(request)
            except HubUnreachable:
                return self.message(request, "unavailable", 503)

        return endpoint

    async def ask(
        self, visitor: Visitor | None, query: str, variables: Mapping[str, Any] | None = None
    ) -> GraphAnswer:
        return await self.graph.ask(query, variables, visitor.token if visitor else None)

    def message(self, request: Request, kind: str, status: int) -> Response:
        """A page that says one thing: ``message.<kind>`` of the texts."""
        return self.pages.render(request, "message.html", {"kind": kind}, status)

    def no_answer(self, request: Request, answer: GraphAnswer) -> Response:
        """Why there is nothing to show: it is not for who asks, or cannot be had just now."""
        if answer.code() == "FORBIDDEN":
            return self.message(request, "forbidden_department", 403)
        return self.message(request, "unavailable", 503)

    def texts(self, request: Request) -> Texts:
        return Texts(language_of(request))


def error_text(texts: Texts, answer: GraphAnswer) -> str:
    """The first error in the reader's language: what is wrong with a form field by field, else by its code."""
    if answer.errors and answer.errors[0].problems:
        return " ".join(texts.pick(each.get("text"), each.get("textEn")) for each in answer.errors[0].problems)
    code = answer.code() or "INTERNAL_SERVER_ERROR"
    return texts.or_none(f"codes.{code}") or texts("codes.OTHER", code=code)


def detailed_error_text(texts: Texts, answer: GraphAnswer) -> str:
    """The same, and behind it the graph's own words, where the reader's language does not name thing and mend."""
    told, first = error_text(texts, answer), answer.errors[0]
    return told if first.problems else f"{told} {first.message}"


def _own_path(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path

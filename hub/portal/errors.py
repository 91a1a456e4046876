"""What a person sees who comes to a page that is not there, or that failed; other clients get plain words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hub.portal.page import PageRenderer

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


def error_handlers(pages: PageRenderer) -> Mapping[int, ErrorHandler]:
    """For ``Starlette(exception_handlers=…)``."""

    async def not_found(request: Request, error: Exception) -> Response:
        if _wants_page(request):
            return pages.render(request, "message.html", {"kind": "not_found"}, 404)
        detail = error.detail if isinstance(error, HTTPException) else "Not Found"
        return PlainTextResponse(detail, 404)

    async def failed(request: Request, _error: Exception) -> Response:
        if _wants_page(request):
            return pages.render(request, "message.html", {"kind": "unavailable"}, 500)
        return PlainTextResponse("Internal Server Error", 500)

    return {404: not_found, 500: failed}


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")

"""How a department's doors say no: a status and ``{"error": {"code", "message"}}``."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Refused(Exception):
    """A request that a door does not accept. ``message`` names the mistake and the mend."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def answer_refusal(_request: Request, refusal: Exception) -> Response:
    """Starlette's handler of :class:`Refused`."""
    assert isinstance(refusal, Refused)  # noqa: S101  registered for this class alone
    return JSONResponse({"error": {"code": refusal.code, "message": refusal.message}}, refusal.status)


async def read_object(request: Request) -> dict[str, Any]:
    """The request's body, which must be a JSON object. Raises :class:`Refused`."""
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise Refused(400, "NOT_JSON", f"The body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Refused(400, "NOT_AN_OBJECT", "The body must be a JSON object.")
    return body


def text_of(body: dict[str, Any], name: str) -> str:
    """A member that must be non-empty text. Raises :class:`Refused`."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(400, "MISSING", f'"{name}" is missing or not text.')
    return value


def number_of(body: dict[str, Any], name: str) -> int:
    """A member that must be a whole number, not negative. Raises :class:`Refused`."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Refused(400, "MISSING", f'"{name}" is missing or not a whole number of at least 0.')
    return value

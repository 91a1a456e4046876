"""An error of a door that speaks no GraphQL. Source: RFC 9457, "Problem Details for HTTP APIs"."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse


def http_problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, *, title: str | None = None
) -> JSONResponse:
    """``detail`` says what is wrong this time and the mend, ``title`` what kind of problem it is."""
    kind = {} if title is None else {"type": "about:blank", "title": title}
    content = {**kind, "status": status, "detail": detail}
    return JSONResponse(content, status_code=status, headers=headers, media_type="application/problem+json")

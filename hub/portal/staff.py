"""What the pages of departments and operators share: asking for them, telling them apart, refusing the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hub.portal.desk import Desk, error_text
from hub.portal.graph import GraphAnswer
from hub.portal.visitors import Visitor

GREATEST = 2**31 - 2
"""The greatest number of a version that is asked for; GraphQL's Int ends after it."""
WHO = "myDepartment"
"""To be asked with every page: a department's people have one, operators have none."""


class StaffDesk:
    """A desk at which whoever is neither an operator nor of a department is told so."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def asked(
        self,
        request: Request,
        visitor: Visitor,
        query: str,
        variables: Mapping[str, Any] | None = None,
        refusal: str = "forbidden_department",
    ) -> GraphAnswer | Response:
        """The answer, or the page that says why there is none; ``refusal`` for those who may not ask."""
        answer = await self.desk.ask(visitor, query, variables)
        if answer.code() == "FORBIDDEN":
            return self.desk.message(request, refusal, 403)
        if not answer.data:
            return self.desk.message(request, "unavailable", 503)
        return answer

    def render(
        self,
        request: Request,
        visitor: Visitor,
        template: str,
        department: str | None,
        values: Mapping[str, Any],
        status: int = 200,
    ) -> Response:
        """A page for somebody of this department, or for an operator where there is none."""
        shared = {"me": visitor.subject, "is_operator": department is None, "own_department": department}
        return self.desk.pages.render(request, template, {**shared, **values}, status)

    def said(self, request: Request, answer: GraphAnswer) -> Mapping[str, str] | None:
        """Why the graph refused: in the reader's language by its code, and in the graph's own words."""
        if not answer.errors:
            return None
        texts, error = self.desk.texts(request), answer.errors[0]
        text = texts.or_none(f"refusals.{error.code}") or error_text(texts, answer)
        return {"text": text, "detail": error.message}


def whole_number(text: str) -> int | None:
    """A number in an address, from 0 to :data:`GREATEST`; ``None`` for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(GREATEST))
    return min(int(text), GREATEST) if is_number else None

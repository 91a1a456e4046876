"""File a case: fill in, check the answers, send, receipt number. Nothing typed is lost on the way.

The key in the form makes a double press one case.
"""

from __future__ import annotations

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.catalogue_pages import ITEM
from hub.portal.desk import Desk, error_text
from hub.portal.drafts import whose
from hub.portal.form_fields import Field, fields_of, read_form
from hub.portal.my_pages import CASE
from hub.portal.page import see_other
from hub.portal.visitors import Visitor

SUBMIT = """mutation Submit($input: SubmitCaseInput!) { submitCase(input: $input) { id } }"""


class FilingPages:
    """``/portal/items/{code}/file`` and the page with the receipt number."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/portal/items/{code}/file", mine(self.file, keeps=True), methods=["GET", "POST"]),
            Route("/portal/cases/{id}/filed", mine(self.filed), methods=["GET"]),
        ]

    async def file(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._desk.ask(visitor, ITEM, {"code": request.path_params["code"]})
        item = answer.data.get("serviceItem")
        if item is None:
            return self._desk.message(request, "not_found", 404)
        texts = self._desk.texts(request)
        if request.method == "GET":
            kept = await self._desk.drafts.take(request, visitor)
            key = kept.get("key") or secrets.token_urlsafe(16)
            return self._ask(request, visitor, item, fields_of(item["form"], kept, texts), {}, key, bool(kept))
        typed = await self._desk.pages.form(request)
        if typed is None:
            return self._desk.message(request, "expired", 400)
        fields, key = fields_of(item["form"], typed, texts), typed.get("key", "")
        values, wrong = read_form(fields, texts)
        if wrong or typed.get("step") == "change":
            return self._ask(request, visitor, item, fields, wrong, key)
        if typed.get("step") != "send":
            shown = {"item": item, "fields": fields, "key": key, "whose": whose(visitor)}
            return self._desk.pages.render(request, "file_check.html", shown)
        return await self._send(request, visitor, item, fields, values, key)

    async def filed(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._desk.ask(visitor, CASE, {"id": request.path_params["id"]})
        case = answer.data.get("case")
        if case is None:
            return self._desk.message(request, "not_found", 404)
        return self._desk.pages.render(request, "filed.html", {"case": case})

    async def _send(
        self,
        request: Request,
        visitor: Visitor,
        item: Any,
        fields: tuple[Field, ...],
        values: dict[str, Any],
        key: str,
    ) -> Response:
        given = {"itemCode": item["code"], "form": values, "channel": "WEB", "idempotencyKey": key or None}
        answer = await self._desk.ask(visitor, SUBMIT, {"input": given})
        case = answer.data.get("submitCase")
        if case:
            return see_other(f"/portal/cases/{case['id']}/filed")
        first = fields[0].id if fields else "content"
        text = error_text(self._desk.texts(request), answer)
        return self._ask(request, visitor, item, fields, {first: text}, key)

    def _ask(
        self,
        request: Request,
        visitor: Visitor,
        item: Any,
        fields: tuple[Field, ...],
        wrong: dict[str, str],
        key: str,
        is_restored: bool = False,
    ) -> Response:
        values = {
            "item": item,
            "fields": fields,
            "wrong_fields": wrong,
            "errors": list(wrong.items()),
            "key": key,
            "whose": whose(visitor),
            "is_restored": is_restored,
        }
        return self._desk.pages.render(request, "file.html", values, 400 if wrong else 200)

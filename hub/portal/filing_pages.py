"""File a case: fill in, check the answers, send, receipt number. Nothing typed is lost on the way.

The key in the form makes a double press one case.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk, error_text
from hub.portal.drafts import whose
from hub.portal.form_fields import Field, fields_of
from hub.portal.form_reading import read_form, typed_of, wrong_fields
from hub.portal.my_pages import CASE
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.material_reference import as_reference

_ITEM = """query ItemToFile($code: ID!, $item: ID!) {
  serviceItem(code: $code) { code name nameEn feeFen form materials { code name nameEn } }
  filingAdvice(itemCode: $item) { kind text textEn case { id } draft { id } }"""
ITEM = f"{_ITEM} myFiles(first: 50) {{ reference name state }} }}"
ITEM_FOR_PARTY = f"{_ITEM} }}"
"""An agent does not look through the party's files."""
SUBMIT = """mutation Submit($input: SubmitCaseInput!) { submitCase(input: $input) { id } }"""
SAVE = """mutation SaveDraft($input: DraftInput!) { saveDraft(input: $input) { id } }"""
DISCARD = """mutation Discard($id: ID!) { discardDraft(draft: $id) }"""
DRAFT = """query Draft($id: ID!) { draft(id: $id) { id form materials { code reference } } }"""
MATERIAL = "material-"
"""Begins the name of a field that takes a material's reference."""


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
        code = request.path_params["code"]
        query = ITEM if visitor.acting is None else ITEM_FOR_PARTY
        answer = await self._desk.ask(visitor, query, {"code": code, "item": code})
        item = answer.data.get("serviceItem")
        if item is None:
            return self._desk.message(request, "not_found", 404)
        files = [each for each in answer.data.get("myFiles") or [] if each["state"] == "READY"]
        item = {**item, "advice": answer.data.get("filingAdvice") or [], "files": files}
        texts = self._desk.texts(request)
        if request.method == "GET":
            kept = await self._desk.drafts.take(request, visitor)
            if not kept and (draft := request.query_params.get("draft")):
                return self._ask(request, visitor, item, await self._saved(visitor, item, draft), {})
            return self._ask(request, visitor, item, kept, {}, is_restored=bool(kept))
        typed = await self._desk.pages.form(request)
        if typed is None:
            return self._desk.message(request, "expired", 400)
        if typed.get("step") == "save":
            return await self._save(request, visitor, item, typed)
        fields = fields_of(item["form"], typed, texts)
        reading = read_form(item["form"], typed)
        wrong = wrong_fields(item["form"], reading, texts)
        if wrong or typed.get("step") == "change":
            return self._ask(request, visitor, item, typed, wrong)
        if typed.get("step") != "send":
            return self._desk.pages.render(request, "file_check.html", _shown(visitor, item, typed, fields))
        return await self._send(request, visitor, item, typed, reading.values)

    async def filed(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._desk.ask(visitor, CASE, {"id": request.path_params["id"]})
        case = answer.data.get("case")
        if case is None:
            return self._desk.message(request, "not_found", 404)
        return self._desk.pages.render(request, "filed.html", {"case": case})

    async def _send(
        self, request: Request, visitor: Visitor, item: Any, typed: Mapping[str, str], values: dict[str, Any]
    ) -> Response:
        written = _references(item, typed)
        materials = [{"code": code, "reference": as_reference(text)} for code, text in written.items()]
        key = typed.get("key") or None
        given = {
            "itemCode": item["code"],
            "form": values,
            "channel": "WEB",
            "idempotencyKey": key,
            "materials": materials,
        }
        answer = await self._desk.ask(visitor, SUBMIT, {"input": given})
        case = answer.data.get("submitCase")
        if case:
            if draft := typed.get("draft"):
                await self._desk.ask(visitor, DISCARD, {"id": draft})
            return see_other(f"/portal/cases/{case['id']}/filed")
        texts = self._desk.texts(request)
        fields = fields_of(item["form"], typed, texts)
        first = fields[0].id if fields else "content"
        return self._ask(request, visitor, item, typed, {first: error_text(texts, answer)})

    async def _save(self, request: Request, visitor: Visitor, item: Any, typed: Mapping[str, str]) -> Response:
        """Keep what is there, right or not; what cannot be read as the form wants it stays a text."""
        texts = self._desk.texts(request)
        fields = fields_of(item["form"], typed, texts)
        form = read_form(item["form"], typed).values
        materials = [{"code": code, "reference": text} for code, text in _references(item, typed).items()]
        given = {"itemCode": item["code"], "form": form, "materials": materials, "id": typed.get("draft") or None}
        answer = await self._desk.ask(visitor, SAVE, {"input": given})
        draft = answer.data.get("saveDraft")
        if draft:
            return see_other(f"{request.url.path}?draft={draft['id']}&saved=1")
        first = fields[0].id if fields else "content"
        return self._ask(request, visitor, item, typed, {first: error_text(texts, answer)})

    async def _saved(self, visitor: Visitor, item: Any, id: str) -> dict[str, str]:
        """A draft of one's own as if it had just been typed; empty where there is none."""
        draft = (await self._desk.ask(visitor, DRAFT, {"id": id})).data.get("draft")
        if draft is None:
            return {}
        form = typed_of(item["form"], draft["form"])
        materials = {f"{MATERIAL}{each['code']}": each["reference"] or "" for each in draft["materials"]}
        return {**form, **materials, "draft": draft["id"]}

    def _ask(
        self,
        request: Request,
        visitor: Visitor,
        item: Any,
        typed: Mapping[str, str],
        wrong: dict[str, str],
        *,
        is_restored: bool = False,
    ) -> Response:
        values = {
            **_shown(visitor, item, typed, fields_of(item["form"], typed, self._desk.texts(request))),
            "wrong_fields": wrong,
            "errors": list(wrong.items()),
            "is_restored": is_restored,
            "is_saved": request.query_params.get("saved") == "1",
            "advice": [each for each in item["advice"] if not _is_this(each, typed)],
        }
        return self._desk.pages.render(request, "file.html", values, 400 if wrong else 200)


def _shown(visitor: Visitor, item: Any, typed: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "item": item,
        "fields": fields,
        "references": _references(item, typed),
        "key": typed.get("key") or secrets.token_urlsafe(16),
        "draft": typed.get("draft", ""),
        "whose": whose(visitor),
    }


def _references(item: Any, typed: Mapping[str, str]) -> dict[str, str]:
    given = {each["code"]: typed.get(f"{MATERIAL}{each['code']}", "").strip() for each in item["materials"]}
    return {code: reference for code, reference in given.items() if reference}


def _is_this(advice: Any, typed: Mapping[str, str]) -> bool:
    """Whether it speaks of the draft that is open here already."""
    return bool(advice["draft"]) and advice["draft"]["id"] == typed.get("draft")

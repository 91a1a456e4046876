"""Consultations, suggestions and complaints: one's own, asking a new one, one as it moves; the knowledge base.

A question is looked up among published answers before it can be sent (art. 14).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.desk import Desk, detailed_error_text
from hub.portal.language import all_texts
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.enquiry import OPEN, EnquiryKind

_DEPARTMENTS = "departments."
MINE = "query MyEnquiries { myEnquiries(first: 100) { id number kind state subject askedAt dueAt answeredAt } }"
ONE = """query Enquiry($id: ID!) { enquiry(id: $id) {
  id number kind state subject text askedAt dueAt answer answeredAt stars events { type at actor reason } } }"""
OWN_CASES = "query OwnCases { me { cases { id receiptNumber item { name nameEn } } } }"
SIMILAR = "query Similar($question: String!) { similarAnswers(question: $question) { id question answer } }"
KNOWLEDGE = """query Knowledge($words: String!) {
  knowledgeBase(words: $words, first: 50) { id question answer itemCode department publishedAt } }"""
ASK = "mutation Ask($input: QuestionInput!) { done: askQuestion(input: $input) { id } }"
COMPLAIN = "mutation Complain($input: ComplaintInput!) { done: fileComplaint(input: $input) { id } }"
DEEDS: Mapping[str, str] = {
    "remind": "mutation Remind($id: ID!) { done: remindEnquiry(id: $id) { id } }",
    "withdraw": "mutation Withdraw($id: ID!) { done: withdrawEnquiry(id: $id) { id } }",
    "rate": "mutation Rate($id: ID!, $stars: Int!) { done: rateAnswer(id: $id, stars: $stars) { id } }",
    "reopen": """mutation Reopen($id: ID!, $reason: String!) {
  done: reopenComplaint(id: $id, reason: $reason) { id } }""",
}
"""What a form of an enquiry's page does; the graph says who may."""


class EnquiryPages:
    """``/portal/enquiries``, ``/portal/enquiries/ask``, ``/portal/enquiries/{id}`` and ``/knowledge``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/knowledge", self._desk.public(self.knowledge), methods=["GET"]),
            Route("/portal/enquiries", mine(self.list), methods=["GET"]),
            Route("/portal/enquiries/ask", mine(self.ask), methods=["GET", "POST"]),
            Route("/portal/enquiries/{id}", mine(self.one), methods=["GET", "POST"]),
        ]

    async def knowledge(self, request: Request) -> Response:
        words = request.query_params.get("q", "").strip()[:100]
        answer = await self._desk.ask(None, KNOWLEDGE, {"words": words})
        is_signed_in = await self._desk.visitors.current(request) is not None
        entries = answer.data.get("knowledgeBase") or []
        values = {"entries": entries, "search": words, "signed_in": is_signed_in}
        return self._desk.pages.render(request, "knowledge.html", values)

    async def list(self, request: Request, visitor: Visitor) -> Response:
        answer = await self._desk.ask(visitor, MINE)
        found = answer.data.get("myEnquiries")
        if found is None:
            return self._desk.message(request, "unavailable", 503)
        return self._desk.pages.render(request, "enquiries.html", {"enquiries": found})

    async def ask(self, request: Request, visitor: Visitor) -> Response:
        """First look for a published answer, then send."""
        if request.method == "GET":
            typed = {"kind": request.query_params.get("kind", ""), "case": request.query_params.get("case", "")}
            return await self._form(request, visitor, {**typed, "key": secrets.token_urlsafe(16)})
        fields = await self._desk.pages.form(request)
        if fields is None:
            return self._desk.message(request, "expired", 400)
        if fields.get("do") != "send":
            return await self._form(request, visitor, fields, has_looked=True)
        answer = await self._desk.ask(visitor, *_asked(fields))
        if answer.errors:
            wrong = detailed_error_text(self._desk.texts(request), answer)
            return await self._form(request, visitor, fields, has_looked=True, wrong=wrong)
        return see_other(f"/portal/enquiries/{answer.data['done']['id']}")

    async def one(self, request: Request, visitor: Visitor) -> Response:
        """Its answer and its way so far; a post does one thing to it."""
        wrong = ""
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            if fields is None:
                return self._desk.message(request, "expired", 400)
            deed = DEEDS.get(fields.get("do", ""))
            if deed is None:
                return self._desk.message(request, "not_found", 404)
            answer = await self._desk.ask(visitor, deed, _values(request.path_params["id"], fields))
            if not answer.errors:
                return see_other(request.url.path)
            wrong = detailed_error_text(self._desk.texts(request), answer)
        found = (await self._desk.ask(visitor, ONE, {"id": request.path_params["id"]})).data.get("enquiry")
        if found is None:
            return self._desk.message(request, "not_found", 404)
        has_reopened = any(event["type"] == "reopened" for event in found["events"])
        values = {
            "enquiry": found,
            "wrong": wrong,
            "is_open": found["state"] in OPEN,
            "may_reopen": found["kind"] == EnquiryKind.COMPLAINT and bool(found["answer"]) and not has_reopened,
            "may_rate": found["answeredAt"] is not None and found["stars"] is None,
        }
        return self._desk.pages.render(request, "enquiry.html", values, 409 if wrong else 200)

    async def _form(
        self,
        request: Request,
        visitor: Visitor,
        typed: Mapping[str, str],
        *,
        has_looked: bool = False,
        wrong: str = "",
    ) -> Response:
        similar: Any = []
        if has_looked and typed.get("kind") != EnquiryKind.COMPLAINT:
            question = f"{typed.get('subject', '')} {typed.get('text', '')}"
            similar = (await self._desk.ask(None, SIMILAR, {"question": question})).data.get(
                "similarAnswers"
            ) or []
        me = (await self._desk.ask(visitor, OWN_CASES)).data.get("me") or {}
        values = {
            "typed": typed,
            "kinds": list(EnquiryKind),
            "departments": [key.removeprefix(_DEPARTMENTS) for key in all_texts() if key.startswith(_DEPARTMENTS)],
            "cases": me.get("cases") or [],
            "similar": similar,
            "has_looked": has_looked,
            "wrong": wrong,
        }
        return self._desk.pages.render(request, "enquiry_ask.html", values, 422 if wrong else 200)


def _asked(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The mutation and its variables."""
    about = {
        "subject": fields.get("subject", ""),
        "text": fields.get("text", ""),
        "case": fields.get("case") or None,
        "department": fields.get("department") or None,
        "idempotencyKey": fields.get("key") or None,
    }
    if fields.get("kind") == EnquiryKind.COMPLAINT:
        return COMPLAIN, {"input": about}
    return ASK, {"input": {**about, "isSuggestion": fields.get("kind") == EnquiryKind.SUGGESTION}}


def _values(enquiry: str, fields: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {"id": enquiry}
    if fields.get("do") == "rate":
        stars = fields.get("stars", "")
        values["stars"] = int(stars) if stars in {"1", "2", "3", "4", "5"} else 0
    if fields.get("do") == "reopen":
        values["reason"] = fields.get("reason", "")
    return values

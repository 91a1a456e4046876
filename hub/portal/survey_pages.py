"""Surveys: everybody reads them, whoever signed in answers once; a department asks and answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.deed import do_posted
from hub.portal.desk import Desk, detailed_error_text
from hub.portal.officer_pages import midnight
from hub.portal.page import see_other
from hub.portal.visitors import Visitor

_FIELDS = """id number department title titleEn lead leadEn state opensAt closesAt answer answerEn responses
  hasAnswered questions { code text textEn kind isRequired options { code text textEn count } }"""
LIST = "{ surveys(first: 50) { id number department title titleEn state closesAt } myDepartment }"
PUBLIC = "{ surveys(first: 50) { id number title titleEn state closesAt } }"
ONE = f"query Survey($id: ID!) {{ survey(id: $id) {{ {_FIELDS} }} }}"
ANSWER = "mutation Answer($id: ID!, $answers: JSON!) { done: answerSurvey(id: $id, answers: $answers) { id } }"
PUBLISH = "mutation Publish($input: SurveyInput!) { done: publishSurvey(input: $input) { id } }"
RESPOND = "mutation Respond($id: ID!, $answer: String!) { done: respondToSurvey(id: $id, answer: $answer) { id } }"


class SurveyPages:
    """``/surveys``, ``/surveys/{id}`` and ``/officer/surveys``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        public, mine = self._desk.public, self._desk.signed_in
        return [
            Route("/surveys", public(self.every), methods=["GET"]),
            Route("/surveys/{id}", public(self.one), methods=["GET"]),
            Route("/surveys/{id}", mine(self.answer), methods=["POST"]),
            Route("/officer/surveys", mine(self.office), methods=["GET", "POST"]),
        ]

    async def every(self, request: Request) -> Response:
        found = (await self._desk.ask(None, PUBLIC)).data.get("surveys") or []
        visitor = await self._desk.visitors.current(request)
        return self._desk.pages.render(
            request, "surveys.html", {"surveys": found, "signed_in": visitor is not None}
        )

    async def one(self, request: Request) -> Response:
        return await self._show(request, await self._desk.visitors.current(request))

    async def answer(self, request: Request, visitor: Visitor) -> Response:
        """What was chosen and written, sent once."""
        fields = await self._desk.pages.form(request)
        if fields is None:
            return self._desk.message(request, "expired", 400)
        named = request.path_params["id"]
        survey = (await self._desk.ask(visitor, ONE, {"id": named})).data.get("survey")
        if survey is None:
            return self._desk.message(request, "not_found", 404)
        sent = await self._desk.ask(visitor, ANSWER, {"id": named, "answers": _answers(survey, fields)})
        if not sent.errors:
            return see_other(request.url.path)
        return await self._show(request, visitor, detailed_error_text(self._desk.texts(request), sent))

    async def office(self, request: Request, visitor: Visitor) -> Response:
        """The department's own, and a form for a new one; a post publishes or answers the public."""
        tried = await do_posted(self._desk, request, visitor, _request_of)
        if isinstance(tried, Response):
            return tried
        data = (await self._desk.ask(visitor, LIST)).data
        department = data.get("myDepartment")
        if department is None:
            return self._desk.message(request, "forbidden_department", 403)
        found = [each for each in data.get("surveys") or [] if each["department"] == department]
        values = {"surveys": found, "typed": tried.typed, "wrong": tried.wrong}
        return self._desk.pages.render(request, "officer_surveys.html", values, tried.status)

    async def _show(self, request: Request, visitor: Visitor | None, wrong: str = "") -> Response:
        survey = (await self._desk.ask(visitor, ONE, {"id": request.path_params["id"]})).data.get("survey")
        if survey is None:
            return self._desk.message(request, "not_found", 404)
        values = {"survey": survey, "signed_in": visitor is not None, "wrong": wrong}
        return self._desk.pages.render(request, "survey.html", values, 409 if wrong else 200)


def _answers(survey: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """By question: a code, the codes whose boxes were ticked, or a text."""
    found: dict[str, Any] = {}
    for each in survey["questions"]:
        name = f"q-{each['code']}"
        if each["kind"] == "MULTIPLE":
            found[each["code"]] = [one["code"] for one in each["options"] if fields.get(f"{name}-{one['code']}")]
        else:
            found[each["code"]] = fields.get(name, "").strip()
    return {code: given for code, given in found.items() if given}


def _request_of(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """The mutation and its variables; ``None`` where something is not filled in."""
    if fields.get("do") == "respond":
        answer = fields.get("answer", "").strip()
        return (RESPOND, {"id": fields.get("id", ""), "answer": answer}) if answer else None
    try:
        before = date.fromisoformat(fields.get("opens", "")) - timedelta(days=1)
        opens, closes = midnight(before.isoformat()), midnight(fields.get("closes", ""))
    except ValueError:
        return None
    questions = questions_in(fields.get("questions", ""))
    if not questions or not fields.get("title", "").strip():
        return None
    given = {"title": fields["title"], "lead": fields.get("lead", ""), "questions": questions}
    return PUBLISH, {"input": {**given, "opensAt": opens, "closesAt": closes}}


def questions_in(text: str) -> list[dict[str, Any]]:
    """A line is a question; lines that begin with ``-`` are its choices, with ``*`` where several may be chosen. A
    question without choices is answered by a text, and need not be."""
    found: list[dict[str, Any]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line[0] not in "-*" or not found:
            question = {
                "code": f"q{len(found) + 1}",
                "text": line,
                "kind": "TEXT",
                "options": [],
                "isRequired": False,
            }
            found.append(question)
            continue
        options = found[-1]["options"]
        options.append({"code": f"o{len(options) + 1}", "text": line[1:].strip()})
        found[-1] |= {"kind": "MULTIPLE" if line[0] == "*" else "SINGLE", "isRequired": True}
    return found

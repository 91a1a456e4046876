"""The officers' list of enquiries, and one with what can be done to it; the graph says who may."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.portal.deed import do_posted
from hub.portal.desk import Desk, detailed_error_text
from hub.portal.document_kinds import chosen_kind, document_input, kinds_to_choose
from hub.portal.officer_pages import midnight
from hub.portal.page import see_other
from hub.portal.visitors import Visitor
from schema.domain.enquiry import EnquiryKind, EnquiryState

LIST = """query EnquiryWork($mine: Boolean!, $state: [EnquiryState!]) {
  enquiryWork(mine: $mine, state: $state, first: 100) { id number kind state subject dueAt isTaken } }"""
ONE = """query OfficerEnquiry($id: ID!) { enquiry(id: $id) {
  id number kind state subject text department askedAt dueAt answer owner channel callback
  events { type at actor reason } } }"""
RECORD = """mutation Record($document: IdentityDocumentInput, $callback: String, $input: QuestionInput!) {
  done: recordQuestion(askerDocument: $document, callback: $callback, input: $input) { id } }"""
_ID = "$id: ID!"


def _deed(mutation: str, **kinds: str) -> tuple[str, tuple[str, ...]]:
    declared = "".join(f", ${name}: {kind}" for name, kind in kinds.items())
    passed = "".join(f", {name}: ${name}" for name in kinds)
    return f"mutation Deed({_ID}{declared}) {{ done: {mutation}(id: $id{passed}) {{ id }} }}", tuple(kinds)


DEEDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "take": _deed("takeEnquiry"),
    "answer": _deed("answerEnquiry", answer="String!"),
    "hand_over": _deed("handOverEnquiry", to="ID!", reason="String!"),
    "refer": _deed("referEnquiry", department="String!", reason="String!"),
    "assign": _deed("assignComplaint", investigator="ID!", department="String!"),
    "begin": _deed("beginInvestigation"),
    "urge": _deed("urgeEnquiry", reason="String!", answerBy="DateTime!"),
    "close": _deed("closeComplaint"),
    "publish": _deed("publishAnswer", question="String!", answer="String!", keywords="[String!]"),
    "take_back": _deed("withdrawPublishedAnswer", reason="String!"),
}
"""The mutation of each form, and what it asks."""
OFFERED: Mapping[tuple[bool, EnquiryState], tuple[str, ...]] = {
    (False, EnquiryState.ASKED): ("take", "answer", "hand_over", "refer", "urge"),
    (False, EnquiryState.ANSWERED): ("publish",),
    (False, EnquiryState.PUBLISHED): ("take_back",),
    (True, EnquiryState.RECEIVED): ("assign", "urge"),
    (True, EnquiryState.ASSIGNED): ("begin", "assign", "urge"),
    (True, EnquiryState.INVESTIGATING): ("answer", "urge"),
    (True, EnquiryState.ANSWERED): ("close",),
}
"""Which forms a page shows, by whether it is a complaint, and its state."""


class OfficerEnquiryPages:
    """``/officer/enquiries`` and ``/officer/enquiries/{id}``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        mine = self._desk.signed_in
        return [
            Route("/officer/enquiries", mine(self.work), methods=["GET", "POST"]),
            Route("/officer/enquiries/{id}", mine(self.one), methods=["GET", "POST"]),
        ]

    async def work(self, request: Request, visitor: Visitor) -> Response:
        """What waits for an answer, or what was answered and may be published; a post writes down a question."""
        wrong, typed = "", {}
        if request.method == "POST":
            fields = await self._desk.pages.form(request)
            if fields is None:
                return self._desk.message(request, "expired", 400)
            answer = await self._desk.ask(visitor, RECORD, _recorded(fields))
            if not answer.errors:
                return see_other(f"/officer/enquiries/{answer.data['done']['id']}")
            wrong, typed = detailed_error_text(self._desk.texts(request), answer), fields
        shown = request.query_params.get("show", "")
        states = ["ANSWERED", "PUBLISHED"] if shown == "answered" else None
        variables = {"mine": shown == "mine", "state": states}
        answer = await self._desk.ask(visitor, LIST, variables)
        found = answer.data.get("enquiryWork")
        if found is None:
            return self._desk.no_answer(request, answer)
        chosen = chosen_kind(typed.get("kind", ""))
        kinds = kinds_to_choose(self._desk.texts(request), chosen)
        values = {"enquiries": found, "shown": shown, "typed": typed, "wrong": wrong, "kinds": kinds}
        return self._desk.pages.render(request, "officer_enquiries.html", values, 409 if wrong else 200)

    async def one(self, request: Request, visitor: Visitor) -> Response:
        """One enquiry; a post does one thing to it, and shows why it was refused if it was."""
        tried = await do_posted(self._desk, request, visitor, partial(_request_of, request.path_params["id"]))
        if isinstance(tried, Response):
            return tried
        found = (await self._desk.ask(visitor, ONE, {"id": request.path_params["id"]})).data.get("enquiry")
        if found is None:
            return self._desk.message(request, "not_found", 404)
        offered = OFFERED.get((found["kind"] == EnquiryKind.COMPLAINT, EnquiryState(found["state"])), ())
        values = {
            "enquiry": found,
            "deeds": [(each, DEEDS[each][1]) for each in offered],
            "typed": tried.typed,
            "wrong": tried.wrong,
        }
        return self._desk.pages.render(request, "officer_enquiry.html", values, tried.status)


def _recorded(fields: Mapping[str, str]) -> dict[str, Any]:
    """A question of somebody at the window, whose document was seen, or on the telephone."""
    said = {name: fields.get(name, "").strip() or None for name in ("callback", "item")}
    document = document_input(fields)
    channel = "WINDOW" if document else "TELEPHONE"
    question = {"subject": fields.get("subject", ""), "text": fields.get("text", ""), "channel": channel}
    return {
        "document": document,
        "callback": said["callback"],
        "input": {**question, "itemCode": said["item"], "idempotencyKey": fields.get("key") or None},
    }


def _request_of(enquiry: str, fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    """The mutation and its variables; ``None`` where something is not filled in."""
    deed = fields.get("do", "")
    if deed not in DEEDS:
        return None
    mutation, names = DEEDS[deed]
    said = {name: fields.get(f"{deed}-{name}", "").strip() for name in names}
    keywords = said.pop("keywords", None)
    if not all(said.values()):
        return None
    values: dict[str, Any] = {"id": enquiry, **said}
    if keywords is not None:
        values["keywords"] = keywords.replace("，", " ").replace(",", " ").split()
    if "answerBy" in values:
        try:
            values["answerBy"] = midnight(values["answerBy"])
        except ValueError:
            return None
    return mutation, values

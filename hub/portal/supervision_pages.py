"""The supervisor's board (电子监察): cards by department, explanations, urging, figures; asked from the graph.

A department's officers find their own cards there, an observer the figures alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.clock import Clock
from hub.portal.deed import do_posted
from hub.portal.desk import Desk
from hub.portal.visitors import Visitor
from schema.domain.working_days import day_of, end_of

DAYS = 30
CARDS = """query Board { supervisionCards(first: 100) {
  id receiptNumber department trigger level subCase at dueAt explanation returnedReason } }"""
FIGURES = """query Figures($since: DateTime!, $until: DateTime!) {
  supervisionFigures(since: $since, until: $until) {
  department submitted accepted deemedAccepted decided decidedLate extended supplements reminded
  warnings yellowCards redCards open near overdue } }"""
OFFICERS = """query Officers($since: DateTime!, $until: DateTime!) {
  officerFigures(since: $since, until: $until) { officer events { type count } } }"""
FLAGS = """query Flags { flaggedRatings(first: 100) {
  id occasion department stars ratedAt grounds { text textEn } } }"""
DEEDS: Mapping[str, str] = {
    "confirm_rating": """mutation ConfirmRating($ids: [ID!]!, $text: String!) {
  confirmFlaggedRatings(ids: $ids, reason: $text) { id } }""",
    "clear_rating": """mutation ClearRating($ids: [ID!]!, $text: String!) {
  clearFlaggedRatings(ids: $ids, reason: $text) { id } }""",
    "explain": """mutation Explain($card: ID!, $text: String!) {
  explainCard(card: $card, explanation: $text) { id } }""",
    "accept": "mutation Accept($card: ID!) { acceptExplanation(card: $card) { id } }",
    "return": """mutation Return($card: ID!, $text: String!) {
  returnExplanation(card: $card, reason: $text) { id } }""",
    "urge": """mutation Urge($case: ID!, $text: String!, $answerBy: DateTime!) {
  urgeCase(case: $case, reason: $text, answerBy: $answerBy) { id } }""",
}
"""What a form of the board does; the graph says who may."""


class SupervisionPages:
    """``/supervision``; whoever has none of the offices is told so."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        return [Route("/supervision", self._desk.signed_in(self.board), methods=["GET", "POST"])]

    async def board(self, request: Request, visitor: Visitor) -> Response:
        """Look, or do what a form of the board says."""
        tried = await do_posted(
            self._desk, request, visitor, _deed, incomplete="supervision.bad_date", tells_what=True
        )
        return tried if isinstance(tried, Response) else await self._page(request, visitor, tried.wrong)

    async def _page(self, request: Request, visitor: Visitor, wrong: str) -> Response:
        now = self._clock.now()
        period = {
            "since": (now - timedelta(days=DAYS)).isoformat(),
            "until": (now + timedelta(days=1)).isoformat(),
        }
        cards = await self._desk.ask(visitor, CARDS)
        figures = await self._desk.ask(visitor, FIGURES, period)
        if cards.code() == "FORBIDDEN" and figures.code() == "FORBIDDEN":
            return self._desk.message(request, "forbidden_supervision", 403)
        officers = await self._desk.ask(visitor, OFFICERS, period)
        flags = await self._desk.ask(visitor, FLAGS)
        done = request.query_params.get("done", "")
        values = {
            "departments": _by_department(_list(cards.data, "supervisionCards")),
            "sees_cards": cards.code() != "FORBIDDEN",
            "is_supervisor": officers.code() != "FORBIDDEN",
            "figures": _list(figures.data, "supervisionFigures"),
            "sees_figures": figures.code() != "FORBIDDEN",
            "officers": _list(officers.data, "officerFigures"),
            "flags": _list(flags.data, "flaggedRatings"),
            "days": DAYS,
            "tomorrow": (day_of(now) + timedelta(days=1)).isoformat(),
            "wrong": wrong,
            "done": done if done in DEEDS else "",
        }
        return self._desk.pages.render(request, "supervision.html", values, 422 if wrong else 200)


def _list(data: Mapping[str, Any] | None, name: str) -> list[dict[str, Any]]:
    return list((data or {}).get(name) or ())


def _by_department(cards: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The most severe and the oldest first."""
    order = ("RED", "YELLOW", "WARNING")
    found: dict[str, list[dict[str, Any]]] = {}
    for card in sorted(cards, key=lambda each: (order.index(each["level"]), each["at"])):
        found.setdefault(card["department"], []).append(card)
    return sorted(found.items())


def _deed(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]] | None:
    deed, values = DEEDS.get(fields.get("do", "")), _values(fields)
    return None if deed is None or values is None else (deed, values)


def _values(fields: Mapping[str, str]) -> dict[str, Any] | None:
    """What the mutation is told; ``None`` for a day that is none."""
    text = fields.get("text", "").strip()
    if fields.get("do") in ("confirm_rating", "clear_rating"):
        return {"ids": [fields.get("flag", "")], "text": text}
    if fields.get("do") != "urge":
        return {"card": fields.get("card", ""), "text": text}
    try:
        day = date.fromisoformat(fields.get("answer_by", ""))
    except ValueError:
        return None
    answer_by: datetime = end_of(day).astimezone(UTC)
    return {"case": fields.get("case", ""), "text": text, "answerBy": answer_by.isoformat()}

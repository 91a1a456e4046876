"""Figures for everybody: a page, and the same as open data in CSV and JSON. Needs no sign-in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.clock import Clock
from hub.portal.desk import Desk
from schema.domain.rating import STARS
from schema.domain.working_days import day_of

FIGURES = """query PublicFigures($year: Int!, $month: Int!) { publicFigures(year: $year, month: $month) {
  department name nameEn
  satisfaction { occasions rated notRated satisfied satisfiedShare mean ranking distribution { stars count } }
  submitted ended decided decidedInTime questionsAnswered followUps followUpsEnded followUpsInTime } }"""
MONTHS = 12
OPEN_DATA = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=600"}


class FigurePages:
    """``/figures``, ``/figures.csv`` and ``/figures.json``."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def routes(self) -> list[BaseRoute]:
        public = self._desk.public
        return [
            Route("/figures", public(self.page), methods=["GET"]),
            Route("/figures.csv", public(self.as_csv), methods=["GET"]),
            Route("/figures.json", public(self.as_json), methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        """A month; the one before this first, since it is whole."""
        found = await self._of(request)
        if found is None:
            return self._desk.message(request, "not_found", 404)
        visitor = await self._desk.visitors.current(request)
        values = {"figures": found, "month": self._month(request), "months": self._months()}
        return self._desk.pages.render(request, "figures.html", {**values, "signed_in": visitor is not None})

    async def as_csv(self, request: Request) -> Response:
        """UTF-8 with a mark in front, so that spreadsheets read Chinese."""
        found = await self._of(request)
        if found is None:
            return Response("There is no such month.", 404)
        rows = [_flat(each) for each in found]
        written = io.StringIO()
        writer = csv.DictWriter(written, fieldnames=list(rows[0]) if rows else ["department"])
        writer.writeheader()
        writer.writerows(rows)
        return Response("\ufeff" + written.getvalue(), media_type="text/csv; charset=utf-8", headers=OPEN_DATA)

    async def as_json(self, request: Request) -> Response:
        found = await self._of(request)
        if found is None:
            return Response("There is no such month.", 404)
        told = json.dumps({"month": self._month(request), "departments": found}, ensure_ascii=False)
        return Response(told, media_type="application/json", headers=OPEN_DATA)

    async def _of(self, request: Request) -> Sequence[Mapping[str, Any]] | None:
        year, _, month = self._month(request).partition("-")
        if not (year.isdecimal() and month.isdecimal() and len(year) == 4 and len(month) <= 2):
            return None
        answer = await self._desk.ask(None, FIGURES, {"year": int(year), "month": int(month)})
        found: Sequence[Mapping[str, Any]] | None = answer.data.get("publicFigures")
        return found

    def _month(self, request: Request) -> str:
        return request.query_params.get("month") or self._months()[1]

    def _months(self) -> list[str]:
        today = day_of(self._clock.now())
        number = today.year * 12 + today.month - 1
        return [f"{each // 12}-{each % 12 + 1:02d}" for each in range(number, number - MONTHS, -1)]


def _flat(figures: Mapping[str, Any]) -> dict[str, Any]:
    """One line: names and satisfaction first, the grades as columns of their own."""
    told = dict(figures["satisfaction"])
    counts = {each["stars"]: each["count"] for each in told.pop("distribution") or ()}
    stars = {f"stars{stars}": counts.get(stars) for stars in STARS}
    names = {name: figures[name] for name in ("department", "name", "nameEn")}
    rest = {name: value for name, value in figures.items() if name not in {*names, "satisfaction"}}
    return {**names, **told, **stars, **rest}

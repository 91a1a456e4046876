"""What can be asked of electronic supervision."""

from __future__ import annotations

from datetime import datetime

import strawberry

from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.supervision_types import Card, DepartmentFigures, OfficerFigures
from hub.people.who import signed_in
from hub.supervision.supervision import CardFilter
from hub.supervision.supervision_figures import Period
from schema.domain.supervision import CardLevel


@strawberry.type
class SupervisionQuery:
    @resolved("Cards, the newest first: all for a supervisor, its own for a department; open ones unless said.")
    async def supervision_cards(
        self,
        info: Info,
        department: str | None = None,
        level: CardLevel | None = None,
        include_closed: bool = False,
        first: int = 50,
    ) -> list[Card]:
        wanted = CardFilter(department, level, include_closed)
        found = await services(info).time.supervision.cards(signed_in(actor(info)), wanted, first)
        return [Card.of(row) for row in found]

    @resolved("Figures per department in a period; they name no person.")
    async def supervision_figures(self, info: Info, since: datetime, until: datetime) -> list[DepartmentFigures]:
        period = Period(since, until)
        found = await services(info).time.figures.by_department(signed_in(actor(info)), period)
        return [DepartmentFigures.of(each) for each in found]

    @resolved("Figures per officer in a period, for supervisors.")
    async def officer_figures(self, info: Info, since: datetime, until: datetime) -> list[OfficerFigures]:
        found = await services(info).time.figures.by_officer(signed_in(actor(info)), Period(since, until))
        return [OfficerFigures.of(each) for each in found]

"""Figures for everybody, in the graph. They name no person."""

from __future__ import annotations

from typing import Self

import strawberry

from hub.own_subgraph.catalogue_types import StarCount
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, services
from hub.supervision.public_figures import DepartmentOfMonth
from schema.domain import satisfaction
from schema.domain.catalogue import Catalogue
from schema.domain.satisfaction import LEAST_SHOWN

_FEW = f"; null where fewer than {LEAST_SHOWN} rated"


@strawberry.type(description="How satisfied those were whom a department served; the first of its figures.")
class Satisfaction:
    occasions: int = strawberry.field(description="Cases that ended, answers, used appointments of the month.")
    rated: int = strawberry.field(description="How many of these are rated.")
    not_rated: int = strawberry.field(description="How many are not; they count as nothing.")
    satisfied: int | None = strawberry.field(description=f"Ratings of three to five stars{_FEW}.")
    satisfied_share: float | None = strawberry.field(description=f"Of the ratings, 0 to 1{_FEW}.")
    mean: float | None = strawberry.field(description=f"Mean of all stars{_FEW}.")
    ranking: float | None = strawberry.field(
        description=f"What the share surely is at least (Wilson, 95 %); ranks by it{_FEW}."
    )
    distribution: list[StarCount] | None = strawberry.field(
        description=f"All five grades, from one star to five{_FEW}."
    )

    @classmethod
    def of(cls, told: satisfaction.Satisfaction) -> Self:
        counted = {"occasions": told.occasions, "rated": told.rated, "not_rated": told.not_rated}
        if not told.is_shown:
            return cls(**counted, satisfied=None, satisfied_share=None, mean=None, ranking=None, distribution=None)
        return cls(
            **counted,
            satisfied=told.satisfied,
            satisfied_share=told.satisfied_share,
            mean=told.mean,
            ranking=told.ranking,
            distribution=[StarCount(stars=stars, count=number) for stars, number in told.distribution],
        )


@strawberry.type(description="What a department did in a month, counted from events.")
class PublicFigures:
    department: str = strawberry.field(description="The department.")
    name: str = strawberry.field(description="Its name, in Chinese.")
    name_en: str = strawberry.field(description="Its name, in English.")
    satisfaction: Satisfaction = strawberry.field(description="How satisfied those were whom it served.")
    submitted: int = strawberry.field(description="Cases filed.")
    ended: int = strawberry.field(description="Cases that ended, with or without success.")
    decided: int = strawberry.field(description="Cases approved or denied.")
    decided_in_time: int = strawberry.field(description="Of these, within the promise.")
    questions_answered: int = strawberry.field(description="Consultations and suggestions answered.")
    follow_ups: int | None = strawberry.field(description=f"Low ratings of the month that are followed up{_FEW}.")
    follow_ups_ended: int | None = strawberry.field(description=f"Of these, mended or explained by now{_FEW}.")
    follow_ups_in_time: int | None = strawberry.field(description=f"Of these, within 15 working days{_FEW}.")

    @classmethod
    def of(cls, month: DepartmentOfMonth, catalogue: Catalogue) -> Self:
        told = month.satisfaction
        name, name_en = _names(catalogue, month.department)
        return cls(
            department=month.department,
            name=name,
            name_en=name_en,
            satisfaction=Satisfaction.of(told),
            submitted=month.submitted,
            ended=month.ended,
            decided=month.decided,
            decided_in_time=month.decided_in_time,
            questions_answered=month.questions_answered,
            follow_ups=month.follow_ups if told.is_shown else None,
            follow_ups_ended=month.follow_ups_ended if told.is_shown else None,
            follow_ups_in_time=month.follow_ups_in_time if told.is_shown else None,
        )


@strawberry.type
class FigureQuery:
    @resolved("What each department did in a month (Beijing), the best ranked by satisfaction first.")
    async def public_figures(self, info: Info, year: int, month: int) -> list[PublicFigures]:
        known = services(info)
        catalogue = await known.catalogue.current()
        return [PublicFigures.of(each, catalogue) for each in await known.public_figures.of_month(year, month)]


def _names(catalogue: Catalogue, department: str) -> tuple[str, str]:
    found = next((each for each in catalogue.organisations.values() if each.department == department), None)
    return (found.name, found.name_en) if found is not None else (department, department)

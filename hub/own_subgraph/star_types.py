"""GraphQL types of the star standard of an online service."""

from __future__ import annotations

from typing import Self

import strawberry

from schema.domain import star_standard as domain


@strawberry.type(description="One demand of a star, and whether it is met.")
class StarCriterion:
    code: strawberry.ID = strawberry.field(description="Stable code.")
    star: int = strawberry.field(description="The star that it belongs to, 1 to 5.")
    is_met: bool = strawberry.field(description="Whether the item meets it.")
    name: str = strawberry.field(description="In Chinese.")
    name_en: str = strawberry.field(description="In English.")
    mend: str = strawberry.field(description="What to do where it is missing, in Chinese.")
    mend_en: str = strawberry.field(description="What to do where it is missing, in English.")


@strawberry.type(description="What an online service can do, computed; not to be mixed with how people rated it.")
class StarStandard:
    stars: int = strawberry.field(description="0 to 5: all criteria up to here are met.")
    criteria: list[StarCriterion] = strawberry.field(description="Every criterion, in order of its star.")

    @classmethod
    def of(cls, standard: domain.StarStandard) -> Self:
        criteria = [
            StarCriterion(
                code=strawberry.ID(each.criterion.code),
                star=each.criterion.star,
                is_met=each.is_met,
                name=each.criterion.name,
                name_en=each.criterion.name_en,
                mend=each.criterion.mend,
                mend_en=each.criterion.mend_en,
            )
            for each in standard.criteria
        ]
        return cls(stars=standard.stars, criteria=criteria)

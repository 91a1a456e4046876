"""Farmed and forced ratings in the graph, for supervisors. Nobody who rated or was rated is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.ratings.rating_flags import doubts_of
from hub.tables.rating import RatingFlagRow
from schema.domain.follow_up import Occasion
from schema.domain.rating_flag import Doubt, FlagGround, FlagState, doubt_text

strawberry.enum(FlagGround, name="RatingFlagGround", description="Why a rating is doubtful.")
strawberry.enum(FlagState, name="RatingFlagState", description="What became of a flag on a rating.")


@strawberry.type(description="One ground for a flag, with its figures.")
class RatingDoubt:
    ground: FlagGround = strawberry.field(description="Which it is.")
    text: str = strawberry.field(description="What was seen, in Chinese.")
    text_en: str = strawberry.field(description="What was seen, in English.")

    @classmethod
    def of(cls, doubt: Doubt) -> Self:
        zh, en = doubt_text(doubt)
        return cls(ground=doubt.ground, text=zh, text_en=en)


@strawberry.type(
    description="A rating that may be farmed or forced (刷评、逼评). It stays, and counts until then."
)
class FlaggedRating:
    id: strawberry.ID = strawberry.field(description="Opaque identifier of the flag.")
    occasion: Occasion = strawberry.field(description="What was rated.")
    department: str | None = strawberry.field(description="Whose work was rated.")
    item_code: str | None = strawberry.field(description="The service item it was about.")
    stars: int = strawberry.field(description="How many it gave.")
    rated_at: datetime = strawberry.field(description="When it was given.")
    grounds: list[RatingDoubt] = strawberry.field(description="Why it is doubtful.")
    state: FlagState = strawberry.field(description="What became of the flag.")
    decided_at: datetime | None = strawberry.field(description="When it was confirmed or cleared.")
    reason: str | None = strawberry.field(description="Why it was.")

    @classmethod
    def of(cls, row: RatingFlagRow) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            occasion=Occasion(row.occasion),
            department=row.department or None,
            item_code=row.item_code,
            stars=row.stars,
            rated_at=row.rated_at,
            grounds=[RatingDoubt.of(each) for each in doubts_of(row)],
            state=FlagState(row.state),
            decided_at=row.decided_at,
            reason=row.reason,
        )


@strawberry.type
class RatingFlagQuery:
    @resolved("Ratings that may be farmed or forced, the oldest flag first.")
    async def flagged_ratings(
        self, info: Info, state: FlagState = FlagState.OPEN, department: str | None = None, first: int = 50
    ) -> list[FlaggedRating]:
        found = await services(info).rating_flags.of(signed_in(actor(info)), state, department, first)
        return [FlaggedRating.of(row) for row in found]


@strawberry.type
class RatingFlagMutation:
    @mutation("Confirm that these ratings are farmed or forced, with the reason: public figures leave them out.")
    async def confirm_flagged_ratings(
        self, info: Info, ids: list[strawberry.ID], reason: str
    ) -> list[FlaggedRating]:
        known, who = services(info).rating_flags, signed_in(actor(info))
        return [FlaggedRating.of(row) for row in await known.decide(who, ids, FlagState.CONFIRMED, reason)]

    @mutation("Clear these ratings of doubt, with the reason.")
    async def clear_flagged_ratings(
        self, info: Info, ids: list[strawberry.ID], reason: str
    ) -> list[FlaggedRating]:
        known, who = services(info).rating_flags, signed_in(actor(info))
        return [FlaggedRating.of(row) for row in await known.decide(who, ids, FlagState.CLEARED, reason)]

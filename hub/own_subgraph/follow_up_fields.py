"""Follow-ups of low ratings in the graph. Whoever holds one was allowed to read it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.ratings.follow_ups import knows_rater
from hub.tables.follow_up import FollowUpRow
from schema.domain.follow_up import FollowUpState, Occasion
from schema.domain.personal_numbers import without_personal_numbers

strawberry.enum(Occasion, name="RatedOccasion", description="What was rated.")
strawberry.enum(FollowUpState, description="Where a follow-up stands.")


@strawberry.type(description="Something that happened to a follow-up.")
class FollowUpEvent:
    version: int = strawberry.field(description="Counts from 1 without a gap.")
    type: str = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When.")
    text: str | None = strawberry.field(description="What was found, done, explained or answered.")


@strawberry.type(description="What one or two stars oblige to (差评整改).")
class FollowUp:
    row: strawberry.Private[FollowUpRow]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    number: str = strawberry.field(description="The number to quote; its last character checks it.")
    occasion: Occasion = strawberry.field(description="What was rated.")
    item_code: str | None = strawberry.field(description="The service item it was about.")
    department: str | None = strawberry.field(description="Whose it is; null where supervisors see to it.")
    stars: int = strawberry.field(description="One or two.")
    state: FollowUpState = strawberry.field(description="Where it stands.")
    rated_at: datetime = strawberry.field(description="When it was rated.")
    verify_by: datetime = strawberry.field(description="By when the rater is contacted: 24:00 of a working day.")
    resolve_by: datetime = strawberry.field(description="By when it is mended or explained.")
    finding: str | None = strawberry.field(description="What was found.")
    outcome: str | None = strawberry.field(description="How it was mended, or why there is nothing to mend.")
    malicious_why: str | None = strawberry.field(description="Why the rating is marked as malicious.")

    @resolved("What the rater wrote; without numbers of persons for who may not know who rated.")
    def comment(self, info: Info) -> str | None:
        return self._shown(info, self.row.comment)

    @resolved("What the rater says to it; likewise.")
    def reply(self, info: Info) -> str | None:
        return self._shown(info, self.row.reply)

    @resolved("Number of what was rated; for the rater and who follows it up.")
    def about_number(self, info: Info) -> str | None:
        return self.row.about_number if self._knows(info) else None

    @resolved("Who rated; for who follows it up, from when they took it.")
    def rater(self, info: Info) -> strawberry.ID | None:
        return strawberry.ID(self.row.rater) if self._knows(info) else None

    @resolved("Whether you follow it up.")
    def is_mine(self, info: Info) -> bool:
        who = actor(info)
        return who is not None and who.subject == self.row.officer

    @resolved("Everything that happened to it, in order.")
    async def events(self, info: Info) -> list[FollowUpEvent]:
        found = await services(info).follow_ups.events(self.row)
        return [
            FollowUpEvent(
                version=each.version,
                type=each.type.value,
                at=each.at,
                text=self._shown(info, each.data.get("text")),
            )
            for each in found
        ]

    def _knows(self, info: Info) -> bool:
        who = actor(info)
        return who is not None and knows_rater(who, self.row)

    def _shown(self, info: Info, text: str | None) -> str | None:
        return text if text is None or self._knows(info) else without_personal_numbers(text)

    @classmethod
    def of(cls, row: FollowUpRow) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            number=row.number,
            occasion=Occasion(row.occasion),
            item_code=row.item_code,
            department=row.department or None,
            stars=row.stars,
            state=FollowUpState(row.state),
            rated_at=row.rated_at,
            verify_by=row.verify_by,
            resolve_by=row.resolve_by,
            finding=row.finding,
            outcome=row.outcome,
            malicious_why=row.malicious_why,
        )


@strawberry.type
class FollowUpQuery:
    @resolved("What your own low ratings opened, the newest first.")
    async def my_follow_ups(self, info: Info, first: int = 20) -> list[FollowUp]:
        return [FollowUp.of(row) for row in await services(info).follow_ups.of(signed_in(actor(info)), first)]

    @resolved("One follow-up; null unless you rated, or may follow it up.")
    async def follow_up(self, info: Info, id: strawberry.ID) -> FollowUp | None:
        found = await services(info).follow_ups.get(signed_in(actor(info)), id)
        return FollowUp.of(found) if found else None

    @resolved(
        "Follow-ups under way that you may take, the first to fall due first; none of what you took part in."
    )
    async def follow_up_work(self, info: Info, mine: bool = False, first: int = 50) -> list[FollowUp]:
        found = await services(info).follow_ups.work(signed_in(actor(info)), mine=mine, first=first)
        return [FollowUp.of(row) for row in found]


@strawberry.type
class FollowUpMutation:
    @mutation("Take a follow-up; then you learn who rated.")
    async def take_follow_up(self, info: Info, id: strawberry.ID) -> FollowUp:
        return FollowUp.of(await services(info).follow_ups.take(signed_in(actor(info)), id))

    @mutation("Note that the rater was contacted, and what was found.")
    async def verify_follow_up(self, info: Info, id: strawberry.ID, finding: str) -> FollowUp:
        return FollowUp.of(await services(info).follow_ups.verify(signed_in(actor(info)), id, finding))

    @mutation("Tell how it was mended; the rater reads it.")
    async def resolve_follow_up(self, info: Info, id: strawberry.ID, outcome: str) -> FollowUp:
        return FollowUp.of(await services(info).follow_ups.resolve(signed_in(actor(info)), id, outcome))

    @mutation("Tell why there is nothing to mend; the rater reads it.")
    async def explain_follow_up(self, info: Info, id: strawberry.ID, outcome: str) -> FollowUp:
        return FollowUp.of(await services(info).follow_ups.explain(signed_in(actor(info)), id, outcome))

    @mutation("Mark a verified rating as malicious, with the reason; it is not deleted.")
    async def mark_rating_malicious(self, info: Info, id: strawberry.ID, reason: str) -> FollowUp:
        return FollowUp.of(await services(info).follow_ups.mark_malicious(signed_in(actor(info)), id, reason))

    @mutation("Answer the outcome of a follow-up of your own rating, once.")
    async def reply_to_follow_up(self, info: Info, id: strawberry.ID, text: str) -> FollowUp:
        return FollowUp.of(await services(info).follow_ups.reply(signed_in(actor(info)), id, text))

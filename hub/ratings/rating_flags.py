"""Flags on doubtful ratings as rows: raised in the transaction of a rating, decided once by a supervisor.

How each rating came about is kept for as long as it is compared with others. Source: docs/ratings.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import case, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from auth.roles import SUPERVISOR
from connectors.clock import Clock
from hub.storage.database import Database
from hub.storage.forgetting import forget_old
from hub.storage.insertion import insert_if_absent
from hub.tables.rating import GivenRatingRow, RatingFlagRow
from schema.domain.follow_up import Occasion
from schema.domain.page import check_first
from schema.domain.rating_flag import (
    BURST_WITHIN,
    LOOKS_BACK,
    TOP,
    Around,
    Doubt,
    FlagGround,
    FlagState,
    GivenRating,
    Share,
    doubts,
)
from schema.errors import DomainError, RuntimeCode

MOST_DECIDED = 100
MOST_REASON = 500
MOST_COMPARED = 200
"""Ratings of one counter in some minutes, or of one rater, that are looked at."""


@dataclass(frozen=True, slots=True)
class Given:
    """A rating with the department and item that it was about."""

    rating: GivenRating
    department: str
    item_code: str | None


async def note_rating(session: AsyncSession, given: Given) -> None:
    """Keep how a rating came about, and flag what is doubtful about it or with it, in the rating's transaction."""
    rating = given.rating
    session.add(
        GivenRatingRow(
            occasion=rating.occasion,
            about_id=rating.id,
            rater=rating.rater,
            officer=rating.officer,
            department=given.department,
            item_code=given.item_code,
            stars=rating.stars,
            at=rating.at,
            ended_at=rating.ended_at,
            at_counter=rating.at_counter,
            is_asked_early=rating.is_asked_early,
        )
    )
    if rating.stars != TOP:
        return
    await session.flush()
    for key, found in doubts(rating, await _around(session, given)).items():
        await _flag(session, *key, found, rating)


def confirmed(occasion: Occasion) -> Any:
    """A sub-query: what was rated so that it is left out of public figures."""
    is_left_out = (
        col(RatingFlagRow.occasion) == occasion.value,
        col(RatingFlagRow.state) == FlagState.CONFIRMED.value,
    )
    return select(RatingFlagRow.about_id).where(*is_left_out)


class RatingFlags:
    """For supervisors. Who rated and who was rated is in nothing that they are told."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(
        self, actor: Actor, state: FlagState = FlagState.OPEN, department: str | None = None, first: int = 50
    ) -> Sequence[RatingFlagRow]:
        """The oldest first."""
        _supervisor(actor)
        check_first(first)
        statement = select(RatingFlagRow).where(col(RatingFlagRow.state) == state.value)
        if department is not None:
            statement = statement.where(col(RatingFlagRow.department) == department)
        ordered = statement.order_by(col(RatingFlagRow.flagged_at), col(RatingFlagRow.id)).limit(first)
        async with self._database.reading() as session:
            return (await session.exec(ordered)).all()

    async def decide(
        self, actor: Actor, ids: Sequence[str], state: FlagState, reason: str
    ) -> Sequence[RatingFlagRow]:
        """Confirm or clear flags, each once, all or none of them. Raises ``DomainError`` NOT_FOUND, BAD_USER_INPUT
        without a reason, INVALID_TRANSITION for one that is decided, FORBIDDEN for one's own rating or work."""
        _supervisor(actor)
        wanted = sorted(set(ids))
        if not 0 < len(wanted) <= MOST_DECIDED or not 0 < len(reason.strip()) <= MOST_REASON:
            wrong = f"Give 1 to {MOST_DECIDED} `ids` and a `reason` of 1 to {MOST_REASON} characters."
            raise DomainError(RuntimeCode.BAD_USER_INPUT, wrong)
        named = select(RatingFlagRow).where(col(RatingFlagRow.id).in_(wanted)).order_by(col(RatingFlagRow.id))
        async with self._database.transaction() as session:
            rows = (await session.exec(named.with_for_update())).all()
            if len(rows) != len(wanted):
                raise DomainError(RuntimeCode.NOT_FOUND, "There is no such flag. `flaggedRatings` lists them.")
            for row in rows:
                await self._decide(session, actor, row, state, reason.strip())
        return rows

    async def _decide(
        self, session: AsyncSession, actor: Actor, row: RatingFlagRow, state: FlagState, reason: str
    ) -> None:
        if row.state != FlagState.OPEN:
            raise DomainError(RuntimeCode.INVALID_TRANSITION, f"Flag {row.id} is {row.state}. It is decided once.")
        given = await session.get(GivenRatingRow, (row.occasion, row.about_id))
        if given is not None and actor.subject in (given.rater, given.officer):
            raise DomainError(RuntimeCode.FORBIDDEN, "Nobody decides on a rating that they gave or were given.")
        row.state, row.reason = state.value, reason
        row.decided_by, row.decided_at = actor.subject, self._clock.now()
        session.add(row)

    async def forget(self) -> None:
        """How ratings came about, once it is compared with nothing more. Flags stay."""
        before = self._clock.now() - LOOKS_BACK
        await forget_old(self._database, GivenRatingRow, col(GivenRatingRow.at) < before)


def doubts_of(row: RatingFlagRow) -> tuple[Doubt, ...]:
    return tuple(Doubt(FlagGround(each["ground"]), each["count"], each["of"]) for each in row.grounds)


async def _around(session: AsyncSession, given: Given) -> Around:
    rating = given.rating
    since = col(GivenRatingRow.at) >= rating.at - LOOKS_BACK
    of_rater = await _ratings(session, col(GivenRatingRow.rater) == rating.rater, since)
    if rating.officer is None:
        return Around(of_rater=of_rater)
    is_theirs = col(GivenRatingRow.officer) == rating.officer
    lately = col(GivenRatingRow.at) >= rating.at - BURST_WITHIN
    at_counter = await _ratings(session, is_theirs, lately, col(GivenRatingRow.at_counter))
    of_officer = await _share(session, is_theirs, since)
    of_all = await _share(session, col(GivenRatingRow.department) == given.department, since)
    others = Share(of_all.rated - of_officer.rated, of_all.top - of_officer.top)
    return Around(at_counter, of_rater, of_officer, others)


async def _ratings(session: AsyncSession, *where: Any) -> tuple[GivenRating, ...]:
    newest = select(GivenRatingRow).where(*where).order_by(col(GivenRatingRow.at).desc()).limit(MOST_COMPARED)
    return tuple(
        GivenRating(
            Occasion(row.occasion),
            row.about_id,
            row.rater,
            row.officer,
            row.stars,
            row.at,
            row.ended_at,
            row.at_counter,
            row.is_asked_early,
        )
        for row in (await session.exec(newest)).all()
    )


async def _share(session: AsyncSession, *where: Any) -> Share:
    top = func.sum(case((col(GivenRatingRow.stars) == TOP, 1), else_=0))
    rated, found = (await session.exec(select(func.count(), top).select_from(GivenRatingRow).where(*where))).one()
    return Share(rated, int(found or 0))


async def _flag(
    session: AsyncSession, occasion: str, id: str, found: Sequence[Doubt], newest: GivenRating
) -> None:
    """A new flag, or the new grounds on an open one. A decided one stays as it was decided."""
    said = {each.ground.value: {"ground": each.ground.value, "count": each.count, "of": each.of} for each in found}
    given = await session.get_one(GivenRatingRow, (occasion, id))
    values = {
        "id": str(uuid4()),
        "occasion": occasion,
        "about_id": id,
        "department": given.department,
        "item_code": given.item_code,
        "stars": given.stars,
        "rated_at": given.at,
        "grounds": list(said.values()),
        "state": FlagState.OPEN.value,
        "flagged_at": newest.at,
    }
    if await insert_if_absent(session, RatingFlagRow, values):
        return
    this = select(RatingFlagRow).where(col(RatingFlagRow.occasion) == occasion, col(RatingFlagRow.about_id) == id)
    row = (await session.exec(this.with_for_update())).one()
    if row.state == FlagState.OPEN:
        row.grounds = list(({each["ground"]: each for each in row.grounds} | said).values())
        session.add(row)


def _supervisor(actor: Actor) -> None:
    if not actor.has_role(SUPERVISOR):
        raise DomainError(RuntimeCode.FORBIDDEN, "Flags on ratings are for supervisors.")

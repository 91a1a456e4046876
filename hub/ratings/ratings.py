"""Rate a finished case with stars, once, by the one who was served; one or two of them open a follow-up."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from auth.actor import Actor
from connectors.clock import Clock
from hub.cases import case_store
from hub.cases.case_officers import officers_of
from hub.catalogue.catalogue import CatalogueStore
from hub.ratings.follow_up_store import Rated, open_follow_up
from hub.ratings.rating_flags import Given, confirmed, note_rating
from hub.storage.change_feed import ChangeKind, record_change
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.storage.wakeups import Wakeups
from hub.tables.case import CaseRefusalRow, CaseRow
from hub.tables.rating import RatingRow
from schema.domain import rating as rules
from schema.domain.case import Case
from schema.domain.case_words import CaseActor, Channel
from schema.domain.follow_up import Occasion, opens
from schema.domain.rating import Rating, RatingSummary
from schema.domain.rating_flag import GivenRating
from schema.errors import DomainError, RuntimeCode

ATTEMPTED = "rated"
"""How the trace of a rating before the end is called among the attempts that the rules refused."""


class Ratings:
    """Ratings are rows; every figure is computed from them."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._wakeups = wakeups

    async def rate_service(self, actor: Actor, case: str, stars: int, comment: str | None) -> Rating:
        """Rate an own case. Of two at the same moment one is refused: the row's key is the case. An attempt before
        the service ended leaves its trace."""
        if stars not in rules.STARS:
            raise rules.wrong_stars()
        try:
            return await self._rate(actor, case, stars, comment)
        except DomainError as refused:
            if refused.code is RuntimeCode.CASE_NOT_FINISHED:
                await self._note_early(case, refused)
            raise

    async def _note_early(self, case: str, refused: DomainError) -> None:
        async with self._database.transaction() as session:
            row = await case_store.find(session, case)
            if row is not None and not await _was_refused_before(session, row.id):
                session.add(
                    CaseRefusalRow(
                        case_id=row.id,
                        attempted=ATTEMPTED,
                        actor=CaseActor.APPLICANT,
                        at=self._clock.now(),
                        why=refused.message,
                    )
                )

    async def _rate(self, actor: Actor, case: str, stars: int, comment: str | None) -> Rating:
        calendar = (await self._catalogue.current()).timing.calendar
        async with self._database.transaction() as session:
            row = await case_store.find(session, case, lock=True)
            if row is None or row.applicant != actor.subject:
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")
            now, known = self._clock.now(), case_store.case_of(row)
            existing = _rating_of(await session.get(RatingRow, row.id))
            rating = rules.rate(known, existing, stars, comment, now)
            values = {"stars": rating.stars, "comment": rating.comment, "at": rating.at}
            if not await insert_if_absent(
                session, RatingRow, {"case_id": row.id, "item_code": row.item_code, **values}
            ):
                raise rules.already_rated(row.receipt_number)
            rated = Rated(
                Occasion.CASE,
                row.id,
                row.receipt_number,
                row.department or "",
                row.item_code,
                row.applicant,
                await officers_of(session, row) if opens(stars) else frozenset(),
                rating.stars,
                rating.comment,
            )
            await open_follow_up(session, rated, calendar, now)
            is_asked_early = await _was_refused_before(session, row.id)
            await note_rating(session, _given(row, known, rating, is_asked_early=is_asked_early))
            record_change(session, ChangeKind.CASE, row.id, owner=row.applicant, at=now, version=row.version)
        self._wakeups.outbox.set()
        return rating

    async def ratings_of(self, case_ids: Iterable[str]) -> dict[str, Rating]:
        """The ratings of cases that the caller was allowed to read."""
        statement = select(RatingRow).where(col(RatingRow.case_id).in_(sorted(set(case_ids))))
        async with self._database.reading() as session:
            rows = (await session.exec(statement)).all()
        return {row.case_id: Rating(row.stars, row.comment, row.at) for row in rows}

    async def summaries(self, item_codes: Iterable[str]) -> dict[str, RatingSummary]:
        """Mean, count and distribution of some items, without ratings that are confirmed as farmed or forced."""
        codes = sorted(set(item_codes))
        statement = (
            select(col(RatingRow.item_code), col(RatingRow.stars), func.count())
            .where(col(RatingRow.item_code).in_(codes), col(RatingRow.case_id).not_in(confirmed(Occasion.CASE)))
            .group_by(col(RatingRow.item_code), col(RatingRow.stars))
        )
        counts: dict[str, dict[int, int]] = {code: {} for code in codes}
        async with self._database.reading() as session:
            for code, stars, number in (await session.exec(statement)).all():
                counts[code][stars] = number
        return {code: rules.summarize(each) for code, each in counts.items()}


async def _was_refused_before(session: AsyncSession, case_id: str) -> bool:
    early = select(CaseRefusalRow.id).where(
        col(CaseRefusalRow.case_id) == case_id, col(CaseRefusalRow.attempted) == ATTEMPTED
    )
    return (await session.exec(early.limit(1))).first() is not None


def _given(row: CaseRow, case: Case, rating: Rating, *, is_asked_early: bool) -> Given:
    """Who was face to face with the applicant is who filed for them, else who handled the case at the window."""
    given = GivenRating(
        Occasion.CASE,
        row.id,
        row.applicant,
        case.filing_officer or row.handler,
        rating.stars,
        rating.at,
        row.updated_at,
        at_counter=case.filing_officer is not None or row.channel == Channel.WINDOW,
        is_asked_early=is_asked_early,
    )
    return Given(given, row.department or "", row.item_code)


def _rating_of(row: RatingRow | None) -> Rating | None:
    return Rating(row.stars, row.comment, row.at) if row else None

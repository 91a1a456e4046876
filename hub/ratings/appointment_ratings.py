"""Rate a used appointment with stars, once, by who was served; one or two of them open a follow-up."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import col, select

from auth.actor import Actor
from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.ratings.follow_up_store import Rated, open_follow_up
from hub.ratings.rating_flags import Given, note_rating
from hub.storage.database import Database
from hub.storage.insertion import insert_if_absent
from hub.storage.wakeups import Wakeups
from hub.tables.appointment import AppointmentRow, AppointmentSlotRow
from hub.tables.follow_up import AppointmentRatingRow
from schema.domain.appointment import AppointmentState
from schema.domain.follow_up import Occasion
from schema.domain.rating import Rating, rate_appointment
from schema.domain.rating_flag import GivenRating
from schema.errors import DomainError, RuntimeCode


class AppointmentRatings:
    """The key of a rating is its appointment: of two at the same moment one is refused."""

    def __init__(self, database: Database, catalogue: CatalogueStore, clock: Clock, wakeups: Wakeups) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._wakeups = wakeups

    async def rate(self, actor: Actor, id: str, stars: int, comment: str | None) -> AppointmentRow:
        """An own one. Raises ``DomainError`` NOT_FOUND, CASE_NOT_FINISHED before it was used, ALREADY_RATED."""
        catalogue = await self._catalogue.current()
        async with self._database.transaction() as session:
            row = await session.get(AppointmentRow, id, with_for_update=True)
            if row is None or row.owner != actor.subject:
                raise DomainError(RuntimeCode.NOT_FOUND, "You have no such appointment.")
            slot = await session.get_one(AppointmentSlotRow, row.slot_id)
            now, used_at = self._clock.now(), row.changed_at if row.state == AppointmentState.USED else None
            existing = _rating_of(await session.get(AppointmentRatingRow, row.id))
            rating = rate_appointment(row.number, used_at, existing, stars, comment, now)
            values = {"stars": rating.stars, "comment": rating.comment, "at": rating.at}
            await insert_if_absent(
                session, AppointmentRatingRow, {"appointment_id": row.id, "item_code": row.item_code, **values}
            )
            rated = Rated(
                Occasion.APPOINTMENT,
                row.id,
                row.number,
                slot.department,
                row.item_code,
                row.owner,
                frozenset({row.changed_by}),
                rating.stars,
                rating.comment,
            )
            await open_follow_up(session, rated, catalogue.timing.calendar, now)
            await note_rating(session, _given(row, slot.department, rating))
        self._wakeups.outbox.set()
        return row

    async def of(self, appointments: Iterable[str]) -> dict[str, Rating]:
        """The ratings of appointments that the caller was allowed to read."""
        wanted = col(AppointmentRatingRow.appointment_id).in_(sorted(set(appointments)))
        async with self._database.reading() as session:
            rows = (await session.exec(select(AppointmentRatingRow).where(wanted))).all()
        return {row.appointment_id: Rating(row.stars, row.comment, row.at) for row in rows}


def _given(row: AppointmentRow, department: str, rating: Rating) -> Given:
    """Who noted that somebody came was face to face with them."""
    given = GivenRating(
        Occasion.APPOINTMENT,
        row.id,
        row.owner,
        row.changed_by,
        rating.stars,
        rating.at,
        row.changed_at,
        at_counter=True,
    )
    return Given(given, department, row.item_code)


def _rating_of(row: AppointmentRatingRow | None) -> Rating | None:
    return Rating(row.stars, row.comment, row.at) if row else None

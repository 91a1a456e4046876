"""What can be asked about time: the working calendar, and notices."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.fields import resolved
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.time_types import CalendarYear, Notice
from hub.people.who import signed_in
from schema.errors import DomainError, RuntimeCode


@strawberry.type
class TimeQuery:
    @resolved("Everything that was loaded for a year of the working calendar; the first is in force.")
    async def working_calendar(self, info: Info, year: int) -> list[CalendarYear]:
        return [CalendarYear.of(row) for row in await services(info).time.calendars.versions(year)]

    @resolved("What you, your department or your office was told, the newest first.")
    async def notices(
        self, info: Info, first: int = 20, before: strawberry.ID | None = None, unread_only: bool = False
    ) -> list[Notice]:
        who = signed_in(actor(info))
        earlier = number(before) if before is not None else None
        known = services(info)
        found = await known.time.notices.of(who, unread_only=unread_only, first=first, before=earlier)
        loaders = Loaders(known)
        return [Notice.of(row, loaders) for row in found]


def number(id: str) -> int:
    """The number that an id of ours is. Raises ``DomainError`` for what is none."""
    try:
        return int(id)
    except ValueError:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f'"{id}" is no id of a notice.') from None

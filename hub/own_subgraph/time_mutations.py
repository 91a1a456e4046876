"""What can be done about time: load a year of the calendar, mark a notice as read."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.fields import mutation
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.time_queries import number
from hub.own_subgraph.time_types import CalendarInput, CalendarYear, Notice
from hub.people.who import signed_in
from hub.supervision.working_calendars import read_year


@strawberry.type
class TimeMutation:
    @mutation("Load a year of the working calendar as it was announced; open cases are counted anew.")
    async def load_calendar(self, info: Info, input: CalendarInput) -> CalendarYear:
        calendars = services(info).time.calendars
        loaded = await calendars.load(read_year(input.content()), actor(info))
        return CalendarYear.of((await calendars.versions(loaded.year))[0])

    @mutation("Mark a notice as read.")
    async def mark_notice_read(self, info: Info, id: strawberry.ID) -> Notice:
        known = services(info)
        row = await known.time.notices.mark_read(signed_in(actor(info)), number(id))
        return Notice.of(row, Loaders(known))

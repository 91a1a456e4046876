"""Visits at the door in the graph. Whoever holds one was allowed to read it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.services import Info, services
from hub.own_subgraph.services import actor as asking
from hub.people.who import signed_in
from hub.tables.door_visit import DoorVisitRow
from schema.domain.door_visit import VisitState

strawberry.enum(VisitState, description="Where a visit at the door stands.")


@strawberry.type(description="A visit at the door: a booked time that a named officer goes to.")
class DoorVisit:
    row: strawberry.Private[DoorVisitRow]

    appointment_id: strawberry.ID = strawberry.field(description="The appointment that booked it.")
    number: str = strawberry.field(description="The number to quote; its last character checks it.")
    state: VisitState = strawberry.field(description="Where it stands.")
    officer: strawberry.ID = strawberry.field(description="Who goes.")
    begins_at: datetime = strawberry.field(description="When the booked time begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    case_id: strawberry.ID | None = strawberry.field(description="The case it is for.")
    note: str | None = strawberry.field(description="What the officer noted.")

    @resolved("The officer's name, so that you know whom you open to.")
    async def officer_name(self, info: Info) -> str | None:
        return await services(info).door_visits.name_of(self.row.officer)

    @classmethod
    def of(cls, row: DoorVisitRow) -> Self:
        return cls(
            row=row,
            appointment_id=strawberry.ID(row.appointment_id),
            number=row.number,
            state=VisitState(row.state),
            officer=strawberry.ID(row.officer),
            begins_at=row.begins_at,
            ends_at=row.ends_at,
            case_id=strawberry.ID(row.case_id) if row.case_id else None,
            note=row.note,
        )


@strawberry.type
class VisitQuery:
    @resolved("Visits at the door under way, of your department or that you go to; the next first.")
    async def visit_work(self, info: Info, mine: bool = False, first: int = 50) -> list[DoorVisit]:
        found = await services(info).door_visits.work(signed_in(asking(info)), mine=mine, first=first)
        return [DoorVisit.of(row) for row in found]


@strawberry.type
class VisitMutation:
    @mutation("Send an officer to a booked visit at the door, or in the place of one who has not set out.")
    async def dispatch_visit(self, info: Info, appointment: strawberry.ID, officer: strawberry.ID) -> DoorVisit:
        visits = services(info).door_visits
        return DoorVisit.of(await visits.dispatch(signed_in(asking(info)), appointment, officer))

    @mutation("You are on your way to a visit that you were sent to; the resident is told.")
    async def set_out_for_visit(self, info: Info, appointment: strawberry.ID) -> DoorVisit:
        return DoorVisit.of(await services(info).door_visits.set_out(signed_in(asking(info)), appointment))

    @mutation("What came of a visit that you were sent to: served, or nobody was met, with a note.")
    async def finish_visit(
        self, info: Info, appointment: strawberry.ID, served: bool, note: str | None = None
    ) -> DoorVisit:
        who, visits = signed_in(asking(info)), services(info).door_visits
        return DoorVisit.of(await visits.finish(who, appointment, served=served, note=note))

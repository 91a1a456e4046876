"""Inspections in the graph. Whoever holds one was allowed to read it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.appointments.inspections import Evidence, Order
from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.tables.inspection import InspectionRow
from schema.domain.inspection import (
    Coordinates,
    InspectionEvent,
    InspectionEventType,
    InspectionState,
    InspectionWay,
)

strawberry.enum(InspectionWay, description="On site, or remote by pictures and video.")
strawberry.enum(InspectionState, description="Where an inspection stands.")


@strawberry.type(description="A picture that proves what was seen: where and when it was taken.")
class InspectionEvidence:
    file: strawberry.ID = strawberry.field(description="The file, at /files/{id}/content.")
    taken_at: datetime = strawberry.field(description="When it was taken.")
    latitude: float | None = strawberry.field(description="Where: degrees, WGS 84.")
    longitude: float | None = strawberry.field(description="Where: degrees, WGS 84.")
    remark: str | None = strawberry.field(description="What it shows.")

    @classmethod
    def of(cls, event: InspectionEvent) -> Self:
        data = event.data
        return cls(
            file=strawberry.ID(data["file"]),
            taken_at=datetime.fromisoformat(data["takenAt"]),
            latitude=data.get("latitude"),
            longitude=data.get("longitude"),
            remark=data.get("remark"),
        )


@strawberry.type(description="An inspection (勘查) for a case.")
class Inspection:
    row: strawberry.Private[InspectionRow]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    number: str = strawberry.field(description="The number to quote; its last character checks it.")
    case_id: strawberry.ID = strawberry.field(description="The case it is for.")
    way: InspectionWay = strawberry.field(description="On site or remote.")
    address: str = strawberry.field(description="Where.")
    state: InspectionState = strawberry.field(description="Where it stands.")
    begins_at: datetime | None = strawberry.field(description="When the visit begins.")
    ends_at: datetime | None = strawberry.field(description="When it ends.")
    due_at: datetime = strawberry.field(description="By when there is a result: 24:00 of a working day.")
    findings: str | None = strawberry.field(description="What was found.")

    @resolved("The officer who is dispatched; null for the applicant.")
    def inspector(self, info: Info) -> strawberry.ID | None:
        is_applicant = signed_in(actor(info)).subject == self.row.applicant
        return strawberry.ID(self.row.inspector) if self.row.inspector and not is_applicant else None

    @resolved("The evidence, in the order in which it was added.")
    async def evidence(self, info: Info) -> list[InspectionEvidence]:
        events = await services(info).inspections.events(self.row)
        added = (each for each in events if each.type is InspectionEventType.EVIDENCE_ADDED)
        return [InspectionEvidence.of(each) for each in added]

    @classmethod
    def of(cls, row: InspectionRow) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            number=row.number,
            case_id=strawberry.ID(row.case_id),
            way=InspectionWay(row.way),
            address=row.address,
            state=InspectionState(row.state),
            begins_at=row.begins_at,
            ends_at=row.ends_at,
            due_at=row.due_at,
            findings=row.findings,
        )


@strawberry.input(description="What is to be inspected for a case.")
class OrderInspectionInput:
    case: strawberry.ID = strawberry.field(description="The case, by id or receipt number.")
    way: InspectionWay = strawberry.field(description="On site or remote.")
    address: str = strawberry.field(description="Where.")
    reason: str = strawberry.field(description="What is to be seen.")
    latitude: float | None = strawberry.field(default=None, description="Where: degrees, WGS 84.")
    longitude: float | None = strawberry.field(default=None, description="Where: degrees, WGS 84.")

    def order(self) -> Order:
        return Order(self.case, self.way, self.address, self.reason, _place(self.latitude, self.longitude))


@strawberry.input(description="A picture of the inspector's, uploaded before.")
class EvidenceInput:
    file: strawberry.ID = strawberry.field(description="A checked file of yours: JPEG, PNG or PDF.")
    taken_at: datetime = strawberry.field(description="When it was taken.")
    latitude: float | None = strawberry.field(default=None, description="Where; needed on site.")
    longitude: float | None = strawberry.field(default=None, description="Where; needed on site.")
    remark: str | None = strawberry.field(default=None, description="What it shows.")

    def evidence(self) -> Evidence:
        return Evidence(self.file, self.taken_at, _place(self.latitude, self.longitude), self.remark)


@strawberry.type
class InspectionQuery:
    @resolved("One inspection; null unless it is for a case of yours or of your department.")
    async def inspection(self, info: Info, id: strawberry.ID) -> Inspection | None:
        found = await services(info).inspections.get(signed_in(actor(info)), id)
        return Inspection.of(found) if found else None

    @resolved("Inspections of one case, the newest first; empty for who may not read what was handed in.")
    async def case_inspections(self, info: Info, case: strawberry.ID) -> list[Inspection]:
        found = await services(info).inspections.of_case(signed_in(actor(info)), case)
        return [Inspection.of(row) for row in found]

    @resolved(
        "Open inspections of your department, or those that you are dispatched to; the first to fall due first."
    )
    async def inspection_work(self, info: Info, mine: bool = False, first: int = 50) -> list[Inspection]:
        found = await services(info).inspections.work(signed_in(actor(info)), mine=mine, first=first)
        return [Inspection.of(row) for row in found]


@strawberry.type
class InspectionMutation:
    @mutation("Order an inspection for a case that you handle, while it is in review.")
    async def order_inspection(self, info: Info, input: OrderInspectionInput) -> Inspection:
        return Inspection.of(await services(info).inspections.order(signed_in(actor(info)), input.order()))

    @mutation("Dispatch an inspector at a time (统一调度), or at another; nobody is at two places at once.")
    async def schedule_inspection(
        self, info: Info, id: strawberry.ID, inspector: strawberry.ID, begins_at: datetime, ends_at: datetime
    ) -> Inspection:
        who = signed_in(actor(info))
        return Inspection.of(await services(info).inspections.schedule(who, id, inspector, begins_at, ends_at))

    @mutation("Add evidence to an inspection that you are dispatched to.")
    async def add_evidence(self, info: Info, id: strawberry.ID, input: EvidenceInput) -> Inspection:
        who = signed_in(actor(info))
        return Inspection.of(await services(info).inspections.add_evidence(who, id, input.evidence()))

    @mutation("Report the result of an inspection that you are dispatched to.")
    async def report_inspection(self, info: Info, id: strawberry.ID, passed: bool, findings: str) -> Inspection:
        who = signed_in(actor(info))
        return Inspection.of(await services(info).inspections.report(who, id, passed=passed, findings=findings))

    @mutation("Cancel an inspection, with the reason.")
    async def cancel_inspection(self, info: Info, id: strawberry.ID, reason: str) -> Inspection:
        return Inspection.of(await services(info).inspections.cancel(signed_in(actor(info)), id, reason))


def _place(latitude: float | None, longitude: float | None) -> Coordinates | None:
    return Coordinates(latitude, longitude) if latitude is not None and longitude is not None else None

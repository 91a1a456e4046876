"""Lists of archives to be destroyed, in the graph. Nothing in them names the person whose case it was."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.tables.destruction import DestructionEntryRow, DestructionListRow
from schema.domain.case import CaseState
from schema.domain.destruction import DestructionState

strawberry.enum(DestructionState, description="Where a list of archives to be destroyed stands.")


@strawberry.type(description="An archive that need not be kept any longer.")
class DestroyableArchive:
    case_id: strawberry.ID = strawberry.field(description="Names it in `draftDestructionList`.")
    receipt_number: str = strawberry.field(description="The case's number.")
    item_code: str = strawberry.field(description="The service item.")
    state: CaseState = strawberry.field(description="The result, which decided the term.")
    sealed_at: datetime = strawberry.field(description="When it was sealed.")
    retained_until: datetime = strawberry.field(description="Until when it had to be kept.")


@strawberry.type(description="One archive of a list.")
class DestructionEntry:
    receipt_number: str = strawberry.field(description="The case's number.")
    item_code: str = strawberry.field(description="The service item.")
    state: CaseState = strawberry.field(description="The result.")
    sha256: str = strawberry.field(description="Digest of the sealed package, in hexadecimal digits.")
    retained_until: datetime = strawberry.field(description="Until when it had to be kept.")
    destroyed_at: datetime | None = strawberry.field(description="When it was destroyed.")

    @classmethod
    def of(cls, row: DestructionEntryRow) -> Self:
        return cls(
            receipt_number=row.receipt_number,
            item_code=row.item_code,
            state=CaseState(row.state),
            sha256=row.sha256,
            retained_until=row.retained_until,
            destroyed_at=row.destroyed_at,
        )


@strawberry.type(name="DestructionList", description="Archives that are to be destroyed (档案销毁清册).")
class DestructionListType:
    row: strawberry.Private[DestructionListRow]

    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    number: str = strawberry.field(description="The number to quote; its last character checks it.")
    state: DestructionState = strawberry.field(description="Where it stands.")
    author: strawberry.ID = strawberry.field(description="Who listed them.")
    reviewer: strawberry.ID | None = strawberry.field(description="Who reviewed it: another person.")
    archivist: strawberry.ID | None = strawberry.field(description="Who approved it: a third person.")
    drafted_at: datetime = strawberry.field(description="When it was drafted.")
    waits_until: datetime | None = strawberry.field(description="Until when it can be stopped.")
    executed_at: datetime | None = strawberry.field(description="When it was carried out.")
    certificate: str | None = strawberry.field(description="What is left, as a JWS; keys at /archive-keys.json.")

    @resolved("What stands in it; nothing once it was stopped.")
    async def entries(self, info: Info) -> list[DestructionEntry]:
        return [DestructionEntry.of(row) for row in await services(info).destructions.entries(self.row)]

    @classmethod
    def of(cls, row: DestructionListRow) -> Self:
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            number=row.number,
            state=DestructionState(row.state),
            author=strawberry.ID(row.author),
            reviewer=strawberry.ID(row.reviewer) if row.reviewer else None,
            archivist=strawberry.ID(row.archivist) if row.archivist else None,
            drafted_at=row.drafted_at,
            waits_until=row.waits_until,
            executed_at=row.executed_at,
            certificate=row.certificate,
        )


@strawberry.type
class DestructionQuery:
    @resolved("Archives that need not be kept any longer and stand in no list, the longest overdue first.")
    async def destroyable_archives(self, info: Info, first: int = 100) -> list[DestroyableArchive]:
        found = await services(info).destructions.destroyable(signed_in(actor(info)), first)
        return [
            DestroyableArchive(
                case_id=strawberry.ID(archive.case_id),
                receipt_number=case.receipt_number,
                item_code=case.item_code,
                state=CaseState(case.state),
                sealed_at=archive.sealed_at,
                retained_until=archive.retained_until,
            )
            for archive, case in found
        ]

    @resolved("Lists of archives to be destroyed, the newest first.")
    async def destruction_lists(self, info: Info, first: int = 20) -> list[DestructionListType]:
        found = await services(info).destructions.list(signed_in(actor(info)), first)
        return [DestructionListType.of(row) for row in found]


@strawberry.type
class DestructionMutation:
    @mutation("List archives whose term is over, to be destroyed; with the reason.")
    async def draft_destruction_list(
        self, info: Info, cases: list[strawberry.ID], reason: str
    ) -> DestructionListType:
        known, who = services(info).destructions, signed_in(actor(info))
        return DestructionListType.of(await known.draft(who, cases, reason))

    @mutation("Review a list that somebody else drafted.")
    async def review_destruction_list(
        self, info: Info, id: strawberry.ID, remark: str | None = None
    ) -> DestructionListType:
        known, who = services(info).destructions, signed_in(actor(info))
        return DestructionListType.of(await known.review(who, id, remark))

    @mutation("Approve a reviewed list as a third person; after 30 days it is carried out.")
    async def approve_destruction_list(
        self, info: Info, id: strawberry.ID, remark: str | None = None
    ) -> DestructionListType:
        known, who = services(info).destructions, signed_in(actor(info))
        return DestructionListType.of(await known.approve(who, id, remark))

    @mutation("Stop a list before the waiting is over, with the reason.")
    async def stop_destruction(self, info: Info, id: strawberry.ID, reason: str) -> DestructionListType:
        known, who = services(info).destructions, signed_in(actor(info))
        return DestructionListType.of(await known.stop(who, id, reason))

"""Files of materials, and records shared in their place. Whoever holds one was allowed to read it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.materials.shared_records import Wanted
from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.tables.stored_file import CaseArchiveRow, SharedRecordRow, StoredFileRow
from schema.domain.shared_record import SHARED
from schema.domain.stored_file import REFERENCE, FileState

strawberry.enum(FileState, description="Where a file stands: being uploaded, being checked, ready, or refused.")


@strawberry.type(description="A file that you handed in. It can be used again in any case of yours.")
class StoredFile:
    id: strawberry.ID = strawberry.field(description="Opaque identifier; uploads go to /files by tus 1.0.")
    reference: str = strawberry.field(description="Names it as a material of a case.")
    name: str = strawberry.field(description="Its name.")
    media_type: str = strawberry.field(description="What it is; its content was seen to be so.")
    size_bytes: int = strawberry.field(description="Its size.")
    received_bytes: int = strawberry.field(description="How much of it is there.")
    state: FileState = strawberry.field(description="Where it stands; only a READY one is handed in.")
    sha256: str | None = strawberry.field(description="Its digest, in hexadecimal digits.")
    scanned_by: str | None = strawberry.field(description="Which virus scanner looked at it; none: nobody did.")
    rejected_why: str | None = strawberry.field(description="Why it was refused.")
    created_at: datetime = strawberry.field(description="When it was begun.")

    @classmethod
    def of(cls, row: StoredFileRow) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            reference=f"{REFERENCE}{row.id}",
            name=row.name,
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            received_bytes=row.received_bytes,
            state=FileState(row.state),
            sha256=row.sha256,
            scanned_by=row.scanned_by,
            rejected_why=row.rejected_why,
            created_at=row.created_at,
        )


@strawberry.type(description="A licence or register entry in place of a material, fetched with consent.")
class SharedRecord:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    reference: str = strawberry.field(description="Names it as a material of a case; its grade is A.")
    item_code: str = strawberry.field(description="For which service item the consent holds.")
    material: str = strawberry.field(description="Which material it replaces.")
    source: str = strawberry.field(description="The kind of licence, or the register's field.")
    issuer: str | None = strawberry.field(description="Who issued it.")
    content: JSON = strawberry.field(description="What was fetched; empty once the consent was taken back unused.")
    consented_at: datetime = strawberry.field(description="When the person consented, and it was fetched.")
    withdrawn_at: datetime | None = strawberry.field(description="When the consent was taken back.")
    case_id: strawberry.ID | None = strawberry.field(description="The case that was filed with it.")

    @classmethod
    def of(cls, row: SharedRecordRow) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            reference=f"{SHARED}{row.id}",
            item_code=row.item_code,
            material=row.material,
            source=row.source,
            issuer=row.issuer,
            content=row.content,
            consented_at=row.consented_at,
            withdrawn_at=row.withdrawn_at,
            case_id=strawberry.ID(row.case_id) if row.case_id else None,
        )


@strawberry.type(description="The sealed package of a finished case, at /archives/{case}.")
class CaseArchive:
    sealed_at: datetime = strawberry.field(description="When it was sealed.")
    retained_until: datetime = strawberry.field(description="Until when it is kept; the result decides.")
    sha256: str = strawberry.field(description="The package's digest, in hexadecimal digits.")
    size_bytes: int = strawberry.field(description="The package's size.")

    @classmethod
    def of(cls, row: CaseArchiveRow) -> Self:
        return cls(
            sealed_at=row.sealed_at,
            retained_until=row.retained_until,
            sha256=row.sha256,
            size_bytes=row.size_bytes,
        )


@strawberry.input(description="A material that a licence or register entry is to replace.")
class ShareRecordInput:
    item_code: strawberry.ID = strawberry.field(description="The service item that it is for.")
    material: str = strawberry.field(description="Code of the item's material.")
    consent: bool = strawberry.field(description="That you let the hub fetch it for this item; must be true.")
    licence_number: str | None = strawberry.field(default=None, description="Which licence, if you have several.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key gives the same record, however often it is sent."
    )

    def wanted(self) -> Wanted:
        return Wanted(self.item_code, self.material, self.licence_number, self.idempotency_key)


@strawberry.type
class FileQuery:
    @resolved("Your own files, the newest first.")
    async def my_files(self, info: Info, first: int = 50) -> list[StoredFile]:
        found = await services(info).files.uploads.of(signed_in(actor(info)), first)
        return [StoredFile.of(row) for row in found]

    @resolved("What you let the hub fetch in place of materials, the newest first.")
    async def my_consents(self, info: Info, first: int = 50) -> list[SharedRecord]:
        found = await services(info).files.records.of(signed_in(actor(info)), first)
        return [SharedRecord.of(row) for row in found]

    @resolved("One shared record; null unless it is yours, or in a case that you handle.")
    async def shared_record(self, info: Info, id: strawberry.ID) -> SharedRecord | None:
        found = await services(info).files.records.get(signed_in(actor(info)), id)
        return SharedRecord.of(found) if found else None


@strawberry.type
class FileMutation:
    @mutation("Delete a file of yours that no case uses; false where there is none.")
    async def delete_file(self, info: Info, id: strawberry.ID) -> bool:
        return await services(info).files.uploads.cancel(signed_in(actor(info)), id)

    @mutation("Let the hub fetch a licence or register entry in place of a material, for one item.")
    async def share_record(self, info: Info, input: ShareRecordInput) -> SharedRecord:
        who = signed_in(actor(info))
        found = await services(info).files.records.share(who, input.wanted(), consents=input.consent)
        return SharedRecord.of(found)

    @mutation("Take a consent back; what no case uses yet is forgotten.")
    async def withdraw_consent(self, info: Info, id: strawberry.ID) -> SharedRecord:
        return SharedRecord.of(await services(info).files.records.withdraw(signed_in(actor(info)), id))

"""GraphQL types of shared licences, and of who read a person's data."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.licences.licence_shares import ShareRequest
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.verification_types import LicencePresentation
from hub.people.who import signed_in
from hub.tables.auth import AccessRecordRow
from hub.tables.licence import LicenceShareRow
from schema.domain.licence_share import RecipientKind, ShareState

strawberry.enum(RecipientKind, description="With whom a licence is shared.")
strawberry.enum(ShareState, name="LicenceShareState", description="Whether what was shared may be read.")


@strawberry.type(description="A licence of yours that you show to one recipient.")
class LicenceShare:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    issuer_code: strawberry.ID = strawberry.field(description="Who issued the licence.")
    number: strawberry.ID = strawberry.field(description="Its number.")
    recipient_kind: RecipientKind = strawberry.field(description="With whom.")
    recipient: str = strawberry.field(description="The recipient's name.")
    purpose: str = strawberry.field(description="For what.")
    shows: list[str] = strawberry.field(description="What is shown beside what every licence says.")
    begins_at: datetime = strawberry.field(description="Since when.")
    ends_at: datetime = strawberry.field(description="Until when.")
    withdrawn_at: datetime | None = strawberry.field(description="When you took it back.")
    state: ShareState = strawberry.field(description="Whether it may be read now.")

    @resolved("The document to hand to somebody outside; null for an organisation, and where the share is over.")
    async def presentation(self, info: Info) -> LicencePresentation | None:
        if self.recipient_kind is not RecipientKind.BEARER or self.state is not ShareState.OPEN:
            return None
        found = await services(info).shares.document(signed_in(actor(info)), self.id)
        return LicencePresentation.of(found)

    @classmethod
    def of(cls, row: LicenceShareRow, state: ShareState) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            issuer_code=strawberry.ID(row.issuer),
            number=strawberry.ID(row.number),
            recipient_kind=RecipientKind(row.recipient_kind),
            recipient=row.recipient_name,
            purpose=row.purpose,
            shows=row.shows,
            begins_at=row.begins_at,
            ends_at=row.ends_at,
            withdrawn_at=row.withdrawn_at,
            state=state,
        )


@strawberry.type(description="A licence that somebody shows to your organisation; nothing of it is told yet.")
class ReceivedShare:
    id: strawberry.ID = strawberry.field(description="By which it is read.")
    purpose: str = strawberry.field(description="For what it was shared.")
    ends_at: datetime = strawberry.field(description="Until when.")

    @classmethod
    def of(cls, row: LicenceShareRow) -> Self:
        return cls(id=strawberry.ID(row.id), purpose=row.purpose, ends_at=row.ends_at)


@strawberry.type(description="Somebody's reading of your data.")
class AccessRecord:
    at: datetime = strawberry.field(description="When.")
    reader: str = strawberry.field(description="Opaque identifier of who read it.")
    purpose: str = strawberry.field(description="For what; for a share its recipient and purpose.")
    fields: list[str] = strawberry.field(description="What was read.")
    departments: list[str] = strawberry.field(description="Who was asked for it.")

    @classmethod
    def of(cls, row: AccessRecordRow) -> Self:
        return cls(
            at=row.at, reader=row.reader, purpose=row.purpose, fields=row.fields, departments=row.departments
        )


@strawberry.input(description="A licence to share with one recipient, for one purpose and a time.")
class ShareLicenceInput:
    issuer_code: strawberry.ID = strawberry.field(description="Who issued the licence.")
    number: strawberry.ID = strawberry.field(description="Its number.")
    recipient_kind: RecipientKind = strawberry.field(description="An organisation, or somebody outside.")
    recipient: str = strawberry.field(description="Code of the organisation, or the name of who is outside.")
    purpose: str = strawberry.field(description="For what.")
    ends_at: datetime = strawberry.field(description="Until when; at most 90 days.")
    show: list[str] = strawberry.field(
        default_factory=list, description="What to show beside what every licence says: holderName, or statements."
    )

    def request(self) -> ShareRequest:
        return ShareRequest(
            self.issuer_code,
            self.number,
            self.recipient_kind,
            self.recipient,
            self.purpose,
            self.ends_at,
            tuple(self.show),
        )

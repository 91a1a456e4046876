"""What can be asked about licences."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.fields import resolved
from hub.own_subgraph.licence_types import IssuedLicence, PublishedLicenceType
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.share_types import AccessRecord, LicenceShare, ReceivedShare
from hub.own_subgraph.verification_types import LicencePresentation, LicenceVerification
from hub.people.who import signed_in


@strawberry.type
class LicenceQuery:
    @resolved("A licence that the hub issued: your own, or your department's; else null.")
    async def licence(self, info: Info, issuer_code: strawberry.ID, number: strawberry.ID) -> IssuedLicence | None:
        found = await services(info).licences.get(signed_in(actor(info)), issuer_code, number)
        return IssuedLicence.of(found) if found else None

    @resolved("Licences that your department issued here, the newest first.")
    async def department_licences(
        self, info: Info, kind: str | None = None, first: int = 20
    ) -> list[IssuedLicence]:
        found = await services(info).licences.of_department(signed_in(actor(info)), kind, first)
        return [IssuedLicence.of(row) for row in found]

    @resolved("A signed document of an own licence, of any register, with no more than you show.")
    async def licence_presentation(
        self, info: Info, issuer_code: strawberry.ID, number: strawberry.ID, show: list[str] | None = None
    ) -> LicencePresentation:
        known, who = services(info).documents, signed_in(actor(info))
        return LicencePresentation.of(await known.present(who, issuer_code, number, show or ()))

    @resolved("Whether a licence that somebody shows is good: its document, or the address in its QR code.")
    async def verify_licence(self, info: Info, document: str) -> LicenceVerification:
        known = services(info)
        return LicenceVerification.of(await known.shares.verify(document), known.clock.now())

    @resolved("What you share, the newest first.")
    async def my_licence_shares(self, info: Info) -> list[LicenceShare]:
        shares = services(info).shares
        return [LicenceShare.of(row, shares.state(row)) for row in await shares.of(signed_in(actor(info)))]

    @resolved("Licences that are shared with the organisation for which you work, the newest first.")
    async def received_licence_shares(self, info: Info) -> list[ReceivedShare]:
        return [ReceivedShare.of(row) for row in await services(info).shares.received(signed_in(actor(info)))]

    @resolved("What is shared with your organisation; its holder sees that you read it.")
    async def shared_licence(self, info: Info, id: strawberry.ID) -> LicenceVerification:
        known = services(info)
        return LicenceVerification.of(await known.shares.read(signed_in(actor(info)), id), known.clock.now())

    @resolved("Who read your data, the newest first; with byOthers without your own readings.")
    async def access_records(self, info: Info, first: int = 20, by_others: bool = True) -> list[AccessRecord]:
        known, who = services(info).access_records, signed_in(actor(info))
        return [AccessRecord.of(row) for row in await known.of(who, first, by_others=by_others)]

    @resolved("The types of licences that the hub issues, in order of code.")
    async def licence_types(self, info: Info) -> list[PublishedLicenceType]:
        known = (await services(info).catalogue.current()).licence_types
        return [PublishedLicenceType.of(known[code]) for code in sorted(known)]

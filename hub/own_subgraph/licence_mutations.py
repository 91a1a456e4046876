"""What can be done with licences that the hub issued."""

from __future__ import annotations

from datetime import date

import strawberry

from hub.own_subgraph.fields import mutation
from hub.own_subgraph.licence_types import IssuedLicence, LicenceTypeInput, PublishedLicenceType
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.share_types import LicenceShare, ShareLicenceInput
from hub.people.who import signed_in


@strawberry.type
class LicenceMutation:
    @mutation("Put a licence of your department in the place of one that ends soon or has ended.")
    async def renew_licence(
        self, info: Info, issuer_code: strawberry.ID, number: strawberry.ID, valid_until: date | None = None
    ) -> IssuedLicence:
        known, who = services(info).licences, signed_in(actor(info))
        return IssuedLicence.of(await known.renew(who, issuer_code, number, valid_until))

    @mutation("Suspend a licence of your department, with the reason.")
    async def suspend_licence(
        self, info: Info, issuer_code: strawberry.ID, number: strawberry.ID, reason: str
    ) -> IssuedLicence:
        known, who = services(info).licences, signed_in(actor(info))
        return IssuedLicence.of(await known.suspend(who, issuer_code, number, reason))

    @mutation("End the suspension of a licence.")
    async def reinstate_licence(
        self, info: Info, issuer_code: strawberry.ID, number: strawberry.ID, reason: str | None = None
    ) -> IssuedLicence:
        known, who = services(info).licences, signed_in(actor(info))
        return IssuedLicence.of(await known.reinstate(who, issuer_code, number, reason))

    @mutation("Revoke a licence of your department for good, with the reason.")
    async def revoke_licence(
        self, info: Info, issuer_code: strawberry.ID, number: strawberry.ID, reason: str
    ) -> IssuedLicence:
        known, who = services(info).licences, signed_in(actor(info))
        return IssuedLicence.of(await known.revoke(who, issuer_code, number, reason))

    @mutation("Show a licence of yours, of any register, to one recipient for one purpose and a time.")
    async def share_licence(self, info: Info, input: ShareLicenceInput) -> LicenceShare:
        shares = services(info).shares
        made = await shares.share(signed_in(actor(info)), input.request())
        return LicenceShare.of(made, shares.state(made))

    @mutation("Take a share back; from now on it is read nowhere.")
    async def withdraw_licence_share(self, info: Info, id: strawberry.ID) -> LicenceShare:
        shares = services(info).shares
        row = await shares.withdraw(signed_in(actor(info)), id)
        return LicenceShare.of(row, shares.state(row))

    @mutation("Publish a type of licences, or a new version of one; it is live at once.")
    async def publish_licence_type(self, info: Info, input: LicenceTypeInput) -> PublishedLicenceType:
        known, who = services(info).licences, signed_in(actor(info))
        return PublishedLicenceType.of(await known.publish_type(who, input.type()))

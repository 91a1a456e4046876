"""The keys that sign licences, in the graph; for operators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

import strawberry

from hub.licences.licence_keys import ANNOUNCED_FOR
from hub.licences.licence_keys import LicenceKey as KnownKey
from hub.own_subgraph.fields import mutation, resolved
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in


@strawberry.type(description="A key that signs or signed licences.")
class LicenceKey:
    id: strawberry.ID = strawberry.field(description="Its `kid`, as /oauth/jwks has it.")
    published_at: datetime = strawberry.field(description="Since when it is published.")
    signs_from: datetime = strawberry.field(description="From when licences are signed with it.")
    retired_at: datetime | None = strawberry.field(
        description="When another takes over; it verifies on after that, unless it is revoked."
    )
    is_signing: bool = strawberry.field(description="Whether it signs now.")
    revoked_at: datetime | None = strawberry.field(
        description="Since when nothing that it signed verifies; null where it is not revoked."
    )
    compromised_since: datetime | None = strawberry.field(description="From when somebody else may have had it.")
    revocation_reason: str | None = strawberry.field(description="Why it was revoked.")

    @classmethod
    def of(cls, key: KnownKey) -> Self:
        revocation = key.revocation
        return cls(
            revoked_at=revocation.at if revocation else None,
            compromised_since=revocation.since if revocation else None,
            revocation_reason=revocation.reason if revocation else None,
            id=strawberry.ID(key.key_id),
            published_at=key.published_at,
            signs_from=key.signs_from,
            retired_at=key.retired_at,
            is_signing=key.is_signing,
        )


@strawberry.type
class LicenceKeyQuery:
    @resolved("The keys by which licences verify, and the revoked ones, the newest first.")
    async def licence_keys(self, info: Info) -> list[LicenceKey]:
        return [LicenceKey.of(each) for each in await services(info).licence_keys.list(signed_in(actor(info)))]


@strawberry.type
class LicenceKeyMutation:
    @mutation("Publish a new key that signs licences after the announcement; licences signed before verify on.")
    async def rotate_licence_key(
        self, info: Info, announce_hours: int = ANNOUNCED_FOR // timedelta(hours=1)
    ) -> LicenceKey:
        known, who = services(info).licence_keys, signed_in(actor(info))
        return LicenceKey.of(await known.rotate(who, timedelta(hours=announce_hours)))

    @mutation(
        "Revoke a key that somebody else may have got hold of: nothing that it signed verifies, a new one signs "
        "at once where it signed, and holders are told that their printed copies are void."
    )
    async def revoke_licence_key(
        self, info: Info, key_id: strawberry.ID, reason: str, since: datetime | None = None
    ) -> LicenceKey:
        known, who = services(info).licence_keys, signed_in(actor(info))
        return LicenceKey.of(await known.revoke(who, key_id, reason, since))

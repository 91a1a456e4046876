"""By what authority officers act: delegations of departments, and substitutes; as types, and how they are made."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.cases import delegations
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in


@strawberry.type(description="What a department lets one officer decide (首席代表制).")
class Delegation:
    id: strawberry.ID = strawberry.field(description="Stands in each decision made under it.")
    department: str = strawberry.field(description="The department that delegates.")
    representative: strawberry.ID = strawberry.field(description="The officer.")
    items: list[strawberry.ID] = strawberry.field(description="Codes of items; none means all.")
    granted_at: datetime = strawberry.field(description="When it was granted.")
    since: datetime = strawberry.field(description="From when it holds.")
    until: datetime = strawberry.field(description="When it ends.")
    revoked_at: datetime | None = strawberry.field(description="When it was taken back, if it was.")

    @classmethod
    def of(cls, delegation: delegations.Delegation) -> Self:
        return cls(
            id=strawberry.ID(delegation.id),
            department=delegation.department,
            representative=strawberry.ID(delegation.representative),
            items=[strawberry.ID(each) for each in delegation.items],
            granted_at=delegation.granted_at,
            since=delegation.since,
            until=delegation.until,
            revoked_at=delegation.revoked_at,
        )


@strawberry.type(description="Who acts in the place of an absent officer.")
class Substitute:
    id: strawberry.ID = strawberry.field(description="Opaque identifier.")
    department: str = strawberry.field(description="The department of both.")
    absent: strawberry.ID = strawberry.field(description="The officer who is away.")
    substitute: strawberry.ID = strawberry.field(description="The officer who acts.")
    reason: str = strawberry.field(description="Why.")
    since: datetime = strawberry.field(description="From when.")
    until: datetime = strawberry.field(description="Until when.")

    @classmethod
    def of(cls, substitute: delegations.Substitute) -> Self:
        return cls(
            id=strawberry.ID(substitute.id),
            department=substitute.department,
            absent=strawberry.ID(substitute.absent),
            substitute=strawberry.ID(substitute.substitute),
            reason=substitute.reason,
            since=substitute.since,
            until=substitute.until,
        )


@strawberry.type
class DelegationMutation:
    @mutation("Let an officer decide at the window in the department's name: for operators and the department.")
    async def grant_delegation(
        self,
        info: Info,
        department: str,
        representative: strawberry.ID,
        until: datetime,
        items: list[strawberry.ID] | None = None,
        since: datetime | None = None,
    ) -> Delegation:
        who = signed_in(actor(info))
        granted = services(info).delegations.grant(who, department, representative, items or (), since, until)
        return Delegation.of(await granted)

    @mutation("End a delegation now. What was decided under it stands.")
    async def revoke_delegation(self, info: Info, id: strawberry.ID) -> Delegation:
        return Delegation.of(await services(info).delegations.revoke(signed_in(actor(info)), id))

    @mutation("Let a colleague act in an absent officer's place for a time.")
    async def arrange_substitute(
        self,
        info: Info,
        department: str,
        absent: strawberry.ID,
        substitute: strawberry.ID,
        reason: str,
        until: datetime,
        since: datetime | None = None,
    ) -> Substitute:
        who = signed_in(actor(info))
        arranged = services(info).delegations.arrange_substitute(
            who, department, absent, substitute, reason, since, until
        )
        return Substitute.of(await arranged)

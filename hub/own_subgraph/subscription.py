"""What can be followed in the hub's own part of the graph."""

from __future__ import annotations

from collections.abc import AsyncIterator

import strawberry

from hub.own_subgraph.case_types import Case, fresh
from hub.own_subgraph.fields import subscription
from hub.own_subgraph.services import Info, actor, services
from hub.who import signed_in
from schema.errors import DomainError, RuntimeCode


@strawberry.type
class Subscription:
    @subscription("Own cases as they change; with a case, first as it stands, then its changes.")
    async def case_changed(self, info: Info, case: strawberry.ID | None = None) -> AsyncIterator[Case]:
        known, who = services(info), signed_in(actor(info))
        followed = await known.cases.case(who, case) if case else None
        if case and (followed is None or followed.applicant != who.subject):
            raise DomainError(RuntimeCode.NOT_FOUND, "You have no such case.")
        async for change in known.changes.follow(who.subject, followed.id if followed else None):
            if who.expires_at <= known.clock.now():
                raise DomainError(
                    RuntimeCode.UNAUTHENTICATED, "The token has expired. Sign in and subscribe again."
                )
            if change is not None:
                current = await known.cases.at_version(change.case_id, change.version)
            else:
                current = await known.cases.case(who, followed.id) if followed else None
            if current is not None:
                yield fresh(current, known)

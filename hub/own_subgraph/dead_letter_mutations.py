"""Put dead letters back, for operators."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.dead_letter_types import RedriveResult
from hub.own_subgraph.fields import mutation
from hub.own_subgraph.services import Info, actor, services


@strawberry.type
class DeadLetterMutation:
    @mutation("Put dead letters back to their queues, the oldest first; who, when and why is kept.")
    async def redrive_dead_letters(self, info: Info, ids: list[strawberry.ID], reason: str) -> RedriveResult:
        return RedriveResult.of(await services(info).dead_letters.redrive(ids, reason, actor(info)))

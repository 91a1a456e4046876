"""Dead letters, for operators."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.dead_letter_types import DeadLetter
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, actor, services


@strawberry.type
class DeadLetterQuery:
    @resolved("Messages that nobody could handle, the oldest first.")
    async def dead_letters(self, info: Info, queue: str | None = None) -> list[DeadLetter]:
        found = await services(info).dead_letters.all(actor(info), queue)
        return [DeadLetter.of(each) for each in found]

    @resolved("One of them; null where it does not lie there (any more).")
    async def dead_letter(self, info: Info, id: strawberry.ID) -> DeadLetter | None:
        found = await services(info).dead_letters.one(actor(info), id)
        return DeadLetter.of(found) if found else None

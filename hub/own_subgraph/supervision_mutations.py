"""What can be done about cards: explain, accept, return."""

from __future__ import annotations

import strawberry

from hub.own_subgraph.fields import mutation
from hub.own_subgraph.services import Info, actor, services
from hub.own_subgraph.supervision_types import Card
from hub.people.who import signed_in


@strawberry.type
class SupervisionMutation:
    @mutation("Explain a card of your department; a supervisor accepts the explanation or returns it.")
    async def explain_card(self, info: Info, card: strawberry.ID, explanation: str) -> Card:
        return Card.of(await services(info).time.supervision.explain(signed_in(actor(info)), card, explanation))

    @mutation("Accept a card's explanation: the card is closed.")
    async def accept_explanation(self, info: Info, card: strawberry.ID) -> Card:
        return Card.of(await services(info).time.supervision.accept_explanation(signed_in(actor(info)), card))

    @mutation("Return a card's explanation, with the reason.")
    async def return_explanation(self, info: Info, card: strawberry.ID, reason: str) -> Card:
        who = signed_in(actor(info))
        return Card.of(await services(info).time.supervision.return_explanation(who, card, reason))

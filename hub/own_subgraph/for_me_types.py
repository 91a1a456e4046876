"""Who may apply and which materials are needed, answered for whoever is signed in."""

from __future__ import annotations

from collections.abc import Mapping

import strawberry

from hub.own_subgraph.catalogue_types import ServiceItem
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.item_types import shown
from hub.own_subgraph.loaders import Loaders
from hub.own_subgraph.scalars import JSON
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from schema.domain import for_me
from schema.errors import DomainError, RuntimeCode

strawberry.enum(
    for_me.Answer, name="ForMeAnswer", description="What shared data says; unknown where no source tells."
)
strawberry.enum(for_me.Need, name="MaterialNeed", description="Whether a material is to be handed in.")


@strawberry.type(name="BilingualText", description="A ground, a name or a source.")
class Said:
    zh: str = strawberry.field(description="In Chinese.")
    en: str = strawberry.field(description="In English.")


@strawberry.type(description="One condition, answered for me.")
class ConditionForMe:
    code: strawberry.ID = strawberry.field(description="Of the item's condition; `applicant` for its kind.")
    name: Said = strawberry.field(description="The condition.")
    answer: for_me.Answer = strawberry.field(description="Whether I meet it.")
    ground: Said = strawberry.field(description="Why.")
    source: Said = strawberry.field(description="Who says so.")


@strawberry.type(description="One material, answered for me.")
class MaterialForMe:
    code: strawberry.ID = strawberry.field(description="Of the item's material.")
    name: Said = strawberry.field(description="The material.")
    need: for_me.Need = strawberry.field(description="Whether I have to hand it in.")
    ground: Said = strawberry.field(description="Why.")
    source: Said = strawberry.field(description="Who says so.")


@strawberry.type(description="A service item, answered for me from shared data.")
class ItemForMe:
    item: ServiceItem = strawberry.field(description="The item.")
    may_apply: for_me.Answer = strawberry.field(description="No where one condition is not met.")
    conditions: list[ConditionForMe] = strawberry.field(description="Who may apply, one by one.")
    materials: list[MaterialForMe] = strawberry.field(description="Which materials I need.")


@strawberry.type
class ForMeQuery:
    @resolved("Who may apply and which materials are needed, for me; after `form`, as far as it is filled in.")
    async def item_for_me(
        self, info: Info, item_code: strawberry.ID, form: JSON | None = None
    ) -> ItemForMe | None:
        known, who = services(info), signed_in(actor(info))
        if form is not None and not isinstance(form, Mapping):
            raise DomainError(RuntimeCode.BAD_USER_INPUT, "`form` is an object, complete or not.")
        catalogue, now = await known.catalogue.current(), known.clock.now()
        item = catalogue.item(item_code, now)
        if item is None:
            return None
        found = for_me.for_me(item, await known.shared_facts.facts(who, item, now), form)
        return ItemForMe(
            item=ServiceItem.of(item, catalogue, Loaders(known)),
            may_apply=found.may_apply,
            conditions=shown(found.conditions, ConditionForMe),
            materials=shown(found.materials, MaterialForMe),
        )

"""GraphQL types of the supergraphs that were in force, for operators."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from hub.own_subgraph.check_types import CompositionProblem, SchemaChange
from hub.own_subgraph.fields import resolved
from hub.own_subgraph.services import Info, actor, services
from hub.people.who import signed_in
from hub.registry import registration


@strawberry.type(description="Which version of a connector a supergraph is made of.")
class SupergraphMember:
    name: str = strawberry.field(description="The connector.")
    version: int = strawberry.field(description="Its version.")


@strawberry.type(description="A supergraph that was in force, or is.")
class SupergraphVersion:
    version: int = strawberry.field(description="Its number; the greatest is in force.")
    members: list[SupergraphMember] = strawberry.field(description="What it is made of, beside the hub itself.")
    reason: str = strawberry.field(description="What made it.")
    created_at: datetime = strawberry.field(description="When.")
    created_by: str = strawberry.field(description="The subject of whoever did.")

    @resolved("The API that clients see in it.")
    async def sdl(self, info: Info) -> str:
        return await services(info).supergraphs.sdl(self.version, signed_in(actor(info)))

    @resolved("What it changed for clients.")
    async def changes(self, info: Info) -> list[SchemaChange]:
        found = await services(info).supergraphs.changes(self.version, signed_in(actor(info)))
        return [SchemaChange.of(change) for change in found]

    @classmethod
    def of(cls, version: registration.SupergraphVersion) -> Self:
        return cls(
            version=version.version,
            members=[SupergraphMember(name=each.name, version=each.version) for each in version.members],
            reason=version.reason,
            created_at=version.created_at,
            created_by=version.created_by,
        )


@strawberry.type(description="What going back to an earlier supergraph changes.")
class SupergraphPublication:
    ok: bool = strawberry.field(description="Whether it was possible.")
    errors: list[CompositionProblem] = strawberry.field(description="Why not; all reasons at once.")
    changes: list[SchemaChange] = strawberry.field(description="Differences to the graph until now.")
    supergraph_version: int | None = strawberry.field(description="The new number of what is in force now.")

    @classmethod
    def of(cls, publication: registration.SupergraphPublication) -> Self:
        return cls(
            ok=publication.check.ok,
            errors=[CompositionProblem.of(error) for error in publication.check.errors],
            changes=[SchemaChange.of(change) for change in publication.check.changes],
            supergraph_version=publication.supergraph_version,
        )

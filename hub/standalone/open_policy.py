"""The policy where directives alone authorise: every field is public, and no object is anybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from graphql import DocumentNode, GraphQLSchema

from auth.actor import Actor
from auth.refusal import Refusal


class NoRequirements:
    """What an operation needs where every field is public: nothing."""

    personal: tuple[str, ...] = ()

    def refusals(self, actor: Actor | None) -> Sequence[Refusal]:
        return ()


class OpenPolicy:
    """Every field of the graph is public, and no object is anybody's."""

    identities: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def requirements(
        self, api_schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
    ) -> NoRequirements:
        return NoRequirements()

    def may_read_all(self, actor: Actor) -> bool:
        return True

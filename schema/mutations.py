"""Which mutations a subgraph has, told from its SDL alone, whatever it calls their type."""

from __future__ import annotations

from functools import lru_cache

from graphql import (
    DefinitionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    OperationType,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    parse,
)

_OBJECTS = (ObjectTypeDefinitionNode, ObjectTypeExtensionNode)


@lru_cache(maxsize=256)
def mutations_of(sdl: str) -> frozenset[str]:
    """By name. The SDL is one that was read before: raises ``GraphQLError`` for text that is no GraphQL."""
    if "mutation" not in sdl.lower():
        return frozenset()
    definitions = parse(sdl, no_location=True).definitions
    root = next((name for each in definitions if (name := _mutation_type(each))), "Mutation")
    types = [each for each in definitions if isinstance(each, _OBJECTS) and each.name.value == root]
    return frozenset(field.name.value for each in types for field in each.fields or ())


def _mutation_type(definition: DefinitionNode) -> str | None:
    """What a schema definition calls its mutation type."""
    if not isinstance(definition, (SchemaDefinitionNode, SchemaExtensionNode)):
        return None
    named = [each for each in definition.operation_types or () if each.operation is OperationType.MUTATION]
    return named[0].type.name.value if named else None

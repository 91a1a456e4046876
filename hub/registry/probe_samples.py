"""Queries by which a mapped system can be tried without knowing any of its keys; pure.

Each asks one root field that needs no argument and is mapped to a GET, with what its answer holds itself: fields
that need a request of their own are left out.
"""

from __future__ import annotations

from graphql import (
    FieldDefinitionNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    ObjectValueNode,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from schema.subgraph import ValidSubgraph

MOST_ROOTS = 5
_DEPTH = 3


def samples_of(subgraph: ValidSubgraph) -> tuple[str, ...]:
    """At most five queries, in the order of the SDL."""
    query = subgraph.schema.query_type
    found = []
    for name, field in query.fields.items() if query is not None else ():
        if _is_got(subgraph, field) and not _needs_arguments(field):
            selection = _selection(subgraph, field, _DEPTH)
            if selection is not None:
                found.append(f"{{ {name}{selection} }}")
    return tuple(found[:MOST_ROOTS])


def _selection(subgraph: ValidSubgraph, field: GraphQLField, depth: int) -> str | None:
    """What stands behind a field's name; ``None`` where nothing can be selected."""
    given = get_named_type(field.type)
    if not is_composite_type(given):
        return ""
    if depth == 0 or not isinstance(given, GraphQLObjectType | GraphQLInterfaceType):
        return None
    parts = []
    for name, below in given.fields.items():
        is_elsewhere = _connects(subgraph, below.ast_node) or subgraph.rules(given.name, name).external
        if not is_elsewhere and not _needs_arguments(below):
            selection = _selection(subgraph, below, depth - 1)
            if selection is not None:
                parts.append(name + selection)
    return f" {{ {' '.join(parts)} }}" if parts else None


def _needs_arguments(field: GraphQLField) -> bool:
    return any(is_required_argument(argument) for argument in field.args.values())


def _is_got(subgraph: ValidSubgraph, field: GraphQLField) -> bool:
    return any("GET" in verbs for verbs in _connects(subgraph, field.ast_node))


def _connects(subgraph: ValidSubgraph, node: FieldDefinitionNode | None) -> list[set[str]]:
    """For each ``@connect`` of a field, the names in its ``http``."""
    found = []
    for directive in node.directives or () if node is not None else ():
        if subgraph.links.directives.get(directive.name.value) == "connect":
            values = [each.value for each in directive.arguments or () if each.name.value == "http"]
            objects = [value for value in values if isinstance(value, ObjectValueNode)]
            found.append({field.name.value for value in objects for field in value.fields})
    return found

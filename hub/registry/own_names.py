"""Names that the hub's own subgraph has, where a department gives them to something else; pure.

Names are the whole graph's. Federation says of two types of one name that they are one, and tells each field,
value or operation that does not fit; a department that never heard of the hub's type is helped by one sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNamedType, GraphQLObjectType

from schema.composition import read_subgraph
from schema.errors import CompositionError
from schema.field_set import FieldSelection
from schema.subgraph import Subgraph, ValidSubgraph

CODE = "HUB_NAME_TAKEN"
_ROOTS = ("Query", "Mutation", "Subscription")
_MACHINERY = frozenset({"_entities", "_service"})


def told_by_name(
    errors: tuple[CompositionError, ...], own: Subgraph, candidate: Subgraph
) -> tuple[CompositionError, ...]:
    """Composition's errors, with those that come of a name of the hub's own replaced by a better name."""
    hub, department = read_subgraph(own), read_subgraph(candidate)
    if not isinstance(hub, ValidSubgraph) or not isinstance(department, ValidSubgraph):
        return errors
    taken = tuple(_taken(hub, department))
    mentions = tuple(mention for name, _ in taken for mention in (f'"{name}"', f'"{name}.'))
    kept = tuple(each for each in errors if not any(mention in each.message for mention in mentions))
    told = tuple(CompositionError(CODE, message, (candidate.name,)) for _, message in taken)
    return (*told, *kept) if len(kept) < len(errors) else errors


def _taken(hub: ValidSubgraph, department: ValidSubgraph) -> Iterator[tuple[str, str]]:
    prefix = _pascal(department.name)
    for name, ours in sorted(hub.schema.type_map.items()):
        theirs = department.schema.type_map.get(name)
        if theirs is None or name.startswith("_") or name in _ROOTS:
            continue
        if _is_something_else(hub, department, ours, theirs):
            yield (
                name,
                f'Type "{name}" in "{department.name}" has the name of a type of the hub\'s own and is something '
                f'else. {_reference(hub, name)}Rename it, for example to "{prefix}{name}".',
            )
    for root in _ROOTS:
        for field in sorted((_fields(hub, root) & _fields(department, root)) - _MACHINERY):
            better = f"{prefix[0].lower()}{prefix[1:]}{field[0].upper()}{field[1:]}"
            yield (
                f"{root}.{field}",
                f'"{root}.{field}" in "{department.name}" has the name of a field of the hub\'s own. '
                f'Rename it, for example to "{better}".',
            )


def _fields(subgraph: ValidSubgraph, name: str) -> frozenset[str]:
    declared = subgraph.schema.type_map.get(name)
    return frozenset(declared.fields) if isinstance(declared, GraphQLObjectType) else frozenset()


def _is_something_else(
    hub: ValidSubgraph, department: ValidSubgraph, ours: GraphQLNamedType, theirs: GraphQLNamedType
) -> bool:
    if type(ours) is not type(theirs):
        return True
    if isinstance(ours, GraphQLObjectType):
        if _is_shared(hub, ours.name):
            return not _fields(department, ours.name) <= _fields(hub, ours.name)
        return not (_keys(hub, ours.name) & _keys(department, ours.name))
    if isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        return set(ours.values) != set(theirs.values)
    if isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
        return {name: str(each.type) for name, each in ours.fields.items()} != {
            name: str(each.type) for name, each in theirs.fields.items()
        }
    return False


def _is_shared(hub: ValidSubgraph, name: str) -> bool:
    return name in hub.types and hub.types[name].shareable


def _keys(subgraph: ValidSubgraph, name: str) -> frozenset[str]:
    keys = subgraph.types[name].keys if name in subgraph.types else ()
    return frozenset(str(each.fields) for each in keys)


def _reference(hub: ValidSubgraph, name: str) -> str:
    keys = hub.types[name].keys if name in hub.types else ()
    plain = sorted(
        each.fields.selections[0].name
        for each in keys
        if len(each.fields.selections) == 1 and isinstance(each.fields.selections[0], FieldSelection)
    )
    return f'If you mean the hub\'s, declare @key(fields: "{plain[0]}"). ' if plain else ""


def _pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.replace("_", "-").split("-"))

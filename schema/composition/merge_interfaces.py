"""Interface objects and entity interfaces over all subgraphs.

An ``@interfaceObject`` type stands for every implementation of an interface that other subgraphs define; who
resolves the interface by key must know all its implementations, or it could not tell which one an object is.
Source: Federation 2.3, "Entity interfaces".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType

from schema.composition.merging import Part
from schema.composition.problems import Place, Problems, in_subgraphs, name_list
from schema.subgraph import ValidSubgraph

Parts = Sequence[Part[Any]]


def interface_objects_of(
    type_name: str, parts: Parts, every: Mapping[str, Parts]
) -> tuple[Part[GraphQLObjectType], ...]:
    """The interface objects that stand for an object type in subgraphs that do not define it."""
    interfaces = sorted({interface.name for part in parts for interface in part.element.interfaces})
    defining = {part.name for part in parts}
    return tuple(
        part
        for interface in interfaces
        for part in every.get(interface, ())
        if part.subgraph.is_interface_object(interface) and part.name not in defining
    )


def check_nominal_keys(subgraphs: Sequence[ValidSubgraph], problems: Problems) -> None:
    """Tell keys of Federation 1 on an interface that interface objects stand for: nothing merges by them."""
    for subgraph in subgraphs:
        for name, rules in subgraph.types.items():
            objects = [each.name for each in subgraphs if each.is_interface_object(name)]
            if rules.has_nominal_key and objects:
                type_ = subgraph.schema.type_map.get(name)
                problems.error(
                    "INTERFACE_OBJECT_USAGE_ERROR",
                    f'Type "{name}" has @interfaceObject in {in_subgraphs(objects)}, but the @key of the '
                    f'interface in subgraph "{subgraph.name}" is one of Federation 1, by which nobody can ask '
                    "which implementation an object is. Link Federation 2 there.",
                    Place(subgraph.name, type_.ast_node if type_ else None),
                )


def check_interfaces(every: Mapping[str, Parts], problems: Problems) -> None:
    """Tell interface objects without their interface, or beside its implementations, and keys that cannot
    tell all implementations apart."""
    implementations = _implementations(every)
    for name, parts in every.items():
        objects = [part for part in parts if part.subgraph.is_interface_object(name)]
        if len(objects) == len(parts) and objects:
            problems.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                f'Type "{name}" has @interfaceObject in every subgraph that defines it '
                f"({in_subgraphs(part.name for part in parts)}). Define it as an interface in one of them.",
                *(part.place for part in parts),
            )
        for part in objects:
            _check_alone(name, part, implementations.get(name, frozenset()), problems)
        for part in parts:
            if isinstance(part.element, GraphQLInterfaceType):
                _check_knows_all(name, part, implementations.get(name, frozenset()), problems)


def _implementations(every: Mapping[str, Parts]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, interface in _implementing(every):
        found.setdefault(interface, set()).add(name)
    return {interface: frozenset(names) for interface, names in found.items()}


def _implementing(every: Mapping[str, Parts]) -> Iterator[tuple[str, str]]:
    for name, parts in every.items():
        for part in parts:
            if isinstance(part.element, GraphQLObjectType) and not part.subgraph.is_interface_object(name):
                yield from ((name, interface.name) for interface in part.element.interfaces)


def _check_alone(name: str, part: Part[Any], implementations: frozenset[str], problems: Problems) -> None:
    known = sorted(each for each in implementations if each in part.subgraph.schema.type_map)
    if known:
        problems.error(
            "INTERFACE_OBJECT_USAGE_ERROR",
            f'Subgraph "{part.name}" has "{name}" as @interfaceObject and defines {name_list(known)}, which '
            f'implements it. Remove these types there: "{name}" stands for all of them.',
            part.place,
        )


def _check_knows_all(name: str, part: Part[Any], implementations: frozenset[str], problems: Problems) -> None:
    rules = part.subgraph.types.get(name)
    key = next((each for each in (rules.keys if rules else ()) if each.resolvable), None)
    if key is None:
        return
    own = {each.name for each in part.subgraph.schema.get_possible_types(part.element)}
    if missing := implementations - own:
        problems.error(
            "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
            f'Interface "{name}" has a resolvable @key(fields: "{key.fields}") in subgraph "{part.name}", which '
            f"lacks its implementations {name_list(missing)}. Define them there.",
            part.place,
        )

"""Put the directives that compose onto the merged types, under canonical names.

``@deprecated``, ``@inaccessible`` and ``@tag`` are there already, since merging itself depends on them.
Source: Federation 2, "Composition rules", directives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from graphql import ConstDirectiveNode, Node, TypeDefinitionNode

from schema.composition.applied import STRATEGIES, Application, applications, merge_one
from schema.composition.merge import Merged
from schema.composition.merge_access import spread_access
from schema.composition.problems import Problems
from schema.features import directives_on, known_features
from schema.subgraph import ValidSubgraph

N = TypeVar("N", bound=Node)


def apply_directives(merged: Merged, problems: Problems) -> Merged:
    """The merged graph with what its subgraphs' directives say of each element."""
    found: dict[str, list[Application]] = {}
    for subgraph in merged.subgraphs.values():
        for coordinate, application in applications(subgraph, _names(subgraph)):
            found.setdefault(coordinate, []).append(application)
    if not found:
        return with_features(merged)
    spread_access(found, merged.types)
    by_coordinate = {coordinate: _merge(coordinate, each, problems) for coordinate, each in sorted(found.items())}
    types = {name: _with_applied(node, name, by_coordinate) for name, node in merged.types.items()}
    return with_features(replace(merged, types=types))


def with_features(merged: Merged) -> Merged:
    """The merged graph with the specifications of the directives that stand on its types."""
    return replace(
        merged, features=known_features(frozenset(directives_on((*merged.types.values(), *merged.directives))))
    )


def _names(subgraph: ValidSubgraph) -> dict[str, str]:
    return {local: name for local, name in subgraph.links.directives.items() if name in STRATEGIES}


def _merge(coordinate: str, found: list[Application], problems: Problems) -> tuple[ConstDirectiveNode, ...]:
    names = sorted({each.name for each in found})
    return tuple(merge_one(coordinate, [each for each in found if each.name == name], problems) for name in names)


def _with_applied(
    node: TypeDefinitionNode, name: str, applied: Mapping[str, tuple[ConstDirectiveNode, ...]]
) -> TypeDefinitionNode:
    """The type with its own directives and those of everything in it."""
    parts: dict[str, Any] = {}
    for part in ("fields", "values"):
        children = getattr(node, part, None)
        if children:
            parts[part] = tuple(_child(each, f"{name}.{each.name.value}", applied) for each in children)
    return replace(_marked(node, applied.get(name, ())), **parts)


def _child(node: Any, coordinate: str, applied: Mapping[str, tuple[ConstDirectiveNode, ...]]) -> Any:
    arguments = getattr(node, "arguments", None)
    if arguments:
        marked = tuple(_marked(each, applied.get(f"{coordinate}({each.name.value}:)", ())) for each in arguments)
        node = replace(node, arguments=marked)
    return _marked(node, applied.get(coordinate, ()))


def _marked(node: N, directives: tuple[ConstDirectiveNode, ...]) -> N:
    if not directives:
        return node
    own: tuple[ConstDirectiveNode, ...] = getattr(node, "directives", None) or ()
    return replace(node, directives=(*own, *directives))  # type: ignore[call-arg]  # every element has them

"""Put the directives that compose onto the merged types, under canonical names.

``@deprecated``, ``@inaccessible`` and ``@tag`` are there already, since merging itself depends on them.
Source: Federation 2, "Composition rules", directives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from graphql import ConstDirectiveNode, Node, TypeDefinitionNode

from schema.composition.applied import SCHEMA, STRATEGIES, Application, applications, merge_one, merge_repeatable
from schema.composition.compose_directives import ComposedDirectives
from schema.composition.merge import Merged
from schema.composition.merge_access import spread_access
from schema.composition.problems import Problems
from schema.features import CACHE_TAGS, SupergraphFeature, directives_on, known_features
from schema.subgraph import ValidSubgraph

N = TypeVar("N", bound=Node)


def apply_directives(merged: Merged, composed: ComposedDirectives, problems: Problems) -> Merged:
    """The merged graph with what its subgraphs' directives say of each element."""
    found: dict[str, list[Application]] = {}
    for subgraph in merged.subgraphs.values():
        for coordinate, application in applications(subgraph, _names(subgraph, composed.names)):
            found.setdefault(coordinate, []).append(application)
    _take_over(found, merged)
    spread_access(found, merged.types)
    by_coordinate = {
        coordinate: tuple(_merge(coordinate, each, composed, problems))
        for coordinate, each in sorted(found.items())
    }
    types = {name: _with_applied(node, name, by_coordinate) for name, node in merged.types.items()}
    return with_features(
        replace(merged, types=types, schema_directives=by_coordinate.get(SCHEMA, ())), composed.features
    )


def _take_over(found: dict[str, list[Application]], merged: Merged) -> None:
    """What an interface object says of its field holds for the field of each implementation."""
    for coordinate, sources in merged.sources.items():
        for source in sources:
            abstracted = f"{source.interface_object}.{coordinate.partition('.')[2]}"
            if source.interface_object is not None and abstracted in found:
                own = [each for each in found[abstracted] if each.subgraph == source.subgraph]
                found[coordinate] = [*found.get(coordinate, ()), *own]


def with_features(merged: Merged, composed: tuple[SupergraphFeature, ...] = ()) -> Merged:
    """The merged graph with the specifications of the directives that stand on it."""
    on_schema = (each.name.value for each in merged.schema_directives)
    nodes = (*merged.types.values(), *merged.directives)
    used = frozenset((*directives_on(nodes), *on_schema))
    tagging = any("cacheTag" in _used(each) for each in merged.subgraphs.values())
    return replace(merged, features=(*known_features(used), *((CACHE_TAGS,) if tagging else ()), *composed))


def _used(subgraph: ValidSubgraph) -> Iterator[str | None]:
    return (subgraph.links.directives.get(each.name) for each in subgraph.schema.directives)


def _names(subgraph: ValidSubgraph, composed: frozenset[str]) -> dict[str, str]:
    """The directives that compose, from local to merged name. ``@tag`` on types is merged already."""
    return {local: name for local, name in subgraph.links.directives.items() if name in (*STRATEGIES, "tag")} | {
        name: name for name in composed
    }


def _merge(
    coordinate: str, found: list[Application], composed: ComposedDirectives, problems: Problems
) -> Iterator[ConstDirectiveNode]:
    """What some subgraph composes here holds as all subgraphs say it here."""
    for name in dict.fromkeys(each.name for each in found):
        alike = [each for each in found if each.name == name]
        if name == "tag":
            yield from merge_repeatable(alike) if coordinate == SCHEMA else ()
        elif name not in composed.names:
            yield merge_one(coordinate, alike, problems)
        elif any(name in composed.by_subgraph.get(each.subgraph, ()) for each in alike):
            repeatable = name in composed.repeatable
            yield from merge_repeatable(alike) if repeatable else (merge_one(coordinate, alike, problems),)


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

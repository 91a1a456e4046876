"""Custom directives: executable ones that every subgraph defines stay, type-system ones are left out.

Source: Federation 2, "Composition rules", directives.
"""

from __future__ import annotations

from dataclasses import replace

from graphql import (
    DirectiveDefinitionNode,
    DirectiveLocation,
    GraphQLDirective,
    InputValueDefinitionNode,
    NameNode,
    is_specified_directive,
)

from schema.composition.merge_inputs import merge_arguments
from schema.composition.merge_marks import merge_description
from schema.composition.merging import Merging, Part, in_order
from schema.composition.problems import in_subgraphs
from schema.subgraph import ValidSubgraph

_EXECUTABLE = frozenset(
    {
        DirectiveLocation.QUERY,
        DirectiveLocation.MUTATION,
        DirectiveLocation.SUBSCRIPTION,
        DirectiveLocation.FIELD,
        DirectiveLocation.FRAGMENT_DEFINITION,
        DirectiveLocation.FRAGMENT_SPREAD,
        DirectiveLocation.INLINE_FRAGMENT,
        DirectiveLocation.VARIABLE_DEFINITION,
    }
)


def merge_directives(merging: Merging, composed: frozenset[str]) -> tuple[DirectiveDefinitionNode, ...]:
    """The executable directives of the merged graph, sorted by name; ``composed`` ones come by another way."""
    own = [_own_directives(each, composed) for each in merging.subgraphs]
    merged = []
    for name in sorted(in_order(own)):
        parts = [each[name] for each in own if name in each]
        if not any(_executable(part.element) for part in parts):
            continue
        locations = set.intersection(*(_executable(part.element) for part in parts))
        _hint_differences(name, parts, locations, merging)
        if len(parts) == len(merging.subgraphs) and locations:
            merged.append(_merge(name, parts, locations, merging))
    return tuple(merged)


def _hint_differences(
    name: str, parts: list[Part[GraphQLDirective]], locations: set[DirectiveLocation], merging: Merging
) -> None:
    shown = in_subgraphs(part.name for part in parts)
    differences: list[tuple[str, str]] = []
    if len(parts) < len(merging.subgraphs):
        differences = [("PRESENCE", f"is left out of the supergraph: it is only defined in {shown}")]
    elif not locations:
        merging.problems.hint(
            "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
            f'Executable directive "@{name}" is left out of the supergraph: {shown} have no location in common.',
            *(part.place for part in parts),
        )
    else:
        if any(_executable(part.element) != locations for part in parts):
            differences.append(("LOCATIONS", "may stand only where all subgraphs let it"))
        if len({part.element.is_repeatable for part in parts}) > 1:
            differences.append(("REPEATABLE", "is not repeatable in all subgraphs, and so not in the supergraph"))
    for suffix, what in differences:
        merging.problems.hint(
            f"INCONSISTENT_EXECUTABLE_DIRECTIVE_{suffix}",
            f'Executable directive "@{name}" {what}.',
            *(part.place for part in parts),
        )


def _merge(
    name: str, parts: list[Part[GraphQLDirective]], locations: set[DirectiveLocation], merging: Merging
) -> DirectiveDefinitionNode:
    return DirectiveDefinitionNode(
        name=NameNode(value=name),
        description=merge_description(parts, f"@{name}", merging),
        arguments=tuple(map(_argument, merge_arguments(parts, f"@{name}", merging))),
        repeatable=all(part.element.is_repeatable for part in parts),
        locations=tuple(NameNode(value=location) for location in sorted(each.name for each in locations)),
    )


def _argument(node: InputValueDefinitionNode) -> InputValueDefinitionNode:
    """What hides an argument or advises against it stays on it, nothing else does."""
    kept = tuple(each for each in node.directives or () if each.name.value in ("inaccessible", "deprecated"))
    return replace(node, directives=kept)


def _own_directives(subgraph: ValidSubgraph, composed: frozenset[str]) -> dict[str, Part[GraphQLDirective]]:
    return {
        each.name: Part(subgraph, each)
        for each in subgraph.schema.directives
        if not is_specified_directive(each)
        and each.name not in subgraph.links.directives
        and each.name not in composed
    }


def _executable(directive: GraphQLDirective) -> set[DirectiveLocation]:
    return set(directive.locations) & _EXECUTABLE

"""Custom directives: executable ones that every subgraph defines stay, type-system ones are left out.

Source: Federation 2, "Composition rules", directives.
"""

from __future__ import annotations

from dataclasses import replace

from graphql import (
    DirectiveDefinitionNode,
    DirectiveLocation,
    GraphQLDirective,
    NameNode,
    is_specified_directive,
)

from schema.composition.merge_inputs import merge_arguments
from schema.composition.merge_marks import merge_description
from schema.composition.merging import Merging, Part, in_order
from schema.composition.problems import in_subgraphs

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


def merge_directives(merging: Merging) -> tuple[DirectiveDefinitionNode, ...]:
    """The executable directives of the merged graph, sorted by name."""
    own = [_own_directives(subgraph_index, merging) for subgraph_index in range(len(merging.subgraphs))]
    merged = []
    for name in sorted(in_order(own)):
        parts = [each[name] for each in own if name in each]
        locations = set.intersection(*(_executable(part.element) for part in parts))
        if len(parts) < len(merging.subgraphs) or not locations:
            merging.problems.hint(
                "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
                f'Executable directive "@{name}" is left out of the supergraph: it is only defined in '
                f"{in_subgraphs(part.name for part in parts)}, or at different locations.",
                *(part.place for part in parts),
            )
            continue
        merged.append(_merge(name, parts, locations, merging))
    return tuple(merged)


def _merge(
    name: str, parts: list[Part[GraphQLDirective]], locations: set[DirectiveLocation], merging: Merging
) -> DirectiveDefinitionNode:
    return DirectiveDefinitionNode(
        name=NameNode(value=name),
        description=merge_description(parts, f"@{name}", merging),
        arguments=tuple(replace(each, directives=()) for each in merge_arguments(parts, f"@{name}", merging)),
        repeatable=all(part.element.is_repeatable for part in parts),
        locations=tuple(NameNode(value=location) for location in sorted(each.name for each in locations)),
    )


def _own_directives(index: int, merging: Merging) -> dict[str, Part[GraphQLDirective]]:
    subgraph = merging.subgraphs[index]
    return {
        each.name: Part(subgraph, each)
        for each in subgraph.schema.directives
        if not is_specified_directive(each) and each.name not in subgraph.links.directives and _executable(each)
    }


def _executable(directive: GraphQLDirective) -> set[DirectiveLocation]:
    return set(directive.locations) & _EXECUTABLE

"""Where ``@inaccessible`` may not stand. Source: https://specs.apollo.dev/inaccessible."""

from __future__ import annotations

from graphql import DirectiveDefinitionNode

from schema.composition.problems import Place, Problems
from schema.subgraph import ValidSubgraph


def check_inaccessible_places(subgraph: ValidSubgraph, problems: Problems) -> None:
    """A directive is not part of the API's data: none of its arguments can be hidden."""
    for node in subgraph.document.definitions:
        if not isinstance(node, DirectiveDefinitionNode):
            continue
        for argument in node.arguments or ():
            if subgraph.links.has(argument, "inaccessible"):
                problems.error(
                    "DISALLOWED_INACCESSIBLE",
                    f'Argument "@{node.name.value}({argument.name.value}:)" is @inaccessible in subgraph '
                    f'"{subgraph.name}", but arguments of directives cannot be hidden. Remove @inaccessible.',
                    Place(subgraph.name, argument),
                )

"""Refuse what the engine does not plan yet: a directive that is ignored would be planned wrongly."""

from __future__ import annotations

from graphql import DirectiveNode, Visitor, visit

from schema.composition.problems import Place, Problems
from schema.directives import UNSUPPORTED_DIRECTIVES
from schema.subgraph import ValidSubgraph


def check_support(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Tell each use of an unsupported directive with its place and the mend."""
    for directive in _applications(subgraph):
        canonical = subgraph.links.canonical(directive)
        if canonical is not None and canonical in UNSUPPORTED_DIRECTIVES:
            problems.error(
                "UNSUPPORTED_FEATURE",
                f'"@{directive.name.value}" in subgraph "{subgraph.name}" is not supported. '
                f"{UNSUPPORTED_DIRECTIVES[canonical]}",
                Place(subgraph.name, directive),
            )


def _applications(subgraph: ValidSubgraph) -> list[DirectiveNode]:
    found: list[DirectiveNode] = []
    checked = set(UNSUPPORTED_DIRECTIVES)
    wanted = {name for name, known in subgraph.links.directives.items() if known in checked}

    class Collect(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            if node.name.value in wanted:
                found.append(node)

    if any(directive.name in wanted for directive in subgraph.schema.directives):
        visit(subgraph.document, Collect())
    return found

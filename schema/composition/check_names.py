"""One name over all subgraphs for each directive that the supergraph carries.

Source: https://specs.apollo.dev/link; Federation 2, "Composition rules", directives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import SchemaDefinitionNode

from schema.composition.merging import kinds_by_subgraph
from schema.composition.problems import Place, Problems
from schema.directives import SPECIFICATIONS
from schema.subgraph import ValidSubgraph

_COMPOSED = frozenset(
    f"@{name}"
    for name in (
        *("tag", "inaccessible", "authenticated", "requiresScopes", "policy"),
        *("context", "cost", "listSize", "cacheTag"),
    )
)


def check_directive_names(subgraphs: Sequence[ValidSubgraph], problems: Problems) -> None:
    """Tell a directive that several subgraphs use under different names."""
    used: dict[tuple[str, str, int], list[tuple[str, ValidSubgraph]]] = {}
    for subgraph in subgraphs:
        for identity, element, series, local in _used(subgraph):
            used.setdefault((identity, element, series), []).append((local, subgraph))
    for (identity, element, _), names in sorted(used.items(), key=lambda each: each[0]):
        if len({local for local, _ in names}) > 1:
            shown = kinds_by_subgraph((f"@{local}", subgraph.name) for local, subgraph in names)
            problems.error(
                "LINK_IMPORT_NAME_MISMATCH",
                f'Directive "{element}" of {identity} goes by different names: it is {shown}. Import it under '
                "one name everywhere.",
                *(Place(subgraph.name, _schema(subgraph)) for _, subgraph in names),
            )


def _used(subgraph: ValidSubgraph) -> Iterator[tuple[str, str, int, str]]:
    """Identity, element, series of versions and local name. Before 1.0 every minor is a series of its own."""
    applied = {each.name for each in subgraph.schema.directives}
    for feature in subgraph.links.features:
        specification = SPECIFICATIONS.get(feature.identity)
        for element in _COMPOSED & specification.elements.keys() if specification else ():
            local = feature.local_name(element)[1:]
            if local in applied:
                major, minor = feature.version
                yield feature.identity, element, major or -minor, local


def _schema(subgraph: ValidSubgraph) -> SchemaDefinitionNode | None:
    nodes = (each for each in subgraph.document.definitions if isinstance(each, SchemaDefinitionNode))
    return next(nodes, None)

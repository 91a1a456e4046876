"""The join directives as values: which subgraphs there are, and what each says of one definition.

Source: https://specs.apollo.dev/join.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, EnumTypeDefinitionNode, Node

from schema.composition.problems import Place, Problems
from schema.composition.supergraph_sdl.features import JOIN, SUPERGRAPH, Features, arguments


@dataclass(frozen=True, slots=True)
class Graph:
    """One subgraph. ``value`` stands for it in the join directives."""

    value: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Joins:
    """The subgraphs by enum value, in the order of their names, and the reading of join directives."""

    graphs: Mapping[str, Graph]
    features: Features

    def applied(self, node: Node, name: str) -> list[dict[str, Any]]:
        """The arguments of every application of one join directive, ``graph`` among them."""
        return [
            arguments(each)
            for each in getattr(node, "directives", None) or ()
            if self.features.canonical(each) == (JOIN, name)
        ]

    def by_graph(self, node: Node, name: str) -> dict[str, list[dict[str, Any]]]:
        """The same, by the subgraph that each belongs to; what belongs to none is left out."""
        found: dict[str, list[dict[str, Any]]] = {}
        for each in self.applied(node, name):
            if each.get("graph") is not None:
                found.setdefault(each["graph"], []).append(each)
        return found


def read_joins(document: DocumentNode, features: Features, problems: Problems) -> Joins:
    """The subgraphs of the document's graph enumeration."""
    name = features.join.local_name("Graph")
    unread = Joins({}, features)
    graphs = []
    for definition in document.definitions:
        if isinstance(definition, EnumTypeDefinitionNode) and definition.name.value == name:
            for value in definition.values or ():
                given = next(iter(unread.applied(value, "graph")), None)
                if given is None:
                    problems.error(
                        "INVALID_FEDERATION_SUPERGRAPH",
                        f'"{name}.{value.name.value}" does not say which subgraph it stands for. Add '
                        f"@{features.join.local_name('@graph')[1:]}(name:, url:).",
                        Place(SUPERGRAPH, value),
                    )
                else:
                    graphs.append(Graph(value.name.value, str(given["name"]), str(given.get("url") or "")))
    if not graphs and not problems:
        problems.error(
            "INVALID_FEDERATION_SUPERGRAPH",
            f'The supergraph has no subgraphs: enum "{name}" is missing or empty.',
            Place(SUPERGRAPH),
        )
    return Joins({each.value: each for each in sorted(graphs, key=lambda graph: graph.name)}, features)

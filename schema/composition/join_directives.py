"""Directives that a supergraph does not merge but carries for each subgraph, by ``@join__directive``.

``@cacheTag`` is the one: what to forget is each subgraph's own affair. Source: https://specs.apollo.dev/join/v0.4,
/cacheTag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import print_ast

from schema.composition.applied import Application, applications
from schema.subgraph import ValidSubgraph

JOINED = {"cacheTag": "federation__cacheTag"}
"""From canonical name to the one that needs no import in the subgraph."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One application that some subgraphs share."""

    name: str
    arguments: str
    subgraphs: tuple[str, ...]


def joined_directives(subgraphs: Iterable[ValidSubgraph]) -> Mapping[str, tuple[Joined, ...]]:
    """What each type and field carries, by coordinate."""
    found: dict[str, dict[tuple[str, str], list[Application]]] = {}
    for subgraph in subgraphs:
        names = {local: name for local, name in subgraph.links.directives.items() if name in JOINED}
        for coordinate, each in applications(subgraph, names, external=True):
            found.setdefault(coordinate, {}).setdefault((each.name, each.text), []).append(each)
    return {
        coordinate: tuple(
            Joined(JOINED[name], _arguments(alike[0]), tuple(dict.fromkeys(each.subgraph for each in alike)))
            for (name, _), alike in by_text.items()
        )
        for coordinate, by_text in found.items()
    }


def _arguments(application: Application) -> str:
    return ", ".join(print_ast(each) for each in application.node.arguments or ())

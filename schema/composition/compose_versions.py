"""Which version of a linked specification the supergraph takes, where subgraphs link several.

Minor versions go together and the newest that composes anything is taken; major versions do not.
Source: Federation 2.1, "@composeDirective".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schema.composition.problems import Place, Problems, in_subgraphs
from schema.directives import Feature
from schema.subgraph import ValidSubgraph

Linked = tuple[Feature, ValidSubgraph]


def newest_features(
    subgraphs: Sequence[ValidSubgraph], composing: Mapping[str, frozenset[str]], problems: Problems
) -> dict[str, tuple[Linked, ...]]:
    """By identity of what is composed: the subgraphs that link the version which is taken."""
    linked: dict[str, list[Linked]] = {}
    for subgraph in subgraphs:
        for feature in subgraph.links.features:
            linked.setdefault(feature.identity, []).append((feature, subgraph))
    newest = {}
    for identity, every in sorted(linked.items()):
        taken = _newest(identity, every, composing.get(identity, frozenset()), problems)
        if taken is not None:
            newest[identity] = tuple(each for each in every if each[0].version == taken.version)
    return newest


def _newest(
    identity: str, every: Sequence[Linked], composing: frozenset[str], problems: Problems
) -> Feature | None:
    majors = {feature.version[0] for feature, _ in every}
    composed = [feature for feature, subgraph in every if subgraph.name in composing]
    places = [Place(subgraph.name) for _, subgraph in every]
    if len({feature.version[0] for feature in composed}) > 1:
        problems.error(
            "DIRECTIVE_COMPOSITION_ERROR",
            f'Directives of "{identity}" are composed in several major versions, in '
            f"{in_subgraphs(subgraph.name for _, subgraph in every)}. Link one major version everywhere.",
            *places,
        )
        return None
    if len(majors) > 1:
        problems.hint(
            "DIRECTIVE_COMPOSITION_INFO",
            f'"{identity}" is linked in several major versions, in '
            f"{in_subgraphs(subgraph.name for _, subgraph in every)}; composed in one at most.",
            *places,
        )
    return max(composed, key=lambda feature: feature.version, default=None)

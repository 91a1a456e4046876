"""``@composeDirective``: which directives of others the supergraph carries, under which name and definition.

All subgraphs that compose a directive must mean the same one and call it alike; the definition is that of the
newest version that composes anything. Source: Federation 2.1, "@composeDirective".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphql import ConstDirectiveNode, DirectiveDefinitionNode, SchemaDefinitionNode, StringValueNode

from schema.composition.compose_versions import newest_features
from schema.composition.merging import kinds_by_subgraph
from schema.composition.problems import Place, Problems, in_subgraphs
from schema.composition.rules import argument_of
from schema.directives import (
    AUTHENTICATED,
    CONTEXT,
    COST,
    FEDERATION,
    INACCESSIBLE,
    LINK,
    REQUIRES_SCOPES,
    TAG,
    Feature,
)
from schema.features import SupergraphFeature
from schema.subgraph import ValidSubgraph

_FEDERATIONS_OWN = frozenset(
    {FEDERATION, LINK, TAG, INACCESSIBLE, AUTHENTICATED, REQUIRES_SCOPES, CONTEXT, COST}
    | {f"https://specs.apollo.dev/{name}" for name in ("core", "join", "source")}
)
_COMPOSED_ANYWAY = frozenset({"tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context"})


@dataclass(frozen=True, slots=True)
class Composed:
    """One ``@composeDirective`` that names a directive which can be composed."""

    subgraph: ValidSubgraph
    node: ConstDirectiveNode
    feature: Feature
    element: str
    local: str

    @property
    def place(self) -> Place:
        return Place(self.subgraph.name, self.node)


@dataclass(frozen=True, slots=True)
class ComposedDirectives:
    """What is composed: local names by subgraph, and the features that the supergraph links for it."""

    by_subgraph: Mapping[str, frozenset[str]] = field(default_factory=dict)
    features: tuple[SupergraphFeature, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset[str]().union(*self.by_subgraph.values())

    @property
    def repeatable(self) -> frozenset[str]:
        nodes = (node for feature in self.features for node in feature.definitions)
        return frozenset(
            each.name.value for each in nodes if isinstance(each, DirectiveDefinitionNode) and each.repeatable
        )


def composed_directives(subgraphs: Sequence[ValidSubgraph], problems: Problems) -> ComposedDirectives:
    """Everything that ``@composeDirective`` asks for; what cannot be composed is told."""
    composed = [each for subgraph in subgraphs for each in _read(subgraph, subgraphs, problems)]
    newest = newest_features(subgraphs, _composing(composed), problems)
    _check_meaning(composed, problems)
    _check_naming(composed, subgraphs, problems)
    if not composed or problems:
        return ComposedDirectives()
    by_subgraph: dict[str, set[str]] = {}
    for each in composed:
        by_subgraph.setdefault(each.subgraph.name, set()).add(each.local)
    return ComposedDirectives(
        {name: frozenset(names) for name, names in by_subgraph.items()},
        tuple(_features(composed, newest, problems)),
    )


def _composing(composed: Sequence[Composed]) -> Mapping[str, frozenset[str]]:
    """The subgraphs that compose something of each specification, by its identity."""
    found: dict[str, set[str]] = {}
    for each in composed:
        found.setdefault(each.feature.identity, set()).add(each.subgraph.name)
    return {identity: frozenset(names) for identity, names in found.items()}


def _read(subgraph: ValidSubgraph, subgraphs: Sequence[ValidSubgraph], problems: Problems) -> Iterator[Composed]:
    schema = next(each for each in subgraph.document.definitions if isinstance(each, SchemaDefinitionNode))
    for node in subgraph.links.applied(schema, "composeDirective"):
        value = argument_of(node, "name")
        name = value.value if isinstance(value, StringValueNode) else ""
        found = _find(subgraph, name)
        if isinstance(found, str):
            _tell(f'Subgraph "{subgraph.name}" composes "{name}": {found}.', problems, Place(subgraph.name, node))
            continue
        composed = Composed(subgraph, node, *found, name[1:])
        if found[0].identity in _FEDERATIONS_OWN:
            _tell_federations_own(composed, problems)
        elif clash := _clash(composed, subgraphs):
            _tell(clash, problems, composed.place)
        else:
            yield composed


def _find(subgraph: ValidSubgraph, name: str) -> tuple[Feature, str] | str:
    """The feature and what it calls the directive, or why there is none."""
    if not name:
        return "name a directive"
    if not name.startswith("@"):
        return "write the name with @"
    local = name[1:]
    if local not in subgraph.links.directives and subgraph.schema.get_directive(local) is None:
        return "the directive is defined nowhere in the subgraph"
    source = subgraph.links.source(local)
    if source is None:
        return "it belongs to no linked specification; link one that imports it"
    feature, element = source
    return (feature, element) if element is not None else "it is imported under another name; compose that"


def _tell_federations_own(composed: Composed, problems: Problems) -> None:
    if composed.subgraph.links.directives.get(composed.local) in _COMPOSED_ANYWAY:
        problems.hint(
            "DIRECTIVE_COMPOSITION_INFO",
            f'"@{composed.local}" is composed anyway; @composeDirective can be removed.',
            composed.place,
        )
        return
    _tell(f'Federation\'s own "@{composed.local}" cannot be composed. Remove it.', problems, composed.place)


def _clash(composed: Composed, subgraphs: Sequence[ValidSubgraph]) -> str | None:
    """The supergraph has one directive of each name, and ``@tag`` and ``@inaccessible`` are always in it."""
    for element in ("@tag", "@inaccessible"):
        clashing = [
            each.name
            for each in subgraphs
            for feature in each.links.features
            if feature.identity == FEDERATION and feature.local_name(element) == f"@{composed.local}"
        ]
        if clashing:
            return (
                f'"@{composed.local}" of subgraph "{composed.subgraph.name}" cannot be composed: Federation\'s '
                f"{element} has this name in {in_subgraphs(clashing)}. Rename one of them."
            )
    return None


def _check_meaning(composed: Sequence[Composed], problems: Problems) -> None:
    for local in sorted({each.local for each in composed}):
        alike = [each for each in composed if each.local == local]
        places = [each.place for each in alike]
        if len({each.element for each in alike}) > 1:
            _tell(f'"@{local}" is not the same directive in all subgraphs that compose it.', problems, *places)
        if len({each.feature.identity for each in alike}) > 1:
            _tell(f'"@{local}" is of several specifications in the subgraphs that compose it.', problems, *places)


def _check_naming(composed: Sequence[Composed], subgraphs: Sequence[ValidSubgraph], problems: Problems) -> None:
    for element in sorted({each.element for each in composed}):
        alike = [each for each in composed if each.element == element]
        if len({each.local for each in alike}) > 1:
            shown = kinds_by_subgraph((f"@{each.local}", each.subgraph.name) for each in alike)
            _tell(f'Composed directive "@{element}" goes by different names: it is {shown}.', problems,
                  *(each.place for each in alike))  # fmt: skip
        exporting = {each.subgraph.name for each in alike}
        others = [each for each in subgraphs if each.name not in exporting and _renames(each, alike[0])]
        if others:
            problems.hint(
                "DIRECTIVE_COMPOSITION_WARN",
                f'Composed directive "@{element}" has another name where it is not composed, in '
                f"{in_subgraphs(each.name for each in others)}. To compose it there, use one name.",
                *(Place(each.name) for each in others),
            )


def _renames(subgraph: ValidSubgraph, composed: Composed) -> bool:
    imports = (each.imports for each in subgraph.links.features if each.identity == composed.feature.identity)
    local = next(imports, {}).get(f"@{composed.element}")
    return local is not None and local != f"@{composed.local}"


def _features(
    composed: Sequence[Composed], newest: Mapping[str, Sequence[tuple[Feature, ValidSubgraph]]], problems: Problems
) -> Iterator[SupergraphFeature]:
    for identity, candidates in sorted(newest.items()):
        directives = sorted(
            {(f"@{each.element}", each.local) for each in composed if each.feature.identity == identity}
        )
        definitions = []
        for element, local in directives:
            node = next(_definitions(element, candidates), None)
            if node is None:
                _tell(
                    f'"{candidates[0][0].url}" in {in_subgraphs(each.name for _, each in candidates)} has no '
                    f'definition of "{element}", which is composed. Define it there too.',
                    problems,
                    *(Place(each.name) for _, each in candidates),
                )
            else:
                definitions.append(_plain(node, local))
        imports = tuple((element, f"@{local}") for element, local in directives)
        yield SupergraphFeature(candidates[0][0].url, None, imports, tuple(definitions))


def _definitions(
    element: str, candidates: Sequence[tuple[Feature, ValidSubgraph]]
) -> Iterator[DirectiveDefinitionNode]:
    for feature, subgraph in reversed(candidates):
        directive = subgraph.schema.get_directive(feature.local_name(element)[1:])
        if directive is not None and directive.ast_node is not None:
            yield directive.ast_node


def _plain(node: DirectiveDefinitionNode, name: str) -> DirectiveDefinitionNode:
    arguments = tuple(replace(each, directives=()) for each in node.arguments or ())
    return replace(node, name=replace(node.name, value=name), arguments=arguments)


def _tell(message: str, problems: Problems, *places: Place) -> None:
    problems.error("DIRECTIVE_COMPOSITION_ERROR", message, *places)

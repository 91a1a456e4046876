"""Directive applications of all subgraphs by schema coordinate, and how several on one element become one.

Equal applications count once; what is repeatable is kept all; the others merge by the rule of each argument,
or the most frequent one wins. Source: Federation 2, "Composition rules", directives.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    ConstValueNode,
    NameNode,
    Node,
    TypeDefinitionNode,
    parse_const_value,
    print_ast,
    value_from_ast_untyped,
)
from graphql.utilities.sort_value_node import sort_value_node

from schema.access import simplest
from schema.composition.problems import Place, Problems
from schema.subgraph import ValidSubgraph

SCHEMA = "schema"
"""The coordinate of what stands on the schema itself; no type can be called so in lower case by chance alone,
and one that is has no applications on a schema beside it."""


@dataclass(frozen=True, slots=True)
class Application:
    """One directive on one element of one subgraph. ``name`` is what the supergraph calls the directive."""

    subgraph: str
    name: str
    node: ConstDirectiveNode
    values: Mapping[str, object]

    @property
    def text(self) -> str:
        """Equal for applications that say the same, defaults included."""
        return json.dumps(self.values, sort_keys=True, default=str)

    @property
    def merged(self) -> ConstDirectiveNode:
        return ConstDirectiveNode(name=NameNode(value=self.name), arguments=self.node.arguments)


Applications = Mapping[str, Sequence[Application]]


def applications(
    subgraph: ValidSubgraph, names: Mapping[str, str], *, external: bool = False
) -> Iterator[tuple[str, Application]]:
    """The wanted directives of one subgraph by coordinate; ``names`` goes from local to merged name.

    What an ``@external`` field says counts only if ``external`` is true: it is another subgraph's field.
    """
    used = {each.name for each in subgraph.schema.directives} & names.keys()
    if not used:
        return
    for definition in subgraph.document.definitions:
        named = definition.name.value if isinstance(definition, TypeDefinitionNode) else SCHEMA
        if named in subgraph.links.machinery or not hasattr(definition, "directives"):
            continue
        for coordinate, node in elements(named, definition):
            parent, _, field = coordinate.partition("(")[0].partition(".")
            rules = subgraph.rules(parent, field)
            for each in getattr(node, "directives", None) or ():
                if each.name.value in used and (external or rules.overridden or not rules.external):
                    yield coordinate, _application(subgraph, names[each.name.value], each)


def elements(name: str, node: Node) -> Iterator[tuple[str, Node]]:
    """The node and everything in it that a directive can stand on, by coordinate."""
    yield name, node
    for part in ("fields", "values"):
        for each in getattr(node, part, None) or ():
            coordinate = f"{name}.{each.name.value}"
            yield coordinate, each
            for argument in getattr(each, "arguments", None) or ():
                if hasattr(argument, "directives"):
                    yield f"{coordinate}({argument.name.value}:)", argument


def _application(subgraph: ValidSubgraph, name: str, node: ConstDirectiveNode) -> Application:
    definition = subgraph.schema.get_directive(node.name.value)
    defaults = {
        key: value_from_ast_untyped(argument.ast_node.default_value)
        for key, argument in (definition.args if definition else {}).items()
        if argument.ast_node and argument.ast_node.default_value
    }
    given = {each.name.value: value_from_ast_untyped(each.value) for each in node.arguments or ()}
    if name in STRATEGIES:
        # To say null of a size is to say nothing.
        given = {argument: value for argument, value in given.items() if value is not None}
    return Application(subgraph.name, name, node, defaults | given)


Strategy = Callable[[list[object]], object]


def _maximum(values: list[object]) -> object:
    return max((each for each in values if isinstance(each, int)), default=None)


def _union(values: list[object]) -> object:
    lists = [each for each in values if isinstance(each, list)]
    return list(dict.fromkeys(name for each in lists for name in each)) if lists else None


def _every(values: list[object]) -> object:
    told = [each for each in values if each is not None]
    return all(told) if told else None


def _conjunction(values: list[object]) -> object:
    """Each group of names of one with each group of the other, without groups that demand more than another."""
    merged: list[list[str]] = [[]]
    for value in values:
        groups = _groups(value) or [[]]
        merged = [list(each) for each in simplest(one + other for one in merged for other in groups)] or [[]]
    return merged


def _groups(value: object) -> list[list[str]]:
    listed = value if isinstance(value, list) else [value]
    return [[str(name) for name in group] if isinstance(group, list) else [str(group)] for group in listed]


STRATEGIES: Mapping[str, Mapping[str, tuple[str, Strategy]]] = {
    "authenticated": {},
    "requiresScopes": {"scopes": ("DNF_CONJUNCTION", _conjunction)},
    "policy": {"policies": ("DNF_CONJUNCTION", _conjunction)},
    "cost": {"weight": ("MAX", _maximum)},
    "listSize": {
        "assumedSize": ("NULLABLE_MAX", _maximum),
        "slicingArguments": ("NULLABLE_UNION", _union),
        "sizedFields": ("NULLABLE_UNION", _union),
        "requireOneSlicingArgument": ("NULLABLE_AND", _every),
    },
}
"""How the arguments of Federation's own directives merge, with the names that hints give the strategies."""


def merge_one(coordinate: str, found: Sequence[Application], problems: Problems) -> ConstDirectiveNode:
    """One application for a directive that is not repeatable."""
    different = {each.text: each for each in found}
    if len(different) == 1:
        return found[0].merged
    strategies = STRATEGIES.get(found[0].name)
    places = [Place(each.subgraph, each.node) for each in found]
    if strategies is None:
        return _most_frequent(coordinate, found, places, problems)
    shown = ", ".join(f'"{argument}": {name}' for argument, (name, _) in strategies.items())
    problems.hint(
        "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        f'Directive "@{found[0].name}" is applied to "{coordinate}" with different arguments; they are merged: '
        f"{shown}.",
        *places,
    )
    merged = {
        argument: merge([each.values.get(argument) for each in different.values()])
        for argument, (_, merge) in strategies.items()
    }
    return ConstDirectiveNode(
        name=NameNode(value=found[0].name),
        arguments=tuple(_argument(name, value) for name, value in merged.items() if value is not None),
    )


def merge_repeatable(found: Sequence[Application]) -> tuple[ConstDirectiveNode, ...]:
    """Every different application once, in the order of the subgraphs."""
    return tuple({each.text: each.merged for each in reversed(found)}[text] for text in _texts(found))


def _texts(found: Sequence[Application]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.text for each in found))


def _most_frequent(
    coordinate: str, found: Sequence[Application], places: list[Place], problems: Problems
) -> ConstDirectiveNode:
    ((text, _),) = Counter(each.text for each in found).most_common(1)
    chosen = next(each for each in found if each.text == text).merged
    problems.hint(
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        f'Directive "@{found[0].name}" is applied to "{coordinate}" with different arguments in different '
        f"subgraphs; the supergraph takes {print_ast(sort_directive(chosen))}. Use the same arguments.",
        *places,
    )
    return chosen


def sort_directive(node: ConstDirectiveNode) -> ConstDirectiveNode:
    """The same application with its values in canonical order."""
    arguments = sorted(node.arguments or (), key=lambda each: each.name.value)
    sorted_values = tuple(
        ConstArgumentNode(name=each.name, value=cast("ConstValueNode", sort_value_node(each.value)))
        for each in arguments
    )
    return ConstDirectiveNode(name=node.name, arguments=sorted_values)


def _argument(name: str, value: object) -> ConstArgumentNode:
    return ConstArgumentNode(name=NameNode(value=name), value=_value_node(value))


def _value_node(value: object) -> ConstValueNode:
    """Lists, strings, numbers and booleans are written in GraphQL as in JSON."""
    return parse_const_value(json.dumps(value, ensure_ascii=False), no_location=True)

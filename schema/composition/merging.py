"""What every part of merging shares: one element in one subgraph, the subtype relation, type references.

An output type merges to the wider one, an input type to the narrower one; two types of which neither
contains the other do not merge. Source: Federation 2, "Composition rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from graphql import (
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLType,
    ListTypeNode,
    NamedTypeNode,
    NameNode,
    Node,
    NonNullTypeNode,
    TypeNode,
    is_list_type,
    is_non_null_type,
)

from schema.composition.problems import Place, Problems, in_subgraphs
from schema.subgraph import ValidSubgraph

Element = (
    GraphQLSchema
    | GraphQLNamedType
    | GraphQLField
    | GraphQLArgument
    | GraphQLInputField
    | GraphQLEnumValue
    | GraphQLDirective
)
E = TypeVar("E", bound=Element)


@dataclass(frozen=True, slots=True)
class Part(Generic[E]):
    """One subgraph's definition of an element that is being merged."""

    subgraph: ValidSubgraph
    element: E

    @property
    def name(self) -> str:
        return self.subgraph.name

    @property
    def node(self) -> Node | None:
        return self.element.ast_node

    @property
    def place(self) -> Place:
        return Place(self.name, self.node)


@dataclass(frozen=True)
class Merging:
    """The work at hand: the subgraphs by name, what is wider than what, and the problems found so far."""

    subgraphs: tuple[ValidSubgraph, ...]
    problems: Problems
    supertypes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def is_subtype(self, narrow: GraphQLType, wide: GraphQLType) -> bool:
        """Whether every value of ``narrow`` is one of ``wide``; equal types are."""
        if is_non_null_type(narrow):
            return self.is_subtype(narrow.of_type, wide.of_type if is_non_null_type(wide) else wide)
        if is_non_null_type(wide):
            return False
        if is_list_type(narrow) and is_list_type(wide):
            return self.is_subtype(narrow.of_type, wide.of_type)
        if is_list_type(narrow) or is_list_type(wide):
            return False
        return str(narrow) == str(wide) or str(wide) in self.supertypes.get(str(narrow), frozenset())

    def widest(self, types: Sequence[GraphQLType]) -> GraphQLType | None:
        """The one that contains all others, ``None`` if there is none."""
        widest = types[0]
        for each in types[1:]:
            if str(each) == str(widest) or self.is_subtype(each, widest):
                continue
            if not self.is_subtype(widest, each):
                return None
            widest = each
        return widest

    def narrowest(self, types: Sequence[GraphQLType]) -> GraphQLType | None:
        """The one that all others contain, ``None`` if there is none."""
        narrowest = types[0]
        for each in types[1:]:
            if str(each) == str(narrowest) or self.is_subtype(narrowest, each):
                continue
            if not self.is_subtype(each, narrowest):
                return None
            narrowest = each
        return narrowest


def type_node(type_: GraphQLType) -> TypeNode:
    """The type as an AST node without places in anybody's text."""
    if is_non_null_type(type_):
        inner = type_node(type_.of_type)
        return NonNullTypeNode(type=inner) if isinstance(inner, NamedTypeNode | ListTypeNode) else inner
    if is_list_type(type_):
        return ListTypeNode(type=type_node(type_.of_type))
    return NamedTypeNode(name=NameNode(value=str(type_)))


def kinds_by_subgraph(parts: Iterable[tuple[str, str]]) -> str:
    """``"String" in subgraph "a" but "Int" in subgraphs "b" and "c"`` from (what, subgraph) pairs."""
    groups: dict[str, list[str]] = {}
    for what, subgraph in parts:
        groups.setdefault(what, []).append(subgraph)
    return " but ".join(f'"{what}" in {in_subgraphs(names)}' for what, names in groups.items())


def in_order(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Every name once, in the order of first appearance."""
    return tuple(dict.fromkeys(name for each in names for name in each))

"""The answer's shape: what the operation asks for, compiled once, with which any merged answer is completed.

Fields are collected per concrete type ahead of time, so that completing an answer is one walk over plain
dictionaries. Conditions are resolved while compiling: one shape per set of their values.
Source: GraphQL specification, 6.3.2 "Field collection" and 6.4.3 "Value completion".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

INTROSPECTION = ("__schema", "__type")


@dataclass(frozen=True, slots=True)
class LeafShape:
    """A scalar or enum. ``coerce`` raises when the value is none of it; ``None`` lets every value pass."""

    type_name: str
    coerce: Callable[[Any], Any] | None
    exact: type | None = None
    """Values of exactly this Python type are right as they are."""


@dataclass(frozen=True, slots=True)
class ListShape:
    item: Shape
    is_item_required: bool


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One response name of an object. ``literal`` is the answer that needs no data (``__typename``)."""

    response_name: str
    type_name: str
    field_name: str
    shape: Shape
    is_required: bool
    exact: type | None = None
    literal: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectShape:
    type_name: str
    fields: tuple[FieldShape, ...]


@dataclass(frozen=True, slots=True)
class AbstractShape:
    """An interface or union: the shape of each of the ``possible`` types, made when the type is first seen.
    ``interfaces`` are those that the types implement."""

    type_name: str
    possible: tuple[str, ...]
    compile: Callable[[str], ObjectShape | None]
    interfaces: frozenset[str] = frozenset()
    compiled: dict[str, ObjectShape] = field(default_factory=dict)

    def of(self, type_name: object) -> ObjectShape | None:
        """The shape for a runtime type, ``None`` when the type cannot stand here.

        An object of which only an interface is known (an interface object of a subgraph) has the shape that all
        implementations have in common; there is none where something depends on the type.
        """
        if not isinstance(type_name, str):
            return None
        shape = self.compiled.get(type_name)
        if shape is None:
            shape = self.compile(type_name)
            if shape is not None:
                self.compiled[type_name] = shape
        return shape

    def is_untold(self, type_name: object) -> bool:
        """Whether at most an interface is known of an object, since who could tell its type does not have it."""
        return type_name is None or (isinstance(type_name, str) and type_name in self.interfaces)


Shape = LeafShape | ListShape | ObjectShape | AbstractShape


def compile_shape(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
) -> ObjectShape:
    """The shape of a valid operation for these variable values (only those in conditions matter)."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        raise ValueError(f"The schema has no {operation.operation.value} type.")
    return _Compiler(schema, fragments, variables).object(root, (operation.selection_set,))


@dataclass(frozen=True, slots=True)
class _Compiler:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def object(self, parent: GraphQLObjectType, selections: tuple[SelectionSetNode, ...]) -> ObjectShape:
        collected = self._collected(parent, selections)
        return ObjectShape(
            parent.name, tuple(self._field(parent, name, nodes) for name, nodes in collected.items())
        )

    def _collected(
        self, parent: GraphQLObjectType, selections: tuple[SelectionSetNode, ...]
    ) -> dict[str, list[FieldNode]]:
        collected: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection_set in selections:
            self._collect(parent, selection_set, collected, visited)
        return collected

    def _collect(
        self,
        parent: GraphQLObjectType,
        selection_set: SelectionSetNode,
        collected: dict[str, list[FieldNode]],
        visited: set[str],
    ) -> None:
        for node in selection_set.selections:
            if not self._is_included(node.directives):
                continue
            if isinstance(node, FieldNode):
                name = node.alias.value if node.alias else node.name.value
                collected.setdefault(name, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else parent.name
                if self._applies(condition, parent):
                    self._collect(parent, node.selection_set, collected, visited)
            else:
                name = node.name.value  # type: ignore[attr-defined]  # the only other selection is a spread
                fragment = self.fragments[name]
                if name not in visited and self._applies(fragment.type_condition.name.value, parent):
                    visited.add(name)
                    self._collect(parent, fragment.selection_set, collected, visited)

    def _is_included(self, directives: Iterable[DirectiveNode] | None) -> bool:
        return all(
            self._condition(directive) == (directive.name.value == "include")
            for directive in directives or ()
            if directive.name.value in ("skip", "include")
        )

    def _condition(self, directive: DirectiveNode) -> bool:
        value = next(a.value for a in directive.arguments or () if a.name.value == "if")
        if isinstance(value, VariableNode):
            return bool(self.variables.get(value.name.value))
        return bool(getattr(value, "value", False))

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        if condition == parent.name:
            return True
        type_ = self.schema.get_type(condition)
        return is_abstract_type(type_) and self.schema.is_sub_type(type_, parent)

    def _field(
        self, parent: GraphQLObjectType | GraphQLInterfaceType, response_name: str, nodes: list[FieldNode]
    ) -> FieldShape:
        name = nodes[0].name.value
        if name == "__typename":
            leaf = LeafShape("String", None)
            return FieldShape(response_name, parent.name, name, leaf, True, literal=parent.name)
        if name in INTROSPECTION:
            return FieldShape(response_name, parent.name, name, LeafShape(name, None), name == "__schema")
        below = tuple(node.selection_set for node in nodes if node.selection_set)
        shape, is_required = self._type(parent.fields[name].type, below)
        exact = shape.exact if isinstance(shape, LeafShape) else None
        return FieldShape(response_name, parent.name, name, shape, is_required, exact)

    def _type(self, type_: GraphQLOutputType, below: tuple[SelectionSetNode, ...]) -> tuple[Shape, bool]:
        if is_non_null_type(type_):
            return self._type(type_.of_type, below)[0], True
        if is_list_type(type_):
            return ListShape(*self._type(type_.of_type, below)), False
        named = get_named_type(type_)
        if is_object_type(named):
            return self.object(named, below), False
        if is_abstract_type(named):
            return self._abstract(named, below), False
        return leaf_shape(named), False

    def _abstract(self, type_: GraphQLAbstractType, below: tuple[SelectionSetNode, ...]) -> AbstractShape:
        possible = {concrete.name: concrete for concrete in self.schema.get_possible_types(type_)}

        def compile_type(name: str) -> ObjectShape | None:
            if name in possible:
                return self.object(possible[name], below)
            interface = self.schema.get_type(name)
            if not is_interface_type(interface):
                return None
            is_below = {each.name for each in self.schema.get_possible_types(interface)} <= possible.keys()
            return self._alike(interface, below) if is_below else None

        interfaces = {one.name for concrete in possible.values() for one in concrete.interfaces}
        return AbstractShape(type_.name, tuple(possible), compile_type, frozenset(interfaces))

    def _alike(
        self, interface: GraphQLInterfaceType, selections: tuple[SelectionSetNode, ...]
    ) -> ObjectShape | None:
        """The shape of any implementation; ``None`` where that depends on which one it is.

        Where there is one only, it is that one's, unless its name is asked for, which somebody has to tell.
        """
        members = self.schema.get_possible_types(interface)
        asked = [self._collected(member, selections) for member in members]
        first = next(iter(asked), {})
        names = {nodes[0].name.value for nodes in first.values()}
        if len(members) == 1 and "__typename" not in names:
            return self.object(members[0], selections)
        if any(_identities(each) != _identities(first) for each in asked) or not names <= interface.fields.keys():
            return None
        fields = (self._field(interface, name, nodes) for name, nodes in first.items())
        return ObjectShape(interface.name, tuple(fields))


def _identities(collected: Mapping[str, list[FieldNode]]) -> dict[str, list[int]]:
    return {name: [id(node) for node in nodes] for name, nodes in collected.items()}


def leaf_shape(type_: GraphQLNamedType) -> LeafShape:
    """How a leaf type's values are coerced; custom scalars pass unchanged."""
    if isinstance(type_, GraphQLEnumType):
        return LeafShape(type_.name, _enum_coercion(frozenset(type_.values)))
    if type_.name in ("String", "ID"):
        return LeafShape(type_.name, _scalar_coercion(type_), str)
    if type_.name == "Boolean":
        return LeafShape(type_.name, _scalar_coercion(type_), bool)
    if type_.name == GraphQLInt.name:
        return LeafShape(type_.name, _scalar_coercion(type_))
    if type_.name == "Float":
        return LeafShape(type_.name, _float_coercion(_scalar_coercion(type_)))
    return LeafShape(type_.name, None)


def _scalar_coercion(type_: GraphQLNamedType) -> Callable[[Any], Any]:
    if not isinstance(type_, GraphQLScalarType):
        raise TypeError(f"{type_.name} is no scalar.")
    return type_.coerce_output_value


def _float_coercion(coerce: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """An integer is a number like any other and stays as it was written."""
    return lambda value: (
        value if type(value) is int else coerce(float(value) if isinstance(value, float) else value)
    )


def _enum_coercion(values: frozenset[str]) -> Callable[[Any], Any]:
    def coerce(value: Any) -> str:
        if isinstance(value, str) and value in values:
            return value
        raise ValueError("not a value of the enum")

    return coerce

"""What one operation uses of a schema, and the text of it that may be kept: no value of a person is in it.

Kept are fields, aliases, arguments, input fields, directives, types and enum values. Other values are taken out:
a text becomes "", a number 0, a boolean false, what a custom scalar was given "". Long numbers in names that a
client made up (``licence_110102…``) are replaced too. What is left is valid wherever the operation was.
Source: GraphQL specification, sections 2 "Language" and 3 "Type System"; docs/departments.md, "Against real use".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NameNode,
    Node,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_input_type,
    is_specified_scalar_type,
    print_ast,
    separate_operations,
    type_from_ast,
    visit,
)

LONGEST_DOCUMENT = 20_000
"""Characters; of a longer one only the coordinates are kept."""
_LONG_NUMBER = re.compile(r"\d{6,}")
_MOST_VALUES = 1_000
AnyNode = TypeVar("AnyNode", bound=Node)


@dataclass(frozen=True, slots=True)
class OperationUsage:
    """``hash`` is that of ``document``, which is empty where it would be too long.

    ``coordinates`` are schema coordinates: "Type.field", "Type.field(argument:)", "Enum.VALUE", "Input.field",
    "@directive", "@directive(argument:)" and "Type" for a type condition, a variable's type and an abstract type
    that a field gives. ``has_values`` tells whether values were taken out: then it cannot be run again as it was.
    """

    hash: str
    name: str
    kind: str
    document: str
    coordinates: frozenset[str]
    has_values: bool


def usage_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> OperationUsage:
    """``operation`` is one of ``document``, which is valid for ``schema``."""
    types = TypeInfo(schema)
    taking = _TakingOut(schema, types)
    alone = separate_operations(document)[operation.name.value if operation.name else ""]
    text = print_ast(visit(alone, TypeInfoVisitor(types, taking)))
    name = taking.named(operation.name.value) if operation.name else ""
    kept = text if len(text) <= LONGEST_DOCUMENT else ""
    digest = sha256(text.encode()).hexdigest()[:32]
    return OperationUsage(
        digest, name, operation.operation.value, kept, frozenset(taking.found), taking.has_values
    )


InputTypes = tuple[tuple[str, GraphQLInputType], ...]
"""Variables of an operation in which enum values and input fields can be, with their types."""


def variable_types(schema: GraphQLSchema, operation: OperationDefinitionNode) -> InputTypes:
    """Most operations have none of these."""
    found = []
    for definition in operation.variable_definitions or ():
        declared = type_from_ast(schema, definition.type)
        if is_input_type(declared) and not isinstance(get_named_type(declared), GraphQLScalarType):
            found.append((definition.variable.name.value, declared))
    return tuple(found)


def values_used(types: InputTypes, variables: Mapping[str, Any]) -> Iterator[str]:
    """Coordinates of input types, input fields and enum values in one request's variables; at most a thousand."""
    waiting = [(declared, variables.get(name)) for name, declared in types]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        declared, value = waiting.pop()
        while isinstance(declared, GraphQLNonNull):
            declared = declared.of_type
        if value is None:
            continue
        if isinstance(declared, GraphQLList):
            items = value if isinstance(value, list) else [value]
            waiting.extend((declared.of_type, item) for item in items[:_MOST_VALUES])
        elif isinstance(declared, GraphQLEnumType):
            if isinstance(value, str) and value in declared.values:
                yield f"{declared.name}.{value}"
        elif isinstance(declared, GraphQLInputObjectType) and isinstance(value, Mapping):
            yield declared.name
            for name, field in declared.fields.items():
                if name in value:
                    yield f"{declared.name}.{name}"
                    waiting.append((field.type, value[name]))


class _TakingOut(Visitor):
    """Notes what is used and takes the values out."""

    def __init__(self, schema: GraphQLSchema, types: TypeInfo) -> None:
        super().__init__()
        self._schema = schema
        self._types = types
        self._field = ""
        self._numbers: dict[str, str] = {}
        self.found: set[str] = set()
        self.has_values = False

    # What is used

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        self._field = node.name.value  # its arguments come before anything below it
        parent, given = self._types.get_parent_type(), get_named_type(self._types.get_type())
        if parent is not None and not node.name.value.startswith("__") and not parent.name.startswith("__"):
            self.found.add(f"{parent.name}.{node.name.value}")
        if given is not None and is_abstract_type(given):
            self.found.add(given.name)

    def enter_argument(self, node: ArgumentNode, *_args: Any) -> None:
        directive, parent = self._types.get_directive(), self._types.get_parent_type()
        if directive is not None:
            self.found.add(f"@{directive.name}({node.name.value}:)")
        elif parent is not None and not self._field.startswith("__"):
            self.found.add(f"{parent.name}.{self._field}({node.name.value}:)")

    def enter_directive(self, node: DirectiveNode, *_args: Any) -> None:
        self.found.add(f"@{node.name.value}")

    def enter_object_field(self, node: ObjectFieldNode, *_args: Any) -> None:
        parent = get_named_type(self._types.get_parent_input_type())
        if parent is not None:
            self.found.add(f"{parent.name}.{node.name.value}")

    def enter_inline_fragment(self, node: InlineFragmentNode, *_args: Any) -> None:
        if node.type_condition:
            self.found.add(node.type_condition.name.value)

    def leave_variable_definition(self, node: VariableDefinitionNode, *_args: Any) -> Node:
        declared = get_named_type(type_from_ast(self._schema, node.type))
        if declared is not None:
            self.found.add(declared.name)
        return _but(node, description=None)

    # What is taken out

    def enter_object_value(self, node: ObjectValueNode, *_args: Any) -> ValueNode | None:
        declared = get_named_type(self._types.get_input_type())
        if isinstance(declared, GraphQLInputObjectType):
            self.found.add(declared.name)
            return None
        return self._opaque(node)

    def enter_list_value(self, node: ListValueNode, *_args: Any) -> ValueNode | None:
        """Inside a list the input type is that of its items; the list's own stands above."""
        return self._opaque(node) if _is_custom_scalar(self._types.get_parent_input_type()) else None

    def leave_list_value(self, node: ListValueNode, *_args: Any) -> Node:
        """How many there were is a value too."""
        return _but(node, values=tuple({print_ast(each): each for each in node.values}.values()))

    def enter_enum_value(self, node: EnumValueNode, *_args: Any) -> ValueNode | None:
        declared = get_named_type(self._types.get_input_type())
        if isinstance(declared, GraphQLEnumType):
            self.found.add(f"{declared.name}.{node.value}")
            return None
        return self._opaque(node)

    def enter_int_value(self, node: IntValueNode, *_args: Any) -> Node | None:
        return self._without(node, value="0")

    def enter_float_value(self, node: FloatValueNode, *_args: Any) -> Node | None:
        return self._without(node, value="0.0")

    def enter_string_value(self, node: StringValueNode, *_args: Any) -> Node | None:
        return self._without(node, value="", block=False)

    def enter_boolean_value(self, node: BooleanValueNode, *_args: Any) -> Node | None:
        return self._without(node, value=False)

    # Names that a client made up

    def leave_field(self, node: FieldNode, *_args: Any) -> Node | None:
        return _but(node, alias=self._renamed(node.alias)) if node.alias else None

    def leave_variable(self, node: VariableNode, *_args: Any) -> Node:
        return _but(node, name=self._renamed(node.name))

    def leave_operation_definition(self, node: OperationDefinitionNode, *_args: Any) -> Node:
        return _but(node, name=self._renamed(node.name) if node.name else None, description=None)

    def leave_fragment_definition(self, node: FragmentDefinitionNode, *_args: Any) -> Node:
        self.found.add(node.type_condition.name.value)
        return _but(node, name=self._renamed(node.name), description=None)

    def leave_fragment_spread(self, node: FragmentSpreadNode, *_args: Any) -> Node:
        return _but(node, name=self._renamed(node.name))

    def named(self, name: str) -> str:
        """The same long number is replaced by the same letters throughout the document."""
        return _LONG_NUMBER.sub(lambda found: self._numbers.setdefault(found[0], f"n{len(self._numbers)}"), name)

    def _renamed(self, node: NameNode) -> NameNode:
        return NameNode(value=self.named(node.value))

    def _opaque(self, node: ValueNode) -> ValueNode | None:
        """What a custom scalar is given has any form: only the variables in it are kept, which must be used."""
        self.has_values = True
        variables = tuple(_variables_in(node))
        if isinstance(node, ListValueNode) and variables and node.values == variables:
            return None
        return ListValueNode(values=variables) if variables else StringValueNode(value="", block=False)

    def _without(self, node: ValueNode, **nothing: str | bool) -> Node | None:
        self.has_values = True
        if _is_custom_scalar(self._types.get_input_type()):
            return None if _is_nothing(node) else self._opaque(node)
        is_taken_out = all(getattr(node, name) == value for name, value in nothing.items())
        return None if is_taken_out else _but(node, **nothing)


def _is_custom_scalar(declared: GraphQLInputType | None) -> bool:
    while isinstance(declared, GraphQLNonNull):
        declared = declared.of_type
    return isinstance(declared, GraphQLScalarType) and not is_specified_scalar_type(declared)


def _is_nothing(node: ValueNode) -> bool:
    return isinstance(node, StringValueNode) and node.value == "" and not node.block


def _variables_in(node: ValueNode) -> Iterator[VariableNode]:
    if isinstance(node, VariableNode):
        yield node
    elif isinstance(node, ListValueNode):
        for item in node.values:
            yield from _variables_in(item)
    elif isinstance(node, ObjectValueNode):
        for field in node.fields:
            yield from _variables_in(field.value)


def _but(node: AnyNode, **changed: Any) -> AnyNode:
    kept = {name: getattr(node, name) for name in node.keys if name != "loc"}
    return type(node)(**{**kept, **changed})

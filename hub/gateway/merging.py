"""The specification's "Field Selection Merging", in time that grows with the document and not with its square.

The library compares fields in pairs: 3,600 inline fragments, which are 25 KB, took it six seconds before it gave
up. Being equal is transitive, so here each field of a response name is compared with one other only, and what
stands below all of them is looked at as one set, each set once.
Sources: GraphQL specification, 5.3.2; S. Adameit, "Optimizing field selection merging validation" (2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLOutputType,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    ValueNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from hub.gateway.request import refused
from schema.errors import RuntimeCode

MOST_STEPS = 100_000
"""Selections that are looked at for one document, some of them more than once; less than half a second."""


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """A field as it is selected on a type; ``type`` is ``None`` where there is no such field."""

    node: FieldNode
    parent: GraphQLNamedType | None
    type: GraphQLOutputType | None

    @property
    def response_name(self) -> str:
        return (self.node.alias or self.node.name).value


@dataclass(frozen=True, slots=True)
class _Place:
    """Selection sets that make one object of the answer, each with the type that it stands on.

    ``only_shape``: they are of different objects, so that only the types of the values have to agree. ``names``
    are the response names of the fields above that are merged.
    """

    selections: tuple[tuple[SelectionSetNode, GraphQLNamedType | None], ...]
    only_shape: bool
    names: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[bool, frozenset[int]]:
        return self.only_shape, frozenset(id(selection_set) for selection_set, _type in self.selections)


class FieldsMergeRule(ValidationRule):
    """Fields of one response name must be the same field with the same arguments, and give the same type.

    Refuses the document with OPERATION_TOO_COMPLEX where that would take more than :data:`MOST_STEPS`.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._steps = 0
        self._seen: set[tuple[bool, frozenset[int]]] = set()
        self._told: set[tuple[int, int]] = set()
        self._arguments: dict[int, object] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: Any) -> None:
        root = self.context.schema.get_root_type(node.operation)
        waiting = [_Place(((node.selection_set, root),), only_shape=False)]
        while waiting:
            place = waiting.pop()
            if place.key in self._seen:
                continue
            self._seen.add(place.key)
            for fields in self._by_name(place).values():
                self._compare(fields, place)
                waiting.extend(self._below(fields, place))

    def _by_name(self, place: _Place) -> dict[str, list[_Field]]:
        found: dict[str, list[_Field]] = {}
        for field in self._fields(place):
            found.setdefault(field.response_name, []).append(field)
        return found

    def _fields(self, place: _Place) -> Iterator[_Field]:
        """Every field of the place, fragments opened, each fragment once."""
        schema, opened = self.context.schema, set[str]()
        waiting: list[tuple[SelectionNode | SelectionSetNode, GraphQLNamedType | None]]
        waiting = list(reversed(place.selections))
        while waiting:
            node, parent = waiting.pop()
            if isinstance(node, FieldNode):
                found = schema.get_field(parent, node.name.value) if is_composite_type(parent) else None
                yield _Field(node, parent, found.type if found else None)
            elif isinstance(node, SelectionSetNode):
                self._spend(len(node.selections))
                waiting.extend((each, parent) for each in reversed(node.selections))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                waiting.append(
                    (node.selection_set, schema.get_type(condition.name.value) if condition else parent)
                )
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in opened:
                opened.add(node.name.value)
                if (fragment := self.context.get_fragment(node.name.value)) is not None:
                    waiting.append((fragment.selection_set, schema.get_type(fragment.type_condition.name.value)))

    def _spend(self, steps: int) -> None:
        self._steps += steps + 1
        if self._steps > MOST_STEPS:
            message = "Operations and fragments of the document open into too many fields. Send fewer at once."
            raise refused(RuntimeCode.OPERATION_TOO_COMPLEX, message)

    def _compare(self, fields: list[_Field], place: _Place) -> None:
        if len(fields) == 1:
            return
        for one, other in () if place.only_shape else _of_one_object(fields):
            if (why := self._difference(one, other)) is not None:
                self._tell(one, other, why, place)
        typed = [field for field in fields if field.type is not None]
        for other in typed[1:]:
            if _shape(other.type) != _shape(typed[0].type):
                why = f"they return conflicting types '{typed[0].type}' and '{other.type}'"
                self._tell(typed[0], other, why, place)

    def _below(self, fields: list[_Field], place: _Place) -> Iterator[_Place]:
        groups = [fields] if place.only_shape else _groups(fields)
        if len(groups) > 1:
            yield from _merged(fields, place, only_shape=True)
            self._spend(len(groups) * len(fields))
        for group in groups:
            yield from _merged(group, place, only_shape=place.only_shape)

    def _difference(self, one: _Field, other: _Field) -> str | None:
        name, other_name = one.node.name.value, other.node.name.value
        if name != other_name:
            return f"'{name}' and '{other_name}' are different fields"
        if self._arguments_of(one.node) != self._arguments_of(other.node):
            return "they have differing arguments"
        return None

    def _arguments_of(self, node: FieldNode) -> object:
        if not node.arguments:
            return None
        if id(node) not in self._arguments:
            self._arguments[id(node)] = frozenset((each.name.value, _value(each.value)) for each in node.arguments)
        return self._arguments[id(node)]

    def _tell(self, one: _Field, other: _Field, why: str, place: _Place) -> None:
        nodes = [one.node, other.node]
        if (key := (id(nodes[0]), id(nodes[1]))) in self._told:
            return
        self._told.add(key)
        first, *below = *place.names, one.response_name
        reason = "".join(f"subfields '{name}' conflict because " for name in below) + why
        mend = "Use different aliases on the fields to fetch both if this was intentional."
        self.report_error(GraphQLError(f"Fields '{first}' conflict because {reason}. {mend}", nodes))


def _of_one_object(fields: list[_Field]) -> Iterator[tuple[_Field, _Field]]:
    """Pairs that one object can have at once, enough of them to show that all such fields are equal: what is
    selected on an abstract type can stand beside everything, what is on an object type beside its like."""
    firsts: dict[int, _Field] = {}
    abstract = next((field for field in fields if not is_object_type(field.parent)), None)
    for field in fields:
        first = abstract or firsts.setdefault(id(field.parent), field)
        if field is not first:
            yield first, field


def _groups(fields: list[_Field]) -> list[list[_Field]]:
    """All the fields that one object can have at once, for each object type that is named."""
    abstract = [field for field in fields if not is_object_type(field.parent)]
    if len(abstract) == len(fields):
        return [abstract]
    groups: dict[int, list[_Field]] = {}
    for field in fields:
        if is_object_type(field.parent):
            groups.setdefault(id(field.parent), []).append(field)
    return [[*abstract, *group] for group in groups.values()]


def _merged(fields: list[_Field], place: _Place, *, only_shape: bool) -> Iterator[_Place]:
    selections = {
        id(field.node.selection_set): (field.node.selection_set, get_named_type(field.type))
        for field in fields
        if field.node.selection_set is not None
    }
    if selections:
        names = (*place.names, fields[0].response_name) if len(selections) > 1 else ()
        yield _Place(tuple(selections.values()), only_shape, names)


def _shape(of: GraphQLOutputType | None) -> str:
    """How a value is wrapped, and what it is where it is a leaf; objects of all types are one."""
    if is_non_null_type(of):
        return f"{_shape(of.of_type)}!"
    if is_list_type(of):
        return f"[{_shape(of.of_type)}]"
    return of.name if is_leaf_type(of) else "{}"


def _value(node: ValueNode) -> object:
    """Equal for literals that mean the same; the order of an object's fields does not count."""
    if isinstance(node, ListValueNode):
        return "list", tuple(_value(each) for each in node.values)
    if isinstance(node, ObjectValueNode):
        return "object", frozenset((each.name.value, _value(each.value)) for each in node.fields)
    name = getattr(node, "name", None)
    return node.kind, getattr(node, "value", None) if name is None else name.value

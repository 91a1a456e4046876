"""Which field coordinates an operation can touch, through every fragment and on every possible type.

The walk keeps, beside the selection, the set of object types that can stand there. A field selected on an
interface counts for each of them and for the interface itself. A fragment is walked once for each set of
types it is spread on, not once for each spread, so the work is bounded by the text's size; a fragment met
with very many sets falls back to all types of its condition. No recursion: depth cannot exhaust the stack.
Source: GraphQL specification, sections 5.5.2 and 6.3; threats "named-fragment bomb" (CVE-2025-32030).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

MAXIMUM_TYPE_SETS_PER_FRAGMENT = 16

TypeNames = frozenset[str]


@dataclass(frozen=True, slots=True)
class SelectedField:
    """A field of a type, and the response names of the first place where it is selected."""

    type_name: str
    field_name: str
    path: tuple[str, ...]

    @property
    def coordinate(self) -> str:
        return f"{self.type_name}.{self.field_name}"


@dataclass(frozen=True, slots=True)
class _Visit:
    """One selection set to be walked: ``declared`` is its static type, ``possible`` what can stand there."""

    selections: SelectionSetNode
    declared: str
    possible: TypeNames
    path: tuple[str, ...]


def selected_fields(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None
) -> tuple[SelectedField, ...]:
    """Each coordinate once, in the order of first sight. Introspection fields are left out.

    Without ``operation_name`` all operations of the document are walked: who names none gets the sum.
    """
    walk = _Walk(schema, document)
    for operation in _operations(document, operation_name):
        root = schema.get_root_type(operation.operation)
        if root is not None:
            walk.run(_Visit(operation.selection_set, root.name, frozenset({root.name}), ()))
    return tuple(walk.found.values())


def _operations(document: DocumentNode, name: str | None) -> Iterator[OperationDefinitionNode]:
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode) and (
            name is None or (definition.name is not None and definition.name.value == name)
        ):
            yield definition


class _Walk:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.found: dict[tuple[str, str], SelectedField] = {}
        self._schema = schema
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._walked: dict[str, set[TypeNames]] = {}
        self._noted: set[tuple[str, TypeNames, str]] = set()

    def run(self, start: _Visit) -> None:
        waiting = [start]
        while waiting:
            visit = waiting.pop()
            # Reversed twice, so that the order of first sight is the order of the text.
            waiting.extend(
                reversed([child for node in visit.selections.selections for child in self._step(visit, node)])
            )

    def _step(self, visit: _Visit, node: Any) -> Iterator[_Visit]:
        if isinstance(node, FieldNode):
            return self._enter_field(visit, node)
        if isinstance(node, InlineFragmentNode):
            return self._enter_inline(visit, node)
        return self._enter_spread(visit, cast(FragmentSpreadNode, node))

    def _enter_field(self, visit: _Visit, node: FieldNode) -> Iterator[_Visit]:
        name = node.name.value
        if name.startswith("__"):
            return
        path = (*visit.path, node.alias.value if node.alias else name)
        if (visit.declared, visit.possible, name) not in self._noted:
            self._noted.add((visit.declared, visit.possible, name))
            self._note(visit, name, path)
        target = self._target(visit.declared, name)
        if node.selection_set is not None and target is not None:
            yield _Visit(node.selection_set, target, self._possible(target), path)

    def _note(self, visit: _Visit, name: str, path: tuple[str, ...]) -> None:
        for type_name in (visit.declared, *sorted(visit.possible)):
            if type_name == visit.declared or self._has_field(type_name, name):
                self.found.setdefault((type_name, name), SelectedField(type_name, name, path))

    def _enter_inline(self, visit: _Visit, node: InlineFragmentNode) -> Iterator[_Visit]:
        declared = _condition(node.type_condition) or visit.declared
        possible = visit.possible & self._possible(declared) if node.type_condition else visit.possible
        if possible:
            yield _Visit(node.selection_set, declared, possible, visit.path)

    def _enter_spread(self, visit: _Visit, node: FragmentSpreadNode) -> Iterator[_Visit]:
        fragment = self._fragments.get(node.name.value)
        if fragment is None:
            return
        declared = fragment.type_condition.name.value
        everything = self._possible(declared)
        possible = visit.possible & everything
        walked = self._walked.setdefault(node.name.value, set())
        if len(walked) >= MAXIMUM_TYPE_SETS_PER_FRAGMENT:
            possible = everything
        if possible and possible not in walked:
            walked.add(possible)
            yield _Visit(fragment.selection_set, declared, possible, visit.path)

    def _target(self, type_name: str, field_name: str) -> str | None:
        """The composite type the field leads to. What an implementation narrows is among its possible types."""
        declared = self._schema.type_map.get(type_name)
        if isinstance(declared, GraphQLObjectType | GraphQLInterfaceType) and field_name in declared.fields:
            target = get_named_type(declared.fields[field_name].type)
            return target.name if is_composite_type(target) else None
        return None

    def _has_field(self, type_name: str, field_name: str) -> bool:
        declared = self._schema.type_map.get(type_name)
        return isinstance(declared, GraphQLObjectType) and field_name in declared.fields

    def _possible(self, type_name: str) -> TypeNames:
        declared = self._schema.type_map.get(type_name)
        if is_abstract_type(declared):
            return frozenset(each.name for each in self._schema.get_possible_types(declared))
        return frozenset({type_name})


def _condition(node: NamedTypeNode | None) -> str | None:
    return node.name.value if node else None

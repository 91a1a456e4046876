"""The command that a department gets for a durable mutation, and its kept answer read back by any selection.

The client's aliases, fragments and variables do not go on: each field is asked once under its canonical name, its
own, or with arguments, its own and a hash of them. So whoever asks again under other aliases finds it.
Pure; source: docs/spec/durable.md, "The result".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
)

from schema.durable import KEY_ARGUMENT
from schema.subgraph import DurableRule

_TYPENAME = "__typename"
_RESULT = "result"


@dataclass(frozen=True, slots=True)
class Command:
    """A GraphQL request over the department's own schema, with one root field under its own name."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str


def command_of(
    info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any], rule: DurableRule, id_number: str | None
) -> Command:
    """What the department is asked for, where ``info`` is of the mutation's field as clients see it.

    ``id_number`` is who asks, where the department wants to know.
    """
    field = info.parent_type.fields[info.field_name]
    variables = _Variables()
    given = [
        f"{name}: ${variables.add(str(field.args[name].type), value, name)}"
        for name, value in arguments.items()
        if name != KEY_ARGUMENT
    ]
    if rule.applicant is not None and id_number is not None:
        given.append(f"{rule.applicant}: ${variables.add(rule.applicant_type, id_number, rule.applicant)}")
    selection = _Selecting(info, variables).result_of(info.field_nodes, info.parent_type)
    name = f"{info.field_name[0].upper()}{info.field_name[1:]}"
    told = f"({', '.join(given)})" if given else ""
    root = f"{info.field_name}{told}{selection}"
    return Command(f"mutation {name}{variables.definitions} {{ {root} }}", variables.values, name)


def canonical_name(field: FieldNode, arguments: Mapping[str, Any]) -> str:
    """Under which the field's value is kept."""
    if not field.arguments:
        return field.name.value
    text = json.dumps(arguments, sort_keys=True, default=str)
    return f"{field.name.value}__{hashlib.sha256(text.encode()).hexdigest()[:12]}"


class _Variables:
    """The variables of a command, as they are added."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._types: dict[str, str] = {}

    def add(self, type_: str, value: Any, wanted: str) -> str:
        name = wanted
        while name in self.values:
            name = f"{name}_"
        self.values[name], self._types[name] = value, type_
        return name

    @property
    def definitions(self) -> str:
        told = ", ".join(f"${name}: {type_}" for name, type_ in self._types.items())
        return f"({told})" if told else ""


@dataclass(slots=True)
class _Wanted:
    """One field of a canonical selection, and what is wanted below it."""

    text: str
    type: GraphQLCompositeType | None
    below: list[SelectionSetNode]


class _Selecting:
    """Turns what the client selects below ``result`` into a canonical selection."""

    def __init__(self, info: GraphQLResolveInfo[Any], variables: _Variables) -> None:
        self._info = info
        self._variables = variables

    def result_of(self, nodes: Sequence[FieldNode], parent: GraphQLObjectType) -> str:
        """The department's selection; of a result that the client does not select, its plain fields."""
        ticket = get_named_type(parent.fields[nodes[0].name.value].type)
        if not isinstance(ticket, GraphQLObjectType):
            raise TypeError("A durable mutation gives a ticket.")
        result = get_named_type(ticket.fields[_RESULT].type)
        if not is_composite_type(result):
            return ""
        selected = [
            field.selection_set
            for node in nodes
            if node.selection_set
            for field, _ in self._fields(node.selection_set, ticket)
            if field.name.value == _RESULT and field.selection_set
        ]
        return f" {{ {' '.join(self._texts(selected, result) or _plain(result))} }}"

    def _texts(self, sets: Sequence[SelectionSetNode], parent: GraphQLCompositeType) -> list[str]:
        """One text for each field or type condition; empty when nothing is selected."""
        wanted: dict[str, _Wanted] = {}
        conditions: dict[str, list[SelectionSetNode]] = {}
        for each in sets:
            for field, type_ in self._fields(each, parent):
                if type_.name != parent.name:
                    conditions.setdefault(type_.name, []).append(SelectionSetNode(selections=(field,)))
                else:
                    self._want(field, type_, wanted)
        texts = [self._text(one) for one in wanted.values()]
        for name, below in conditions.items():
            condition = self._info.schema.type_map[name]
            if is_composite_type(condition):
                texts.append(f"... on {name} {{ {' '.join(self._texts(below, condition))} }}")
        return [_TYPENAME, *texts] if texts and is_abstract_type(parent) else texts

    def _want(self, node: FieldNode, parent: GraphQLCompositeType, wanted: dict[str, _Wanted]) -> None:
        if node.name.value == _TYPENAME:
            wanted.setdefault(_TYPENAME, _Wanted(_TYPENAME, None, []))
            return
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return
        field = parent.fields[node.name.value]
        arguments = get_argument_values(field, node, self._info.variable_values)
        name = canonical_name(node, arguments)
        if name not in wanted:
            type_ = get_named_type(field.type)
            text = self._head(name, node.name.value, field, arguments if node.arguments else {})
            wanted[name] = _Wanted(text, type_ if is_composite_type(type_) else None, [])
        if node.selection_set is not None:
            wanted[name].below.append(node.selection_set)

    def _head(self, name: str, own: str, field: GraphQLField, arguments: Mapping[str, Any]) -> str:
        given = ", ".join(
            f"{each}: ${self._variables.add(str(field.args[each].type), value, f'{own}_{each}')}"
            for each, value in arguments.items()
        )
        return f"{name}: {own}({given})" if given else own

    def _text(self, one: _Wanted) -> str:
        if one.type is None:
            return one.text
        return f"{one.text} {{ {' '.join(self._texts(one.below, one.type) or [_TYPENAME])} }}"

    def _fields(
        self, selected: SelectionSetNode, parent: GraphQLCompositeType
    ) -> Iterator[tuple[FieldNode, GraphQLCompositeType]]:
        """The fields that are on, each with the type that it is selected on."""
        for each in selected.selections:
            if not self._is_on(each):
                continue
            if isinstance(each, FieldNode):
                yield each, parent
                continue
            fragment = each if isinstance(each, InlineFragmentNode) else self._fragment(each)
            condition = fragment.type_condition.name.value if fragment.type_condition else parent.name
            type_ = self._info.schema.type_map[condition]
            if is_composite_type(type_):
                yield from self._fields(fragment.selection_set, type_)

    def _fragment(self, node: SelectionNode) -> FragmentDefinitionNode:
        name: str = node.name.value  # type: ignore[attr-defined]  # of selections a fragment spread is left
        found = self._info.fragments[name]
        return found if isinstance(found, FragmentDefinitionNode) else found.definition

    def _is_on(self, node: SelectionNode) -> bool:
        values = self._info.variable_values
        skip = get_directive_values(GraphQLSkipDirective, node, values)
        include = get_directive_values(GraphQLIncludeDirective, node, values)
        return not (skip and skip["if"]) and not (include and not include["if"])


def _plain(type_: GraphQLCompositeType) -> list[str]:
    """What is kept where the client asks for nothing: fields without arguments that hold no objects."""
    fields = type_.fields if isinstance(type_, GraphQLObjectType) else {}
    return [
        _TYPENAME,
        *(
            name
            for name, field in fields.items()
            if is_leaf_type(get_named_type(field.type)) and not any(map(is_required_argument, field.args.values()))
        ),
    ]


def is_known_type(schema: GraphQLSchema, name: str) -> bool:
    """Whether the graph has such tickets."""
    return isinstance(schema.type_map.get(name), GraphQLObjectType)

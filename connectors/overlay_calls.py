"""One request of the hub as calls of a plain server's root fields.

``_entities(representations: …)`` becomes a call for each representation, or one for all that a look-up finds
together; every other root field is a call of its own. Source: docs/spec/overlay.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    is_abstract_type,
    parse_type,
    print_ast,
    visit,
)
from graphql.language import ast

from connectors.connector import JSON
from schema.overlay import Lookup, Overlay

_ENTITY = "jiyi_entity_"
_KEY = "jiyi_key_"
_TYPE = "jiyi_type"
_ENTITY_UNION = "_Entity"


@dataclass(frozen=True, slots=True)
class EntityField:
    """``name: _entities(representations: $variable) { … }``"""

    name: str
    variable: str
    node: FieldNode


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request that asks for entities, read once. ``others`` are its other root fields."""

    entities: tuple[EntityField, ...]
    service_names: tuple[str, ...]
    others: tuple[SelectionNode, ...]
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    schema: GraphQLSchema

    def representations(self, variables: Mapping[str, JSON]) -> dict[str, list[JSON]]:
        """Those of each entity field, by its name in the answer."""
        found = {each.name: variables.get(each.variable) for each in self.entities}
        return {name: value if isinstance(value, list) else [] for name, value in found.items()}

    def document(self, calls: tuple[Call, ...]) -> tuple[str, frozenset[str]]:
        """The text of a request for these calls, and the variables of the original that it still uses."""
        selections = tuple(selection for call in calls for selection in call.selections)
        used, fragments = _used(selections, self.fragments)
        own = tuple(d for d in self.operation.variable_definitions or () if d.variable.name.value in used)
        declared = tuple(
            VariableDefinitionNode(variable=_variable(name), type=parse_type(type_))
            for call in calls
            for name, type_ in call.types.items()
        )
        operation = OperationDefinitionNode(
            operation=self.operation.operation,
            variable_definitions=(*own, *declared),
            selection_set=SelectionSetNode(selections=selections),
        )
        text = print_ast(DocumentNode(definitions=(operation, *(self.fragments[name] for name in fragments))))
        return text, frozenset(each.variable.name.value for each in own)


@dataclass
class Call:
    """Root fields that are asked for together. ``name`` is the first in the answer.

    Of an entity, ``indexes`` are the places in the list of each key: one key, or those of all that a look-up finds
    together.
    """

    name: str
    selections: tuple[SelectionNode, ...]
    types: dict[str, str] = field(default_factory=dict)
    variables: dict[str, JSON] = field(default_factory=dict)
    entity: str = ""
    length: int = 0
    lookup: Lookup | None = None
    indexes: dict[str, list[int]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    """Of many: the key of each element that came."""

    def take(self, answer: Mapping[str, JSON], data: dict[str, JSON]) -> None:
        """Put what came where it was asked for."""
        if self.lookup is None:
            data.update({name: value for name, value in answer.items() if not name.startswith(_ENTITY)})
            return
        entities: list[JSON] = data.setdefault(self.entity, [None] * self.length)
        value: JSON = answer.get(self.name)
        for name in self.lookup.path[1:]:
            value = value.get(name) if isinstance(value, dict) else None
        if not self.lookup.many:
            self._place(entities, next(iter(self.indexes)), value)
            return
        for element in value if isinstance(value, list) else []:
            key = _key(self.lookup, element, _KEY) if isinstance(element, dict) else ""
            self.order.append(key)
            self._place(entities, key, element)

    def places(self, path: list[JSON]) -> Iterator[list[JSON]]:
        """Where an error of this call belongs."""
        if self.lookup is None:
            yield path
            return
        rest, keys = path[len(self.lookup.path) :], list(self.indexes)
        if self.lookup.many and rest:
            number, *rest = rest
            keys = [self.order[number]] if isinstance(number, int) and number < len(self.order) else keys
        for key in keys:
            for index in self.indexes.get(key, ()):
                yield [self.entity, index, *rest]

    def _place(self, entities: list[JSON], key: str, value: JSON) -> None:
        if not isinstance(value, dict) or self.lookup is None:
            return
        if value.get(_TYPE, self.lookup.type_name) != self.lookup.type_name:
            return
        kept = {name: each for name, each in value.items() if name != _TYPE and not name.startswith(_KEY)}
        for index in self.indexes.get(key, ()):
            entities[index] = kept


def read_fetch(document: DocumentNode, operation_name: str | None, schema: GraphQLSchema) -> Fetch | None:
    """``None`` for a request without entities."""
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    named = [each for each in operations if operation_name and each.name and each.name.value == operation_name]
    operation = (named or operations)[0]
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    entities, services, others = [], [], []
    for selection in operation.selection_set.selections:
        name = selection.name.value if isinstance(selection, FieldNode) else ""
        if isinstance(selection, FieldNode) and name == "_entities":
            entities.append(EntityField(_response_name(selection), _representations(selection), selection))
        elif isinstance(selection, FieldNode) and name == "_service":
            services.append(_response_name(selection))
        else:
            others.append(selection)
    if not entities and not services:
        return None
    return Fetch(tuple(entities), tuple(services), tuple(others), operation, fragments, schema)


def calls_of(fetch: Fetch, overlay: Overlay, variables: Mapping[str, JSON]) -> tuple[Call, ...]:
    """Equal representations are asked for once; what no look-up finds is not asked for."""
    calls = [Call("", fetch.others)] if fetch.others else []
    for number, entity in enumerate(fetch.entities):
        representations = variables.get(entity.variable)
        if isinstance(representations, list):
            calls += _entity_calls(fetch, entity, overlay, representations, f"{_ENTITY}{number}_")
    return tuple(calls)


def _entity_calls(
    fetch: Fetch, entity: EntityField, overlay: Overlay, representations: list[JSON], prefix: str
) -> Iterator[Call]:
    groups: dict[tuple[int, str], tuple[Lookup, dict[str, list[int]], list[Mapping[str, JSON]]]] = {}
    for index, known in enumerate(representations):
        if not isinstance(known, dict):
            continue
        ways = overlay.lookups.get(str(known.get("__typename")), ())
        lookup = next((w for w in ways if all(known.get(name) is not None for name in w.needs)), None)
        if lookup is None:
            continue
        key = _key(lookup, known)
        group = groups.setdefault((id(lookup), "" if lookup.many else key), (lookup, {}, []))
        if key not in group[1]:
            group[2].append(known)
        group[1].setdefault(key, []).append(index)
    for number, (lookup, indexes, known_ones) in enumerate(groups.values()):
        name = f"{prefix}{number}"
        types = {f"{name}_{each}": type_ for each, type_ in lookup.variables}
        values: dict[str, JSON] = {
            f"{name}_{each}": [known[each] for known in known_ones] if lookup.many else known_ones[0][each]
            for each in lookup.needs
        }
        asked = _asked(fetch, entity, lookup, name)
        yield Call(name, (asked,), types, values, entity.name, len(representations), lookup, indexes)


def _asked(fetch: Fetch, entity: EntityField, lookup: Lookup, name: str) -> FieldNode:
    """The look-up field under this name, with what is wanted of the entity at its end."""
    wanted = list(_selected(fetch, entity.node.selection_set, lookup.type_name))
    if lookup.many:
        wanted += [FieldNode(name=_name(each), alias=_name(f"{_KEY}{each}")) for each in sorted(lookup.needs)]
    inner: tuple[SelectionNode, ...] = tuple(wanted) or (FieldNode(name=_name("__typename")),)
    if lookup.is_abstract:
        on_type = InlineFragmentNode(
            type_condition=ast.NamedTypeNode(name=_name(lookup.type_name)),
            selection_set=SelectionSetNode(selections=inner),
        )
        inner = (FieldNode(name=_name("__typename"), alias=_name(_TYPE)), on_type)
    renamed: FieldNode = visit(lookup.field, _Renamed(name))
    return replace(_with_end(renamed, inner), alias=_name(name), directives=entity.node.directives)


class _Renamed(Visitor):
    """Variables of a look-up get names of this call."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def enter_variable(self, node: VariableNode, *_: object) -> VariableNode:
        return _variable(f"{self._prefix}_{node.name.value}")


def _with_end(node: FieldNode, selections: tuple[SelectionNode, ...]) -> FieldNode:
    if node.selection_set is None:
        return replace(node, selection_set=SelectionSetNode(selections=selections))
    inner = node.selection_set.selections[0]
    if not isinstance(inner, FieldNode):
        raise TypeError("A look-up was read as fields.")
    return replace(node, selection_set=SelectionSetNode(selections=(_with_end(inner, selections),)))


def _selected(fetch: Fetch, selections: SelectionSetNode | None, type_name: str) -> Iterator[SelectionNode]:
    """What a selection of ``_Entity`` asks of one type."""
    for selection in selections.selections if selections else ():
        if isinstance(selection, FieldNode):
            yield selection
            continue
        inner: SelectionSetNode
        if isinstance(selection, FragmentSpreadNode):
            fragment = fetch.fragments[selection.name.value]
            condition, inner = fragment.type_condition.name.value, fragment.selection_set
        elif isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else _ENTITY_UNION
            inner = selection.selection_set
        else:
            continue
        if condition == _ENTITY_UNION:
            yield from _selected(fetch, inner, type_name)
        elif _applies(fetch.schema, condition, type_name):
            yield selection


def _applies(schema: GraphQLSchema, condition: str, type_name: str) -> bool:
    if condition == type_name:
        return True
    named = schema.type_map.get(condition)
    return is_abstract_type(named) and any(each.name == type_name for each in schema.get_possible_types(named))


def _used(
    selections: tuple[SelectionNode, ...], fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[set[str], list[str]]:
    """The variables and the fragments that are used, directly or not."""
    variables: set[str] = set()
    found: list[str] = []
    waiting: list[ast.Node] = list(selections)

    class Used(Visitor):
        def enter_variable(self, node: VariableNode, *_: object) -> None:
            variables.add(node.name.value)

        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
            if node.name.value not in found:
                found.append(node.name.value)
                waiting.append(fragments[node.name.value])

    while waiting:
        visit(waiting.pop(), Used())
    return variables, found


def _key(lookup: Lookup, known: Mapping[str, JSON], prefix: str = "") -> str:
    """Scalars compare by their text, so that an ID finds the number it stands for."""
    return json.dumps([str(known.get(f"{prefix}{name}")) for name in sorted(lookup.needs)])


def _representations(node: FieldNode) -> str:
    for argument in node.arguments or ():
        if argument.name.value == "representations" and isinstance(argument.value, VariableNode):
            return argument.value.name.value
    return ""


def _response_name(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _name(value: str) -> NameNode:
    return NameNode(value=value)


def _variable(name: str) -> VariableNode:
    return VariableNode(name=_name(name))

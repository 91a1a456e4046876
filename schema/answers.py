"""Answers looked at without telling what is in them: do they fit their schema, do two of them say the same.

Places are written without list indices ("parks[].name"), values by their kind alone. Pure.
Source: GraphQL specification, section 7 "Response" and 3.5 "Scalars".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_nullable_type,
    is_abstract_type,
)

MOST_ITEMS = 50
"""Items of a list that are looked at."""
_SCALARS: Mapping[str, tuple[type, ...]] = {
    "Int": (int,),
    "Float": (int, float),
    "String": (str,),
    "ID": (str, int),
    "Boolean": (bool,),
}


@dataclass(frozen=True, slots=True)
class Place:
    """``path`` is empty for the answer as a whole."""

    path: str
    message: str


@dataclass(slots=True)
class _Seen:
    wrong: dict[tuple[str, str], Place] = field(default_factory=dict)
    values: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    nulls: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True)
class Fit:
    """``wrong`` breaks the schema; ``empty`` are nullable fields that were null wherever they were asked."""

    wrong: tuple[Place, ...]
    empty: tuple[str, ...]


def fit(schema: GraphQLSchema, document: DocumentNode, data: Mapping[str, Any]) -> Fit:
    """How ``data`` fits the one operation of ``document``, which is valid for ``schema``."""
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    seen, root = _Seen(), schema.get_root_type(operation.operation)
    if root is not None:
        _Walk(schema, fragments, seen).object(operation.selection_set, root, data, "")
    empty = sorted(path for path, count in seen.nulls.items() if count == seen.values[path])
    return Fit(tuple(seen.wrong.values()), tuple(empty))


class _Walk:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], seen: _Seen
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._seen = seen

    def object(
        self, selections: SelectionSetNode, declared: GraphQLObjectType, value: Mapping[str, Any], path: str
    ) -> None:
        for node in self._fields(selections, declared):
            name = node.alias.value if node.alias else node.name.value
            place = f"{path}.{name}" if path else name
            given = declared.fields.get(node.name.value)
            if given is None:
                continue  # __typename and introspection
            if name not in value:
                self._wrong(place, "is missing")
                continue
            self._seen.values[place] += 1
            if value[name] is None and not isinstance(given.type, GraphQLNonNull):
                self._seen.nulls[place] += 1
            self._value(node, given.type, value[name], place)

    def _value(self, node: FieldNode, declared: GraphQLOutputType, value: Any, path: str) -> None:
        if value is None:
            if isinstance(declared, GraphQLNonNull):
                self._wrong(path, f"is null, and {declared} may not be")
            return
        nullable = get_nullable_type(declared)
        if isinstance(nullable, GraphQLList):
            if not isinstance(value, list):
                self._wrong(path, f"is {kind_of(value)}, and {declared} is a list")
                return
            for item in value[:MOST_ITEMS]:
                self._value(node, nullable.of_type, item, f"{path}[]")
        elif node.selection_set is not None:
            self._composite(node.selection_set, nullable, value, path)
        elif not _is_leaf(nullable, value):
            self._wrong(path, f"is {kind_of(value)}, and no {nullable}")

    def _composite(self, selections: SelectionSetNode, declared: Any, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            self._wrong(path, f"is {kind_of(value)}, and {declared} is an object")
            return
        if is_abstract_type(declared):
            declared = self._schema.type_map.get(str(value.get("__typename")))
        if isinstance(declared, GraphQLObjectType):
            self.object(selections, declared, value, path)

    def _fields(self, selections: SelectionSetNode, declared: GraphQLObjectType) -> Iterator[FieldNode]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if not node.directives:  # one under a condition need not be there
                    yield node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else declared.name
                if not node.directives and self._applies(condition, declared):
                    yield from self._fields(node.selection_set, declared)
            elif isinstance(node, FragmentSpreadNode) and not node.directives:
                fragment = self._fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, declared):
                    yield from self._fields(fragment.selection_set, declared)

    def _applies(self, condition: str, declared: GraphQLObjectType) -> bool:
        named = self._schema.type_map.get(condition)
        return named is declared or (is_abstract_type(named) and self._schema.is_sub_type(named, declared))

    def _wrong(self, path: str, message: str) -> None:
        self._seen.wrong.setdefault((path, message), Place(path, message))


def differences(live: Any, new: Any) -> tuple[Place, ...]:
    """Where two answers to one operation differ, each place and kind of difference once."""
    found = dict.fromkeys(_differences(live, new, ""))
    return tuple(found)


def _differences(live: Any, new: Any, path: str) -> Iterator[Place]:
    if isinstance(live, dict) and isinstance(new, dict):
        for name in sorted(live.keys() | new.keys()):
            yield from _differences(live.get(name), new.get(name), f"{path}.{name}" if path else name)
    elif isinstance(live, list) and isinstance(new, list):
        if len(live) != len(new):
            yield Place(path, f"{len(new)} items, and {len(live)} before")
        for one, other in zip(live[:MOST_ITEMS], new, strict=False):
            yield from _differences(one, other, f"{path}[]")
    elif kind_of(live) != kind_of(new):
        yield Place(path, f"{kind_of(new)}, and {kind_of(live)} before")
    elif live != new:
        yield Place(path, f"another value ({kind_of(new)})")


def kind_of(value: Any) -> str:
    """What a value is, without telling it."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def _is_leaf(declared: object, value: Any) -> bool:
    if isinstance(declared, GraphQLEnumType):
        return isinstance(value, str) and value in declared.values
    wanted = _SCALARS.get(str(declared))
    if wanted is None:  # a scalar of its own has any form
        return True
    if str(declared) == "Int" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))

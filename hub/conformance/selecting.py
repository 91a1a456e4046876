"""Which fields to ask of a type: all that need nothing; below it, of entities, keys and plain values. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    ast_from_value,
    get_named_type,
    is_leaf_type,
    parse,
    print_ast,
)

from connectors.connector import JSON
from hub.workbench.specification import SubgraphShape
from schema.mapping.links import federation_name

_DEPTH = 3
_OTHERS = ("external", "requires", "fromContext")
"""What a field with one of these is made of comes from elsewhere: it cannot be asked for alone."""


@dataclass(frozen=True, slots=True)
class RootField:
    """A root field that can be asked for, with values for the arguments that it needs."""

    type_name: str
    name: str
    field: GraphQLField
    arguments: Mapping[str, JSON]

    @property
    def coordinate(self) -> str:
        return f"{self.type_name}.{self.name}"


class Selecting:
    """Writes selections over one subgraph."""

    def __init__(self, shape: SubgraphShape, arguments: Mapping[str, Mapping[str, JSON]]) -> None:
        self._shape = shape
        self._arguments = arguments
        document = parse(shape.sdl)
        self._others = frozenset(federation_name(document, name) for name in _OTHERS)

    def root_fields(self, operation: str) -> tuple[RootField, ...]:
        """The root fields of an operation that can be asked for: without Federation's own, and without those for
        whose arguments nobody gave values."""
        type_name = self._shape.virtual.roots.get(operation, "")
        root = self._shape.schema.type_map.get(type_name)
        if not isinstance(root, GraphQLObjectType):
            return ()
        return tuple(
            RootField(type_name, name, field, self._arguments.get(f"{type_name}.{name}", {}))
            for name, field in root.fields.items()
            if not name.startswith("_") and self._can_be_asked(type_name, name, field)
        )

    def of(self, type_name: str) -> str:
        """The selection of a type, without braces."""
        named = self._shape.schema.type_map[type_name]
        return self._select(named, _DEPTH) if isinstance(named, GraphQLObjectType) else "__typename"

    def below(self, declared: GraphQLOutputType) -> str:
        """The selection set behind a field of this type; empty behind a plain value."""
        named = get_named_type(declared)
        return "" if is_leaf_type(named) else f" {{ {self._select(named, _DEPTH)} }}"

    def plain_fields(self, type_name: str) -> tuple[str, ...]:
        """The fields of a type that hold plain values and can be asked for."""
        named = self._shape.schema.type_map.get(type_name)
        fields = named.fields if isinstance(named, GraphQLObjectType) else {}
        return tuple(
            name
            for name, field in fields.items()
            if is_leaf_type(get_named_type(field.type)) and self._can_be_asked(type_name, name, field)
        )

    def _select(self, named: object, depth: int) -> str:
        match named:
            case GraphQLObjectType():
                return " ".join(("__typename", *self._members(named, depth)))
            case GraphQLUnionType() | GraphQLInterfaceType():
                possible = self._shape.schema.get_possible_types(named)
                keyed = (each for each in possible if each.name in self._shape.virtual.keys)
                return " ".join(("__typename", *(f"... on {e.name} {{ {self._key(e.name)} }}" for e in keyed)))
            case _:
                return "__typename"

    def _members(self, named: GraphQLObjectType, depth: int) -> Iterator[str]:
        chosen = set(self._key_fields(named.name))
        if chosen:
            yield self._key(named.name)
        for name, field in named.fields.items():
            if name in chosen or not self._can_be_asked(named.name, name, field):
                continue
            target = get_named_type(field.type)
            if is_leaf_type(target):
                yield name
            elif depth > 0 and not (depth < _DEPTH and named.name in self._shape.virtual.keys):
                arguments = written(self._arguments.get(f"{named.name}.{name}", {}), field.args)
                yield f"{name}{arguments} {{ {self._select(target, depth - 1)} }}"

    def _key(self, type_name: str) -> str:
        return " ".join(str(key.fields) for key in self._shape.virtual.keys.get(type_name, ()))

    def _key_fields(self, type_name: str) -> Iterator[str]:
        for key in self._shape.virtual.keys.get(type_name, ()):
            yield from key.field_names

    def _can_be_asked(self, type_name: str, name: str, field: GraphQLField) -> bool:
        given = self._arguments.get(f"{type_name}.{name}", {})
        lacking = [
            argument
            for argument, declared in field.args.items()
            if isinstance(declared.type, GraphQLNonNull) and declared.default is None and argument not in given
        ]
        node = self._shape.virtual.field_node(type_name, name)
        directives = {directive.name.value for directive in (node.directives if node else None) or ()}
        return not lacking and not directives & self._others


def written(given: Mapping[str, JSON], arguments: Mapping[str, GraphQLArgument]) -> str:
    """Arguments as GraphQL writes them, parentheses included; nothing for none. One that the field does not take
    is left out, so that the file of samples may outlive it."""
    taken = {name: value for name, value in given.items() if name in arguments}
    nodes = {name: ast_from_value(value, arguments[name].type) for name, value in taken.items()}
    texts = [f"{name}: {print_ast(node)}" for name, node in nodes.items() if node is not None]
    return f"({', '.join(texts)})" if texts else ""

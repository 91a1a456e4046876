"""The road's graph composed from its subgraphs' own words, and a query for every way to every field of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)

from hub.demo.connectors import KIND, connector_sdl
from hub.own_subgraph import NAME, own_sdl
from mocks import human_resources, public_security, tax_graph
from schema.composition import compose
from schema.subgraph import Subgraph

GUARDED = "Citizen"
PAGES = ("Connection", "Edge")
"""How Relay has the types of pages named."""
STATED = {
    "public-security": public_security.SCHEMA,
    "human-resources": human_resources.SCHEMA,
    "taxation": tax_graph.SCHEMA,
}


@dataclass(frozen=True, slots=True)
class Way:
    """A chain of fields from the query root to a leaf; ``types`` are the object types that it goes through."""

    types: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def coordinate(self) -> str:
        return f"{self.types[-1]}.{self.fields[-1]}"

    def __str__(self) -> str:
        return ".".join(self.fields)

    def plain(self, alias: str = "") -> str:
        """The selection below the root, each step narrowed to its type; with an alias on every field."""
        text = ""
        for place in reversed(range(len(self.fields))):
            name = self.fields[place] if not alias else f"{alias}{place}: {self.fields[place]}"
            narrowed = f"... on {self.types[place]} {{ {name} {text} }}" if place else f"{name} {text}"
            text = f"{{ {narrowed} }}"
        return text[1:-1].strip()

    def query(self) -> str:
        """Four spellings of the same way: plain, by aliases, by a nameless and by a named fragment."""
        root = self.types[0]
        return (
            f"query Way {{ {self.plain()} {self.plain('a')} ... {{ {self.plain('b')} }} ...Spread }} "
            f"fragment Spread on {root} {{ {self.plain('c')} }}"
        )


@lru_cache(maxsize=1)
def road_schema() -> GraphQLSchema:
    """What clients may name once all six departments are live."""
    departments = (Subgraph(name, _sdl(name)) for name in sorted(KIND))
    composition = compose((Subgraph(NAME, own_sdl()), *departments))
    assert composition.supergraph is not None, composition.errors
    return composition.supergraph.api_schema


def ways(schema: GraphQLSchema) -> Iterator[Way]:
    """A shortest way to every leaf that needs no argument; and, behind every other field that leads to a
    citizen, to each leaf of the citizen and to one of each object that belongs to them."""
    shortest = _shortest(schema)
    for name, (types, fields) in sorted(shortest.items()):
        for field_name, field in sorted(_fields(schema, name)):
            if _is_leaf(field):
                yield Way((*types, name), (*fields, field_name))
            elif name != GUARDED and fields and GUARDED in _targets(schema, field):
                for more_types, more_fields in _ends(schema, GUARDED):
                    yield Way((*types, name, *more_types), (*fields, field_name, *more_fields))


def _shortest(schema: GraphQLSchema) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each object type the types and fields that lead to it from the query root; breadth first."""
    assert schema.query_type is not None
    found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {schema.query_type.name: ((), ())}
    waiting = [schema.query_type.name]
    while waiting:
        name = waiting.pop(0)
        types, fields = found[name]
        for field_name, field in sorted(_fields(schema, name)):
            for target in sorted(_targets(schema, field)):
                if target not in found:
                    found[target] = ((*types, name), (*fields, field_name))
                    waiting.append(target)
    return found


def _fields(schema: GraphQLSchema, name: str) -> list[tuple[str, GraphQLField]]:
    declared = schema.type_map[name]
    assert isinstance(declared, GraphQLObjectType | GraphQLInterfaceType)
    return [
        (field_name, field)
        for field_name, field in declared.fields.items()
        if not any(is_required_argument(argument) for argument in field.args.values())
    ]


def _targets(schema: GraphQLSchema, field: GraphQLField) -> set[str]:
    target = get_named_type(field.type)
    if is_abstract_type(target):
        return {each.name for each in schema.get_possible_types(target)}
    return {target.name} if isinstance(target, GraphQLObjectType) else set()


def _ends(schema: GraphQLSchema, name: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Types and fields from a type to each of its leaves, and to the first leaf of each object below it; through
    the connections and edges of pages to what they hold."""
    for field_name, field in sorted(_fields(schema, name)):
        if _is_leaf(field):
            yield (name,), (field_name,)
        for target in sorted(_targets(schema, field)):
            for types, fields in _first_leaves(schema, target):
                yield (name, *types), (field_name, *fields)


def _first_leaves(schema: GraphQLSchema, name: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    leaves = [leaf for leaf, field in sorted(_fields(schema, name)) if _is_leaf(field)]
    if leaves:
        yield (name,), (leaves[0],)
    if name.endswith(PAGES):
        for field_name, field in sorted(_fields(schema, name)):
            for target in sorted(_targets(schema, field)):
                for types, fields in _first_leaves(schema, target):
                    yield (name, *types), (field_name, *fields)


def _is_leaf(field: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(field.type))


def _sdl(name: str) -> str:
    if name not in STATED:
        return connector_sdl(name)
    answer = STATED[name].execute_sync("{ _service { sdl } }")
    assert answer.data is not None, answer.errors
    return str(answer.data["_service"]["sdl"])

"""Random operations over an API schema: fields, aliases, fragments, arguments, conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_non_null_type,
)

VALUES = {"ID": '"1"', "String": '"text"', "Int": "3", "Boolean": "true"}


@dataclass
class Operations:
    """Draws operations. Not every one is valid: aliases may clash, which the caller filters out."""

    schema: GraphQLSchema
    random: Random
    variables: set[str] = field(default_factory=set)

    def query(self, depth: int = 4) -> str:
        root = self.schema.query_type
        assert root
        body = self._fields(root, depth) or ["__typename"]
        declared = ", ".join(f"${name}: Boolean!" for name in sorted(self.variables))
        return f"query{f'({declared})' if declared else ''} {{ {' '.join(body)} }}"

    def _selection(self, place: GraphQLNamedType, depth: int) -> str:
        parts = self._fields(place, depth)
        if is_abstract_type(place):
            for one in sorted(self.schema.get_possible_types(place), key=lambda one: one.name):
                inner = self._fields(one, depth) if self._happens(0.6) else []
                if inner:
                    parts.append(f"... on {one.name}{self._condition()} {{ {' '.join(inner)} }}")
        if not parts or self._happens(0.2):
            parts.append("__typename")
        return " ".join(parts)

    def _fields(self, place: GraphQLNamedType, depth: int) -> list[str]:
        if not isinstance(place, GraphQLObjectType | GraphQLInterfaceType):
            return []
        fields = (self._field(name, one, depth) for name, one in place.fields.items() if self._happens(0.5))
        return [one for one in fields if one]

    def _field(self, name: str, definition: GraphQLField, depth: int) -> str:
        named = get_named_type(definition.type)
        alias = f"{self.random.choice(('id', 'name', 'sku', 'other'))}: " if self._happens(0.1) else ""
        given = [
            f"{argument}: {VALUES[get_named_type(one.type).name]}"
            for argument, one in definition.args.items()
            if is_non_null_type(one.type) or self._happens(0.5)
        ]
        arguments = f"({', '.join(given)})" if given else ""
        head = f"{alias}{name}{arguments}{self._condition()}"
        if not is_composite_type(named):
            return head
        return f"{head} {{ {self._selection(named, depth - 1)} }}" if depth else ""

    def _condition(self) -> str:
        if not self._happens(0.15):
            return ""
        variable = self.random.choice(("x", "y"))
        self.variables.add(variable)
        return f" @{self.random.choice(('skip', 'include'))}(if: ${variable})"

    def _happens(self, chance: float) -> bool:
        return self.random.random() > 1 - chance  # a shrunk draw selects less

"""A FieldSet: the selection inside ``@key``, ``@requires`` and ``@provides`` ("id owner { id }").

Parsed once, kept as a value, printed in one canonical form. Source: Federation 2, "FieldSet scalar".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from graphql import (
    FieldNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    SelectionSetNode,
    parse,
    print_ast,
)


@dataclass(frozen=True, slots=True)
class FieldSelection:
    """One field of a FieldSet. ``arguments`` is GraphQL text without the parentheses, usually empty."""

    name: str
    arguments: str = ""
    alias: str | None = None
    selections: tuple[Selection, ...] = ()

    def __str__(self) -> str:
        alias = f"{self.alias}: " if self.alias else ""
        arguments = f"({self.arguments})" if self.arguments else ""
        body = f" {{ {print_selections(self.selections)} }}" if self.selections else ""
        return f"{alias}{self.name}{arguments}{body}"


@dataclass(frozen=True, slots=True)
class FragmentSelection:
    """``... on Type { … }`` inside a FieldSet."""

    type_name: str | None
    selections: tuple[Selection, ...]

    def __str__(self) -> str:
        condition = f" on {self.type_name}" if self.type_name else ""
        return f"...{condition} {{ {print_selections(self.selections)} }}"


Selection = FieldSelection | FragmentSelection


@dataclass(frozen=True, slots=True)
class FieldSet:
    """A parsed FieldSet. Two with the same text in canonical form are equal."""

    selections: tuple[Selection, ...]

    def is_same(self, other: FieldSet) -> bool:
        """Whether both select the same, in whatever order."""
        return _sorted(self.selections) == _sorted(other.selections)

    def __str__(self) -> str:
        return print_selections(self.selections)


class FieldSetSyntaxError(ValueError):
    """The text between the quotes is not a selection of fields."""


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> FieldSet:
    """Read ``"id owner { id }"``; braces around the whole are allowed. Raises :class:`FieldSetSyntaxError`."""
    source = text.strip()
    if not source.startswith("{"):
        source = f"{{ {source} }}"
    try:
        document = parse(source, no_location=True)
    except GraphQLSyntaxError as error:
        raise FieldSetSyntaxError(error.message) from error
    (definition,) = document.definitions[:1]
    selection_set = getattr(definition, "selection_set", None)
    if len(document.definitions) != 1 or not isinstance(selection_set, SelectionSetNode):
        raise FieldSetSyntaxError("A field set is one selection of fields.")
    return FieldSet(_read(selection_set))


def print_selections(selections: tuple[Selection, ...]) -> str:
    """The canonical text, without outer braces."""
    return " ".join(str(selection) for selection in selections)


def _sorted(selections: tuple[Selection, ...]) -> tuple[Selection, ...]:
    every = (replace(one, selections=_sorted(one.selections)) for one in selections)
    return tuple(sorted(every, key=str))


def _read(node: SelectionSetNode) -> tuple[Selection, ...]:
    return tuple(_read_one(selection) for selection in node.selections)


def _read_one(node: object) -> Selection:
    if isinstance(node, FieldNode):
        return FieldSelection(
            name=node.name.value,
            arguments=", ".join(print_ast(argument) for argument in node.arguments or ()),
            alias=node.alias.value if node.alias else None,
            selections=_read(node.selection_set) if node.selection_set else (),
        )
    if isinstance(node, InlineFragmentNode):
        condition = node.type_condition.name.value if node.type_condition else None
        return FragmentSelection(condition, _read(node.selection_set))
    raise FieldSetSyntaxError("A field set has fields and inline fragments, no named fragments.")

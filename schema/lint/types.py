"""Which types things have: nullability, identifiers, times, money, and lists without an end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from schema.lint.finding import LintFinding, Severity, place
from schema.lint.schema_parts import FieldPart, own_fields
from schema.subgraph import ValidSubgraph

_IDENTIFIER = re.compile(r"id|.*(?:[a-z0-9]I[dD]|_id)")
_TIME = re.compile(r"(?:date|time|.*(?:[a-z0-9](?:Date|Time|At)|_(?:date|time|at))|valid(?:From|Until|To))")
_MONEY = re.compile(r"(?:.*[a-z])?(?:amount|price|fee|balance|salary)s?", re.IGNORECASE)
_PAGES = re.compile(
    r"first|last|limit|(?:page)?size|perpage|page|count|top|take|after|before|offset", re.IGNORECASE
)


def list_items(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    """``[Park]`` makes every client ask what an absent park among parks means."""
    for part in own_fields(subgraph):
        items = _items(part.field.type)
        if items is not None and is_composite_type(items):
            shown = f"[{items.name}!]"
            message = f'The items of "{part.path}" may be null. Give {shown}, or say what a null item means.'
            yield _finding(subgraph, "LIST_ITEM_NULLABLE", Severity.WARNING, part, message)


def endless_lists(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    """A root field with a list of objects grows with the department's data unless the client can say how many."""
    query = subgraph.schema.query_type
    for part in own_fields(subgraph):
        is_list = is_list_type(get_nullable_type(part.field.type))
        if part.parent is not query or not is_list or not is_composite_type(get_named_type(part.field.type)):
            continue
        is_bounded = any(
            _PAGES.fullmatch(name) or is_list_type(get_nullable_type(argument.type))
            for name, argument in part.field.args.items()
        )
        if not is_bounded and subgraph.rules(part.parent.name, part.name).gather is None:
            message = f'"{part.path}" gives a list without an end. Take "first" and "after", or a list of keys.'
            yield _finding(subgraph, "LIST_WITHOUT_PAGES", Severity.WARNING, part, message)


def nullable_keys(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    """An object without its key cannot be asked for elsewhere."""
    keys = {
        f"{name}.{selection.name}"
        for name, rules in subgraph.types.items()
        for key in rules.keys
        for selection in key.fields.selections
        if hasattr(selection, "name")
    }
    for part in own_fields(subgraph):
        if part.path in keys and not isinstance(part.field.type, GraphQLNonNull):
            message = f'Key field "{part.path}" may be null. Make it "{part.field.type}!".'
            yield _finding(subgraph, "KEY_FIELD_NULLABLE", Severity.WARNING, part, message)


def identifiers(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    for part in own_fields(subgraph):
        if _IDENTIFIER.fullmatch(part.name) and _scalar(part) in ("String", "Int", "Float"):
            message = f'"{part.path}" is an identifier of type {_scalar(part)}. Give it the type ID.'
            yield _finding(subgraph, "IDENTIFIER_NOT_ID", Severity.WARNING, part, message)


def times(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    for part in own_fields(subgraph):
        if _TIME.fullmatch(part.name) and _scalar(part) == "String":
            message = f'"{part.path}" seems to be a date or time and is a String. Use "scalar Date" or "DateTime".'
            yield _finding(subgraph, "TIME_AS_STRING", Severity.INFO, part, message)


def money(subgraph: ValidSubgraph) -> Iterator[LintFinding]:
    for part in own_fields(subgraph):
        if _MONEY.fullmatch(part.name) and _scalar(part) == "Float":
            message = f'"{part.path}" seems to be money and is a Float, which rounds. Give whole fen as Int.'
            yield _finding(subgraph, "MONEY_AS_FLOAT", Severity.WARNING, part, message)


def _items(declared: GraphQLOutputType) -> object:
    """The type of a list's items where they may be null."""
    nullable = get_nullable_type(declared)
    if not isinstance(nullable, GraphQLList):
        return None
    return None if isinstance(nullable.of_type, GraphQLNonNull) else nullable.of_type


def _scalar(part: FieldPart) -> str:
    return str(get_nullable_type(part.field.type))


def _finding(subgraph: ValidSubgraph, code: str, severity: Severity, part: FieldPart, message: str) -> LintFinding:
    return LintFinding(code, severity, part.path, message, place(subgraph.name, part.node))

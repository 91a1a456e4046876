"""What the arguments of a field ask for: objects by key, a selection of them, a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from mocks.generated.naming import split_words
from mocks.generated.subgraph import FieldSet, Subgraph
from mocks.generated.world import has_all

PAGING = frozenset(
    {
        "first", "after", "last", "before", "limit", "offset", "page", "pagesize", "perpage", "size", "take",
        "skip", "top", "cursor", "pagenumber", "pagenum", "pageno", "maxresults", "start",
    }
)  # fmt: skip


def squeezed(name: str) -> str:
    return "".join(split_words(name))


def flattened(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with the fields of input objects among them; the outer ones first."""
    found: dict[str, Any] = dict(arguments)
    for value in arguments.values():
        if isinstance(value, Mapping):
            for name, inner in flattened(value).items():
                found.setdefault(name, inner)
    return found


def paging(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that say which page, by their names in lower case without separators."""
    return {
        squeezed(name): value
        for name, value in flattened(arguments).items()
        if squeezed(name) in PAGING and value is not None
    }


def salt_of(arguments: Mapping[str, Any]) -> str:
    """What the arguments are, as far as they change a value."""
    told = {name: value for name, value in arguments.items() if value is not None and squeezed(name) not in PAGING}
    return json.dumps(told, sort_keys=True, ensure_ascii=False, default=str) if told else ""


def key_from(subgraph: Subgraph, type_name: str, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
    """The key of an object of that type which the arguments spell, ``None`` where they spell none."""
    flat = flattened(arguments)
    for key in subgraph.keys_of(type_name) or ((("id", ()),),):
        values = {name: flat[given] for name, _ in key if (given := _spelt(flat, name, type_name)) is not None}
        if has_all(values, key) and not any(isinstance(value, list) for value in values.values()):
            return values
    return None


def keys_from(subgraph: Subgraph, type_name: str, arguments: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The keys of a list of objects: ``ids: [ID!]!``, ``keys: [{…}]``. ``None`` where there are none."""
    lists = {name: value for name, value in flattened(arguments).items() if isinstance(value, list)}
    for key in subgraph.keys_of(type_name) or ((("id", ()),),):
        for name, values in lists.items():
            if values and all(isinstance(each, Mapping) and has_all(each, key) for each in values):
                return [{part: each[part] for part, _ in key} for each in values]
            if len(key) == 1 and not key[0][1] and _is_plural(name, key[0][0], type_name):
                return [{key[0][0]: each} for each in values if not isinstance(each, list | Mapping)]
    return None


def _spelt(flat: Mapping[str, Any], field_name: str, type_name: str) -> str | None:
    """The argument that gives a field: ``id``, ``productId``, ``product_id``."""
    wanted = {squeezed(field_name), squeezed(type_name) + squeezed(field_name)}
    wanted |= {"id", squeezed(type_name)} & {squeezed(name) for name in flat} if field_name == "id" else set()
    return next((n for n, value in flat.items() if squeezed(n) in wanted and value is not None), None)


def _is_plural(name: str, field_name: str, type_name: str) -> bool:
    bare = squeezed(name)
    singular = {bare.removesuffix("s"), bare.removesuffix("list"), re.sub("ies$", "y", bare)}
    return bool(singular & {squeezed(field_name), squeezed(type_name) + squeezed(field_name)})


def filters(subgraph: Subgraph, type_name: str, arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Fields of few values (enums, booleans) that the arguments demand of each object."""
    named = subgraph.type(type_name)
    if not isinstance(named, GraphQLObjectType):
        return
    for name, value in flattened(arguments).items():
        declared = named.fields.get(name)
        if declared is None or value is None:
            continue
        leaf = get_named_type(declared.type)
        if isinstance(leaf, GraphQLEnumType) or leaf.name == "Boolean":
            yield name, value


def owner_from(
    subgraph: Subgraph, type_name: str, arguments: Mapping[str, Any]
) -> tuple[str, str, dict[str, Any]] | None:
    """The object whose the listed ones are: ``reviews(productId:)`` where a Review has a Product. The field
    that leads there, its type, and the key."""
    named = subgraph.type(type_name)
    if not isinstance(named, GraphQLObjectType):
        return None
    flat = flattened(arguments)
    for name, declared in named.fields.items():
        target = get_named_type(declared.type)
        if not isinstance(target, GraphQLObjectType) or not subgraph.is_identified(target.name):
            continue
        for key in subgraph.keys_of(target.name) or ((("id", ()),),):
            values = _owner_key(flat, name, target.name, key)
            if values is not None:
                return name, target.name, values
    return None


def _owner_key(flat: Mapping[str, Any], field_name: str, type_name: str, key: FieldSet) -> dict[str, Any] | None:
    values = {}
    for part, _ in key:
        wanted = {squeezed(owner) + squeezed(part) for owner in (field_name, type_name)}
        wanted |= {squeezed(part)} if part != "id" and len(squeezed(part)) > 4 else set()
        found = next((n for n in flat if squeezed(n) in wanted and not isinstance(flat[n], list)), None)
        if found is None or flat[found] is None:
            return None
        values[part] = flat[found]
    return values

"""Guess keys: ``GET /things/{id}`` that gives an object with an ``id`` finds that object by it.

Source: Federation 2, "Entities"; the public Apollo Connectors convention, ``entity: true``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from schema.drafting.graph import Field, Graph, Leaf, Named, ObjectType
from schema.drafting.names import same_word
from schema.drafting.operations import Argument, RootField

_KEY_TYPES = frozenset({"String", "Int", "Long", "UUID"})
_ENDS_IN_ARGUMENT = re.compile(r"/\{\$args\.[A-Za-z0-9_]+\}\Z")


def guess_keys(graph: Graph, fields: Iterable[RootField]) -> None:
    """Marks the fields that find entities, and the types that they find. The shortest path to a type wins."""
    for field in sorted(fields, key=lambda each: (each.path.count("/"), len(each.path))):
        if not field.is_read or not isinstance(field.type, Named) or field.body_argument is not None:
            continue
        found = graph.objects.get(field.type.name)
        if found is None or not _ENDS_IN_ARGUMENT.search(field.path):
            continue
        pairs = _matched(field, found)
        key = tuple(each.name for _, each in pairs)
        if pairs and key not in found.keys:
            _take(field, found, pairs)


def _matched(field: RootField, found: ObjectType) -> list[tuple[Argument, Field]]:
    """Each argument of the path with the property that it is; nothing where one has none, or another is needed."""
    in_path = [each for each in field.arguments if f"{{$args.{each.name}}}" in field.path]
    if field.path.count("{") != len(in_path):
        return []
    if any(not each.is_nullable and each.default is None and each not in in_path for each in field.arguments):
        return []
    pairs: list[tuple[Argument, Field]] = []
    for argument in in_path:
        match = _property_for(argument, found, is_last=argument is in_path[-1])
        if match is None or any(match is known for _, known in pairs):
            return []
        if any(other is not argument and other.name == match.name for other in field.arguments):
            return []
        pairs.append((argument, match))
    return pairs


def _property_for(argument: Argument, found: ObjectType, *, is_last: bool) -> Field | None:
    named = [each for each in found.fields.values() if same_word(each.key, argument.source)]
    if not named and is_last and re.search(r"(?:id|Id|ID|uuid)\Z", argument.source):
        named = [each for each in found.fields.values() if each.key in ("id", "ID", "Id", "_id", "uuid")]
    match = next(iter(named), None)
    fits = match is not None and isinstance(match.type, Leaf) and match.type.name in _KEY_TYPES
    return (
        match if fits and isinstance(argument.type, Leaf) and argument.type.name in {*_KEY_TYPES, "ID"} else None
    )


def _take(field: RootField, found: ObjectType, pairs: list[tuple[Argument, Field]]) -> None:
    for argument, match in pairs:
        field.path = field.path.replace(f"{{$args.{argument.name}}}", f"{{$args.{match.name}}}")
        argument.name, argument.type = match.name, Leaf("ID")
        match.type = Leaf("ID")
    found.keys.append(tuple(each.name for _, each in pairs))
    found.reviews.append(f'the key "{" ".join(found.keys[-1])}" is guessed from {field.operation}')
    field.is_entity = True

"""Check a filled form against an item's JSON Schema; the part of draft 2020-12 that forms need.

A keyword that is not known here is refused when the catalogue is read (``unknown_keywords``), so that no
rule of a form is ever silently ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_ANNOTATIONS = {
    "title",
    "title_en",
    "enum_titles",
    "enum_titles_en",
    "description",
    "description_en",
    "default",
    "format",
    "$schema",
}
_RULES = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "minLength", "maxLength",
    "pattern", "minimum", "maximum", "minItems", "maxItems",
}  # fmt: skip
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def problems(schema: Mapping[str, Any], value: Any, path: str = "form") -> Iterator[str]:
    """Everything that is wrong with ``value``, each with its place and the mend."""
    expected = schema.get("type")
    if expected is not None and not _is_of_type(value, expected):
        yield f"`{path}` must be of type {expected}."
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"`{path}` must be one of: {', '.join(map(str, schema['enum']))}."
    if isinstance(value, dict):
        yield from _object_problems(schema, value, path)
    elif isinstance(value, list):
        yield from _list_problems(schema, value, path)
    elif isinstance(value, str):
        yield from _string_problems(schema, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_problems(schema, value, path)


def unknown_keywords(schema: Mapping[str, Any]) -> Iterator[str]:
    """Keywords of a form's schema that :func:`problems` would not honour."""
    yield from sorted(set(schema) - _RULES - _ANNOTATIONS)
    for part in schema.get("properties", {}).values():
        yield from unknown_keywords(part)
    if "items" in schema:
        yield from unknown_keywords(schema["items"])


def _is_of_type(value: Any, expected: str) -> bool:
    if isinstance(value, bool):
        return expected == "boolean"
    return isinstance(value, _TYPES[expected])


def _object_problems(schema: Mapping[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"`{path}.{name}` is missing."
    for name, part in value.items():
        if name in properties:
            yield from problems(properties[name], part, f"{path}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"`{path}.{name}` is not part of this form."


def _list_problems(schema: Mapping[str, Any], value: list[Any], path: str) -> Iterator[str]:
    if len(value) < schema.get("minItems", 0):
        yield f"`{path}` needs at least {schema['minItems']} entries."
    if len(value) > schema.get("maxItems", len(value)):
        yield f"`{path}` may have at most {schema['maxItems']} entries."
    for position, part in enumerate(value):
        yield from problems(schema.get("items", {}), part, f"{path}[{position}]")


def _string_problems(schema: Mapping[str, Any], value: str, path: str) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"`{path}` needs at least {schema['minLength']} characters."
    if len(value) > schema.get("maxLength", len(value)):
        yield f"`{path}` may have at most {schema['maxLength']} characters."
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        yield f"`{path}` does not have the form {schema['pattern']}."


def _number_problems(schema: Mapping[str, Any], value: float, path: str) -> Iterator[str]:
    if value < schema.get("minimum", value):
        yield f"`{path}` must be at least {schema['minimum']}."
    if value > schema.get("maximum", value):
        yield f"`{path}` must be at most {schema['maximum']}."

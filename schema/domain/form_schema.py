"""Whether an item's form can be checked and shown as it stands: every keyword known and of the right kind.

``schema_problems`` is what must hold for each form of the catalogue; ``advice`` is what a new one should hold too.
Source: JSON Schema 2020-12; docs/forms.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schema.domain.form import TYPES
from schema.domain.form_format import FORMATS

DEEPEST = 8
MOST_FIELDS = 150
LONGEST_WITH_PATTERN = 1_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_REPEATED_REPEAT = re.compile(r"\((?:[^()\\]|\\.)*(?<!\\)[*+}](?:[^()\\]|\\.)*\)[*+{]")
"""A repeated group in which something repeats: a text can be found that keeps the hub busy for years."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_anything(_value: Any) -> bool:
    return True


def _is_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _is_choices(value: Any) -> bool:
    scalars = (str, int, float, bool, type(None))
    return isinstance(value, list | tuple) and len(value) > 0 and all(isinstance(each, scalars) for each in value)


def _is_schema(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_schemas(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > 0 and all(map(_is_schema, value))


def _is_fields(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_schema, value.values()))


def _is_dependencies(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_names, value.values()))


def _is_pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("title", "title_en", "description", "description_en", "$schema"), (_is_text, "a text")),
    **dict.fromkeys(("enum_titles", "enum_titles_en", "required"), (_is_names, "a list of texts")),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), (_is_count, "a whole number from 0")),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (_is_number, "a number")),
    **dict.fromkeys(("if", "then", "else", "not", "items"), (_is_schema, "a schema")),
    **dict.fromkeys(("allOf", "anyOf"), (_is_schemas, "a list of schemas")),
    **dict.fromkeys(("default", "const"), (_is_anything, "anything")),
    **dict.fromkeys(("additionalProperties", "uniqueItems"), (_is_flag, "true or false")),
    "type": (lambda value: _is_text(value) and value in TYPES, f"one of {', '.join(TYPES)}"),
    "format": (lambda value: _is_text(value) and value in FORMATS, f"one of {', '.join(FORMATS)}"),
    "enum": (_is_choices, "a list of choices"),
    "pattern": (_is_pattern, "a regular expression"),
    "properties": (_is_fields, "fields with a schema each"),
    "dependentRequired": (_is_dependencies, "fields with a list of fields each"),
}


def schema_problems(schema: Mapping[str, Any], path: str = "form", depth: int = 1) -> Iterator[str]:
    """What keeps a form from being checked; each line names the place and the mend."""
    if depth > DEEPEST:
        yield f"`{path}` lies more than {DEEPEST} levels deep. Make the form flatter."
        return
    is_sound = True
    for keyword in sorted(schema):
        if keyword not in _KINDS:
            yield f'`{path}` uses "{keyword}", which is not checked. Use another keyword.'
        elif not _KINDS[keyword][0](schema[keyword]):
            is_sound = False
            yield f'"{keyword}" of `{path}` must be {_KINDS[keyword][1]}.'
    if "if" not in schema and ("then" in schema or "else" in schema):
        yield f"`{path}` has `then` or `else` without `if`. Add the condition."
    if is_sound:
        for where, part in _parts(schema, path):
            yield from schema_problems(part, where, depth + 1)


def advice(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Place and mend of what a person would stumble over. ``schema`` has no :func:`schema_problems`."""
    fields = dict(_all_fields(schema, "form"))
    if len(fields) > MOST_FIELDS:
        yield "form", f"It has {len(fields)} fields. Nobody fills in more than {MOST_FIELDS}."
    for path, part in fields.items():
        if not _NAME.fullmatch(path.rpartition(".")[2].removesuffix("[]")):
            yield path, "A field's name has letters, digits and `_`, and begins with a letter."
        if not path.endswith("[]") and not (part.get("title") and part.get("title_en")):
            yield path, "Give `title` and `title_en`."
        if part.get("type") is None:
            yield path, "Give its `type`."
        if part.get("type") == "array" and "items" not in part:
            yield path, "Say by `items` what its entries are."
        if "format" in part and part.get("type") != "string":
            yield path, "Only a string has a `format`."
    for path, part in _all_schemas(schema, "form"):
        if _REPEATED_REPEAT.search(part.get("pattern", "")):
            yield path, "The pattern repeats what repeats. Write it so that it can be read in one way only."
        if "pattern" in part and part.get("maxLength", LONGEST_WITH_PATTERN + 1) > LONGEST_WITH_PATTERN:
            yield path, f"What is matched by a pattern has a `maxLength` of at most {LONGEST_WITH_PATTERN}."
        for name in _named(part):
            if f"{_place_of(path)}.{name}" not in fields:
                yield path, f'It names "{name}", which is no field of the form. Add the field.'
        wanted = part.get("if", {}).get("properties", {})
        for name in wanted:
            if name not in (*part["if"].get("required", ()), *part.get("required", ())):
                yield path, f'`if` holds also where "{name}" is not answered. Add it to the `required` of `if`.'


def conditional_fields(schema: Mapping[str, Any]) -> frozenset[str]:
    """The fields of the form itself that are asked for only after certain answers."""
    found: set[str] = set()
    for others in schema.get("dependentRequired", {}).values():
        found.update(others)
    branches = (schema[branch] for branch in ("then", "else") if branch in schema)
    for part in (*schema.get("allOf", ()), *branches):
        found.update(part.get("required", ()))
        found |= conditional_fields(part)
    return frozenset(found) - set(schema.get("required", ()))


def _parts(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schemas right inside one; those of conditions speak of the same value."""
    for name, part in schema.get("properties", {}).items():
        yield f"{path}.{name}", part
    if "items" in schema:
        yield f"{path}[]", schema["items"]
    for keyword in ("if", "then", "else", "not"):
        if keyword in schema:
            yield f"{path}/{keyword}", schema[keyword]
    for keyword in ("allOf", "anyOf"):
        for number, part in enumerate(schema.get(keyword, ())):
            yield f"{path}/{keyword}[{number}]", part


def _all_schemas(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield path, schema
    for where, part in _parts(schema, path):
        yield from _all_schemas(part, where)


def _all_fields(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Fields that are asked, not those that conditions speak of."""
    for name, part in schema.get("properties", {}).items():
        yield f"{path}.{name}", part
        yield from _all_fields(part, f"{path}.{name}")
    if "items" in schema:
        yield from _all_fields(schema["items"], f"{path}[]")


def _named(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from schema.get("required", ())
    yield from schema.get("properties", {})
    for name, others in schema.get("dependentRequired", {}).items():
        yield name
        yield from others


def _place_of(path: str) -> str:
    """The value of which a condition speaks: ``form.kind`` for ``form.kind/allOf[0]/then``."""
    return re.sub(r"/[A-Za-z]+(?:\[\d+\])?", "", path)

"""An item's form (JSON Schema) as fields of a page, and what was typed as the form's JSON.

Only what the catalogue's forms use: strings, whole numbers, booleans and enums of one object. The hub
checks again; here is looked at what a person can mend at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from hub.portal.language import Texts

LONG_TEXT = 200
_WHOLE = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``value`` is what was typed, ``shown`` how it reads on the page with the answers."""

    id: str
    label: str
    kind: str
    required: bool
    value: str = ""
    shown: str = ""
    options: tuple[tuple[str, str], ...] = ()
    longest: int | None = None
    least: int | None = None
    most: int | None = None


def fields_of(form: Mapping[str, Any], typed: Mapping[str, str], texts: Texts) -> tuple[Field, ...]:
    """The form's fields in its order, with what was typed so far."""
    required = set(form.get("required", ()))
    return tuple(
        _field(name, schema, name in required, typed.get(name, "").strip(), texts)
        for name, schema in form.get("properties", {}).items()
    )


def read_form(fields: tuple[Field, ...], texts: Texts) -> tuple[dict[str, Any], dict[str, str]]:
    """The form's JSON, and what is wrong by field."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        if field.kind == "boolean":
            values[field.id] = bool(field.value)
        elif not field.value:
            if field.required:
                wrong[field.id] = texts("file.missing", label=field.label)
        elif field.kind == "number":
            if problem := _number_problem(field, texts):
                wrong[field.id] = problem
            else:
                values[field.id] = int(field.value)
        elif field.longest is not None and len(field.value) > field.longest:
            wrong[field.id] = texts("file.too_long", label=field.label, limit=field.longest)
        else:
            values[field.id] = field.value
    return values, wrong


def _number_problem(field: Field, texts: Texts) -> str | None:
    """What is wrong with a whole number, if anything. Digits of other scripts are no number here."""
    if not _WHOLE.fullmatch(field.value):
        return texts("file.no_number", label=field.label)
    if field.least is not None and int(field.value) < field.least:
        return texts("file.too_small", label=field.label, limit=field.least)
    if field.most is not None and int(field.value) > field.most:
        return texts("file.too_large", label=field.label, limit=field.most)
    return None


def _field(name: str, schema: Mapping[str, Any], required: bool, value: str, texts: Texts) -> Field:
    label = texts.pick(schema.get("title", name), schema.get("title_en", name))
    kind = _kind(schema)
    options = _options(schema, texts)
    shown = dict(options).get(value, value)
    if kind == "boolean":
        shown = texts("file.yes") if value else texts("file.no")
    return Field(
        name,
        label,
        kind,
        required,
        value,
        shown,
        options,
        longest=schema.get("maxLength"),
        least=schema.get("minimum"),
        most=schema.get("maximum"),
    )


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "enum"
    kind = {"integer": "number", "boolean": "boolean"}.get(str(schema.get("type")), "text")
    return "long" if kind == "text" and schema.get("maxLength", 0) >= LONG_TEXT else kind


def _options(schema: Mapping[str, Any], texts: Texts) -> tuple[tuple[str, str], ...]:
    """Each choice with its title; a choice without one stands for itself."""
    choices = [str(each) for each in schema.get("enum", ())]
    chinese, english = schema.get("enum_titles", ()), schema.get("enum_titles_en", ())
    titles = zip_longest(chinese[: len(choices)], english[: len(choices)])
    return tuple(
        (choice, texts.pick(*(title or ("", ""))) or choice) for choice, title in zip_longest(choices, titles)
    )

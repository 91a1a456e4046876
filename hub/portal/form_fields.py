"""An item's form (JSON Schema) as fields of a page. What was typed is read by :mod:`hub.portal.form_reading`.

A group of fields is an object; a list of choices is a box for each; a list of texts is a line for each; a list of
objects is some rows, of which empty ones count for nothing. So a new item needs no page of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from hub.portal.language import Texts
from schema.domain.form_schema import conditional_fields

LONG_TEXT = 200
MOST_ROWS = 5
CONTROLS = frozenset({"key", "draft", "whose", "step", "csrf"})
"""Names that the page's own inputs have."""
_INPUTS: Mapping[str, tuple[str, str, str]] = {
    "date": ("date", "", "off"),
    "email": ("email", "email", "email"),
    "uri": ("url", "url", "url"),
    "cn-mobile": ("tel", "tel", "tel"),
    "cn-telephone": ("tel", "tel", "tel"),
    "cn-postal-code": ("text", "numeric", "postal-code"),
    "cn-bank-card": ("text", "numeric", "off"),
    "cn-resident-id": ("text", "", "off"),
    "cn-credit-code": ("text", "", "off"),
}
"""Type, keyboard and what the browser may fill in, by format."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``value`` is what was typed, ``shown`` how it reads on the page with the answers.

    ``id`` is the input's name; ``top`` the form's own field that it belongs to; ``group`` the heading above it.
    ``is_conditional``: asked for after certain other answers. ``is_in_row``: of a row that may stay empty.
    """

    id: str
    label: str
    kind: str
    required: bool
    value: str = ""
    shown: str = ""
    options: tuple[tuple[str, str], ...] = ()
    longest: int | None = None
    hint: str = ""
    group: str = ""
    top: str = ""
    is_conditional: bool = False
    is_in_row: bool = False
    type: str = "text"
    keyboard: str = ""
    autocomplete: str = ""


def fields_of(form: Mapping[str, Any], typed: Mapping[str, str], texts: Texts) -> tuple[Field, ...]:
    """The form's fields in its order, with what was typed so far."""
    found = _Fields(typed, texts)
    conditional = conditional_fields(form)
    return tuple(
        replace(field, top=name, is_conditional=name in conditional and not field.group)
        for name, part in form.get("properties", {}).items()
        for field in found.of(part, input_name(name), name in form.get("required", ()))
    )


def input_name(field: str) -> str:
    """The name of the form's own field on the page."""
    return f"form-{field}" if field in CONTROLS else field


def rows_of(schema: Mapping[str, Any]) -> int:
    """How many rows a list of objects has on a page."""
    return max(1, min(int(schema.get("maxItems", MOST_ROWS)), MOST_ROWS))


@dataclass(frozen=True, slots=True)
class _Fields:
    typed: Mapping[str, str]
    texts: Texts

    def of(
        self, schema: Mapping[str, Any], id: str, is_required: bool, group: str = "", *, is_in_row: bool = False
    ) -> Iterator[Field]:
        label = self._label(schema, id)
        kind = schema.get("type")
        entries = schema.get("items", {})
        if kind == "object":
            yield from self._group(schema, id, f"{group} {label}".strip(), is_in_row=is_in_row)
        elif kind == "array" and "enum" in entries:
            for number, (_, title) in enumerate(_options(entries, self.texts)):
                yield self._box(title, f"{id}.{number}", label, is_in_row=is_in_row)
        elif kind == "array" and entries.get("type") == "object":
            for number in range(rows_of(schema)):
                row = f"{label} {number + 1}"
                yield from self._group(entries, f"{id}.{number}", row, is_in_row=True)
        elif kind == "boolean":
            box = self._box(label, id, group, is_in_row=is_in_row)
            yield replace(box, hint=self._hint(schema))
        else:
            yield self._field(schema, id, label, is_required, group, is_in_row=is_in_row)

    def _group(self, schema: Mapping[str, Any], id: str, group: str, *, is_in_row: bool) -> Iterator[Field]:
        required, conditional = schema.get("required", ()), conditional_fields(schema)
        for name, part in schema.get("properties", {}).items():
            for field in self.of(part, f"{id}.{name}", name in required, group, is_in_row=is_in_row):
                yield replace(field, is_conditional=name in conditional)

    def _box(self, label: str, id: str, group: str, *, is_in_row: bool) -> Field:
        value = self._typed(id)
        shown = self.texts("file.yes") if value else self.texts("file.no")
        return Field(id, label, "boolean", False, value, shown, group=group, is_in_row=is_in_row)

    def _field(
        self, schema: Mapping[str, Any], id: str, label: str, is_required: bool, group: str, *, is_in_row: bool
    ) -> Field:
        value, options = self._typed(id), _options(schema, self.texts)
        type_, keyboard, autocomplete = _INPUTS.get(schema.get("format", ""), ("text", "", ""))
        kind = _kind(schema)
        return Field(
            id,
            label,
            kind,
            is_required,
            value,
            dict(options).get(value, value),
            options,
            longest=schema.get("maxLength"),
            hint=self.texts("file.lines") if kind == "lines" else self._hint(schema),
            group=group,
            is_in_row=is_in_row,
            type=type_,
            keyboard=keyboard or {"integer": "numeric", "number": "decimal"}.get(str(schema.get("type")), ""),
            autocomplete=autocomplete,
        )

    def _typed(self, id: str) -> str:
        return self.typed.get(id, "").strip()

    def _label(self, schema: Mapping[str, Any], id: str) -> str:
        name = id.rpartition(".")[2]
        return self.texts.pick(schema.get("title", ""), schema.get("title_en", "")) or name

    def _hint(self, schema: Mapping[str, Any]) -> str:
        return self.texts.pick(schema.get("description", ""), schema.get("description_en", ""))


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "enum"
    if schema.get("type") == "array":
        return "lines"
    is_long = schema.get("type", "string") == "string" and schema.get("maxLength", 0) >= LONG_TEXT
    return "long" if is_long and "format" not in schema else "text"


def _options(schema: Mapping[str, Any], texts: Texts) -> tuple[tuple[str, str], ...]:
    """Each choice with its title; a choice without one stands for itself."""
    choices = [str(each) for each in schema.get("enum", ())]
    chinese, english = schema.get("enum_titles", ()), schema.get("enum_titles_en", ())
    titles = zip_longest(chinese[: len(choices)], english[: len(choices)])
    return tuple(
        (choice, texts.pick(*(title or ("", ""))) or choice) for choice, title in zip_longest(choices, titles)
    )

"""What was typed into the fields of a page as the form's JSON, and back; what is wrong, at its own field.

Checked by the same rules as the hub checks again (:mod:`schema.domain.form`), so that a person hears at once what
there is to mend, field by field and in their language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.portal.form_fields import input_name, rows_of
from hub.portal.language import Texts
from schema.domain.form import problems
from schema.domain.form_format import FORMATS

_WHOLE = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """The form's JSON, and which input stands for which place of it (``form.children[0].name``)."""

    values: dict[str, Any]
    places: Mapping[str, str]


def read_form(form: Mapping[str, Any], typed: Mapping[str, str]) -> Reading:
    """What was typed. What cannot be read as the form wants it stays a text, for the rules to tell."""
    found = _Typed(typed)
    values: dict[str, Any] = {}
    for name, part in form.get("properties", {}).items():
        value, is_given = found.read(part, input_name(name), f"form.{name}")
        if is_given or isinstance(value, bool):
            values[name] = value
    return Reading(values, found.places)


def wrong_fields(form: Mapping[str, Any], reading: Reading, texts: Texts) -> dict[str, str]:
    """What there is to mend, by the input; of several mends for one input the first."""
    wrong: dict[str, str] = {}
    for problem in problems(form, reading.values):
        wrong.setdefault(_input_of(problem.path, reading.places), texts.pick(problem.text, problem.text_en))
    return wrong


def typed_of(form: Mapping[str, Any], values: Any) -> dict[str, str]:
    """A form's JSON as if it had just been typed, for drafts and supplements."""
    found: dict[str, str] = {}
    for name, part in form.get("properties", {}).items():
        if isinstance(values, Mapping) and name in values:
            _type(part, values[name], input_name(name), found)
    return found


@dataclass(frozen=True, slots=True)
class _Typed:
    typed: Mapping[str, str]
    places: dict[str, str] = field(default_factory=dict)

    def read(self, schema: Mapping[str, Any], id: str, path: str) -> tuple[Any, bool]:
        """The value, and whether anything was given."""
        self.places[path] = id
        kind, entries = schema.get("type"), schema.get("items", {})
        if kind == "object":
            return self._object(schema, id, path)
        if kind == "array" and "enum" in entries:
            chosen = [each for number, each in enumerate(entries["enum"]) if self.typed.get(f"{id}.{number}")]
            self.places[path] = f"{id}.0"
            return chosen, bool(chosen)
        if kind == "array" and entries.get("type") == "object":
            return self._rows(schema, id, path)
        text = self.typed.get(id, "").strip()
        if kind == "boolean":
            return bool(text), bool(text)
        if kind == "array":
            lines = [_scalar(entries, line) for line in text.splitlines() if line.strip()]
            self.places.update({f"{path}[{number}]": id for number in range(len(lines))})
            return lines, bool(lines)
        return _scalar(schema, text), bool(text)

    def _object(self, schema: Mapping[str, Any], id: str, path: str) -> tuple[dict[str, Any], bool]:
        values, is_given = dict[str, Any](), False
        for name, part in schema.get("properties", {}).items():
            value, has_something = self.read(part, f"{id}.{name}", f"{path}.{name}")
            is_given = is_given or has_something
            if has_something or isinstance(value, bool):
                values[name] = value
        return values, is_given

    def _rows(self, schema: Mapping[str, Any], id: str, path: str) -> tuple[list[Any], bool]:
        rows: list[Any] = []
        for number in range(rows_of(schema)):
            row, is_given = self._object(schema["items"], f"{id}.{number}", f"{path}[{len(rows)}]")
            if is_given:
                rows.append(row)
        if not rows:
            self._object(schema["items"], f"{id}.0", f"{path}[0]")
        return rows, bool(rows)


def _scalar(schema: Mapping[str, Any], text: str) -> Any:
    if "enum" in schema:
        return next((each for each in schema["enum"] if str(each) == text), text)
    kind = schema.get("type")
    if kind == "integer" and _WHOLE.fullmatch(text.strip()):
        return int(text)
    if kind == "number" and _DECIMAL.fullmatch(text.strip()):
        return float(text)
    wanted = FORMATS.get(schema.get("format", ""))
    return wanted.tidy(text) if wanted else text.strip()


def _input_of(path: str, places: Mapping[str, str]) -> str:
    """The input for a place; for a group or a list the first within it."""
    within = [place for place in places if place == path or place.startswith((f"{path}.", f"{path}["))]
    inner = [place for place in within if place != path] or within
    return places[inner[0]] if inner else next(iter(places.values()), "content")


def _type(schema: Mapping[str, Any], value: Any, id: str, found: dict[str, str]) -> None:
    entries = schema.get("items", {})
    if isinstance(value, Mapping):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                _type(part, value[name], f"{id}.{name}", found)
    elif isinstance(value, list) and "enum" in entries:
        found.update({f"{id}.{number}": "true" for number, each in enumerate(entries["enum"]) if each in value})
    elif isinstance(value, list) and entries.get("type") == "object":
        for number, row in enumerate(value):
            _type(entries, row, f"{id}.{number}", found)
    elif isinstance(value, list):
        found[id] = "\n".join(map(str, value))
    elif value is True:
        found[id] = "true"
    elif value is not False and value is not None:
        found[id] = str(value)

"""Check a filled form against an item's JSON Schema; the part of draft 2020-12 that forms need.

What is asked may depend on other answers (``if``/``then``/``else``, ``dependentRequired``). A keyword that is not
known here is refused when the catalogue is read (:mod:`schema.domain.form_schema`), so that no rule of a form is
ever silently ignored. Source: JSON Schema 2020-12, "Validation"; docs/forms.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from schema.domain.form_format import FORMATS
from schema.domain.form_problem import FormProblem, FormTitles

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_TYPE_MENDS = {
    "object": "请按表单填写。",
    "array": "请逐项填写。",
    "string": "请填写文字。",
    "integer": "请填写整数。",
    "number": "请填写数字。",
    "boolean": "请选择是或否。",
}
_SHOWN_CHOICES = 12


def problems(schema: Mapping[str, Any], value: Any) -> tuple[FormProblem, ...]:
    """Everything that is wrong with ``value``, each place and rule once."""
    found = _Check(FormTitles(schema)).problems(schema, value, "form")
    return tuple({(each.path, each.rule, each.mend_en): each for each in found}.values())


class _Check:
    def __init__(self, titles: FormTitles) -> None:
        self._problem = titles.problem

    def problems(self, schema: Mapping[str, Any], value: Any, path: str) -> Iterator[FormProblem]:
        expected = schema.get("type")
        if expected is not None and not _is_of_type(value, expected):
            yield self._problem(path, "type", _TYPE_MENDS[expected], f"must be of type {expected}.")
            return
        yield from self._choice_problems(schema, value, path)
        if isinstance(value, dict):
            yield from self._object_problems(schema, value, path)
        elif isinstance(value, list):
            yield from self._list_problems(schema, value, path)
        elif isinstance(value, str):
            yield from self._string_problems(schema, value, path)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from self._number_problems(schema, value, path)
        yield from self._conditional_problems(schema, value, path)

    def _holds(self, schema: Mapping[str, Any], value: Any) -> bool:
        return next(self.problems(schema, value, "form"), None) is None

    def _choice_problems(self, schema: Mapping[str, Any], value: Any, path: str) -> Iterator[FormProblem]:
        if "enum" in schema and not any(_is_equal(value, each) for each in schema["enum"]):
            choices = ", ".join(map(str, schema["enum"]))
            shown = "、".join(map(str, (schema.get("enum_titles") or schema["enum"])[:_SHOWN_CHOICES]))
            yield self._problem(path, "enum", f"请从以下选项中选择：{shown}。", f"must be one of: {choices}.")
        if "const" in schema and not _is_equal(value, schema["const"]):
            only = schema["const"]
            if only is True:
                yield self._problem(path, "const", "请勾选确认。", "must be confirmed.")
            else:
                yield self._problem(path, "const", f"只能填写 {only}。", f"must be {only}.")

    def _conditional_problems(self, schema: Mapping[str, Any], value: Any, path: str) -> Iterator[FormProblem]:
        for part in schema.get("allOf", ()):
            yield from self.problems(part, value, path)
        if "anyOf" in schema and not any(self._holds(part, value) for part in schema["anyOf"]):
            # What would have to be done for the first way is as good a mend as any.
            yield from self.problems(schema["anyOf"][0], value, path)
        if "not" in schema and self._holds(schema["not"], value):
            yield self._problem(path, "not", "不能这样填写。", "must not be answered so.")
        if "if" in schema:
            branch = "then" if self._holds(schema["if"], value) else "else"
            yield from self.problems(schema.get(branch, {}), value, path)

    def _object_problems(
        self, schema: Mapping[str, Any], value: dict[str, Any], path: str
    ) -> Iterator[FormProblem]:
        properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
        demanded = list(schema.get("required", ()))
        for name, others in schema.get("dependentRequired", {}).items():
            demanded += others if name in value else ()
        for name in dict.fromkeys(demanded):
            if name not in value:
                yield self._problem(f"{path}.{name}", "required", "请填写。", "is missing. Fill it in.")
        for name, part in value.items():
            if name in properties:
                yield from self.problems(properties[name], part, f"{path}.{name}")
            elif schema.get("additionalProperties") is False:
                mend = "is not part of this form. Leave it out."
                yield self._problem(f"{path}.{name}", "additionalProperties", "表单中没有这一项，请删去。", mend)

    def _list_problems(self, schema: Mapping[str, Any], value: list[Any], path: str) -> Iterator[FormProblem]:
        least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
        if len(value) < least:
            yield self._problem(path, "minItems", f"至少 {least} 项。", f"needs at least {least} entries.")
        if len(value) > most:
            yield self._problem(path, "maxItems", f"最多 {most} 项。", f"may have at most {most} entries.")
        if schema.get("uniqueItems") and len({json.dumps(each, sort_keys=True) for each in value}) < len(value):
            yield self._problem(path, "uniqueItems", "有重复的项，请删去。", "has an entry twice. Leave one out.")
        for position, part in enumerate(value):
            yield from self.problems(schema.get("items", {}), part, f"{path}[{position}]")

    def _string_problems(self, schema: Mapping[str, Any], value: str, path: str) -> Iterator[FormProblem]:
        least, most = schema.get("minLength", 0), schema.get("maxLength", len(value))
        if len(value) < least:
            yield self._problem(path, "minLength", f"至少 {least} 个字。", f"needs at least {least} characters.")
        if len(value) > most:
            yield self._problem(path, "maxLength", f"最多 {most} 个字。", f"may have at most {most} characters.")
        elif "pattern" in schema and re.search(schema["pattern"], value) is None:
            pattern = schema["pattern"]
            hint = schema.get("description") or f"须符合 {pattern}。"
            mend_en = schema.get("description_en") or f"It has to match {pattern}."
            yield self._problem(path, "pattern", f"格式不对。{hint}", f"does not have the right form. {mend_en}")
        wanted = FORMATS.get(schema.get("format", ""))
        if wanted is not None and not wanted.accepts(value):
            yield self._problem(path, "format", wanted.mend, wanted.mend_en)

    def _number_problems(self, schema: Mapping[str, Any], value: float, path: str) -> Iterator[FormProblem]:
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        if value < least:
            yield self._problem(path, "minimum", f"不能小于 {least}。", f"must be at least {least}.")
        if value > most:
            yield self._problem(path, "maximum", f"不能大于 {most}。", f"must be at most {most}.")
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        if above is not None and value <= above:
            yield self._problem(path, "exclusiveMinimum", f"必须大于 {above}。", f"must be more than {above}.")
        if below is not None and value >= below:
            yield self._problem(path, "exclusiveMaximum", f"必须小于 {below}。", f"must be less than {below}.")


def _is_of_type(value: Any, expected: str) -> bool:
    if isinstance(value, bool):
        return expected == "boolean"
    return isinstance(value, TYPES[expected])


def _is_equal(one: Any, other: Any) -> bool:
    """As JSON: ``true`` is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)

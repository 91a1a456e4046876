"""What the methods of the mapping language do.

Each takes its input, its arguments unevaluated (``@`` in them is the input, or the element) and a way to
evaluate them. A method that cannot be applied to its input has no value. Source: the public Apollo
Connectors convention, "Methods".
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable

import msgspec

from connectors.connector import JSON
from connectors.mapping.json_text import json_text
from connectors.mapping.missing import MISSING
from schema.mapping.syntax import ArrayLiteral, Expression

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z]+")
Arguments = tuple[Expression, ...]
Apply = Callable[[Expression, JSON], JSON]
"""Evaluates an argument for a value, with the variables of the place where the method stands."""
Implementation = Callable[[JSON, Arguments, Apply], JSON]


def _echo(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    return apply(arguments[0], value)


def _as(value: JSON, _: Arguments, __: Apply) -> JSON:
    """Gives what it is given: the name is bound where the path is walked."""
    return value


def _map(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    """A single value becomes a list of one."""
    if not isinstance(value, list):
        only = apply(arguments[0], value)
        return MISSING if only is MISSING else [only]
    mapped = (apply(arguments[0], element) for element in value)
    return [None if element is MISSING else element for element in mapped]


def _match(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    """The second of the first pair whose first equals the input; ``@`` as a first matches anything."""
    for pair in arguments:
        if isinstance(pair, ArrayLiteral) and len(pair.items) == 2:
            wanted, result = pair.items
            if _equal(value, apply(wanted, value)):
                return apply(result, value)
    return MISSING


def _first(value: JSON, _: Arguments, __: Apply) -> JSON:
    if isinstance(value, list | str):
        return value[0] if value else MISSING
    return value


def _last(value: JSON, _: Arguments, __: Apply) -> JSON:
    if isinstance(value, list | str):
        return value[-1] if value else MISSING
    return value


def _slice(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    if not isinstance(value, list | str):
        return MISSING
    start = apply(arguments[0], value) if arguments else 0
    end = apply(arguments[1], value) if arguments[1:] else len(value)
    begin = max(start, 0) if _is_integer(start) else 0
    return value[begin : max(end, 0) if _is_integer(end) else len(value)]


def _filter(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    """A condition that is no truth value, or has none, refuses the whole."""
    elements = _elements(value)
    told = [apply(arguments[0], each) for each in elements]
    if not all(isinstance(each, bool) for each in told):
        return MISSING
    return [each for each, holds in zip(elements, told, strict=True) if holds]


def _find(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    """The first that fits. A condition that is no truth value before it ends the search."""
    for each in _elements(value):
        holds = apply(arguments[0], each)
        if holds is not False:
            return each if holds is True else MISSING
    return MISSING


def _get(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    key = apply(arguments[0], value)
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key, MISSING)
    if isinstance(value, list | str) and _is_integer(key) and -len(value) <= key < len(value):
        return value[key]
    return MISSING


def _entries(value: JSON, _: Arguments, __: Apply) -> JSON:
    if not isinstance(value, dict):
        return MISSING
    return [{"key": key, "value": entry} for key, entry in value.items()]


def _keys_to_camel_case(value: JSON, _: Arguments, __: Apply) -> JSON:
    return {_camel(key): each for key, each in value.items()} if isinstance(value, dict) else MISSING


def _keys_to_camel_case_deep(value: JSON, _: Arguments, __: Apply) -> JSON:
    return _camel_below(value) if isinstance(value, dict | list) else MISSING


def _camel_below(value: JSON) -> JSON:
    if isinstance(value, list):
        return [_camel_below(each) for each in value]
    return {_camel(key): _camel_below(each) for key, each in value.items()} if isinstance(value, dict) else value


def _camel(key: str) -> str:
    """``first_name``, ``FirstName`` and ``FIRST_NAME`` are ``firstName``."""
    words = _WORDS.findall(key)
    return "".join((words[0].lower(), *(word.capitalize() for word in words[1:]))) if words else key


def _size(value: JSON, _: Arguments, __: Apply) -> JSON:
    return len(value) if isinstance(value, list | str | dict) else MISSING


def _json_stringify(value: JSON, _: Arguments, __: Apply) -> JSON:
    return json_text(value)


def _json_parse(value: JSON, _: Arguments, __: Apply) -> JSON:
    try:
        return msgspec.json.decode(value) if isinstance(value, str) else MISSING
    except (msgspec.DecodeError, RecursionError):
        return MISSING


def _join_not_null(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    separator = apply(arguments[0], value)
    texts = [_text(element) for element in _elements(value) if element is not None]
    if not isinstance(separator, str) or MISSING in texts:
        return MISSING
    return separator.join(texts)


def _split(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    """An empty separator cuts between all characters; a second argument bounds how many pieces come back."""
    separator = apply(arguments[0], value)
    most = apply(arguments[1], value) if arguments[1:] else None
    if not (isinstance(value, str) and isinstance(separator, str) and (most is None or _is_integer(most))):
        return MISSING
    pieces = value.split(separator) if separator else list(value)
    return pieces if most is None else pieces[: max(most, 0)]


def _trimmed_by(trim: Callable[[str], str]) -> Implementation:
    def method(value: JSON, _: Arguments, __: Apply) -> JSON:
        return trim(value) if isinstance(value, str) else MISSING

    return method


def _to_string(value: JSON, _: Arguments, __: Apply) -> JSON:
    return _text(value)


def _parse_int(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    base = apply(arguments[0], value) if arguments else 10
    text = _text(value)
    if text is MISSING or not _is_integer(base) or not 2 <= base <= 36 or "_" in text or len(text) > 64:
        return MISSING
    try:
        return int(text, base)
    except ValueError:
        return MISSING


def _eq(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    return _equal(value, apply(arguments[0], value))


def _ne(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    return not _eq(value, arguments, apply)


def _compared_by(compare: Callable[[JSON, JSON], bool]) -> Implementation:
    """Numbers compare with numbers, strings with strings, and nothing else compares."""

    def method(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
        other = apply(arguments[0], value)
        both_numbers = _is_number(value) and _is_number(other)
        both_strings = isinstance(value, str) and isinstance(other, str)
        return compare(value, other) if both_numbers or both_strings else MISSING

    return method


def _combined_by(combine: Callable[[Iterable[bool]], bool]) -> Implementation:
    def method(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
        operands = [value, *(apply(argument, value) for argument in arguments)]
        return combine(operands) if all(isinstance(each, bool) for each in operands) else MISSING

    return method


def _not(value: JSON, _: Arguments, __: Apply) -> JSON:
    return not value if isinstance(value, bool) else MISSING


def _in(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    return _holds(apply(arguments[0], value), value)


def _contains(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
    return _holds(value, apply(arguments[0], value))


def _calculated_by(calculate: Callable[[JSON, JSON], JSON]) -> Implementation:
    """Applied from left to right; without numbers, or out of a number's range, there is no result."""

    def method(value: JSON, arguments: Arguments, apply: Apply) -> JSON:
        operands = [value, *(apply(argument, value) for argument in arguments)]
        if not all(_is_number(operand) for operand in operands):
            return MISSING
        result = operands[0]
        for operand in operands[1:]:
            try:
                result = calculate(result, operand)
            except (ArithmeticError, ValueError):
                return MISSING
        return result if math.isfinite(result) else MISSING

    return method


def _remainder(left: JSON, right: JSON) -> JSON:
    """The sign is the dividend's."""
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (1 if left >= 0 else -1)
    return math.fmod(left, right)


def _elements(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [value]


def _holds(container: JSON, value: JSON) -> JSON:
    return any(_equal(value, each) for each in container) if isinstance(container, list) else MISSING


def _equal(left: JSON, right: JSON) -> bool:
    """JSON equality: ``true`` is not ``1``, ``1`` is ``1.0``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return bool(left == right)


def _text(value: JSON) -> JSON:
    """A scalar as text; what has structure has none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json_text(value) if _is_number(value) else MISSING


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: JSON) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


IMPLEMENTATIONS: dict[str, Implementation] = {
    "as": _as,
    "echo": _echo,
    "map": _map,
    "match": _match,
    "first": _first,
    "last": _last,
    "slice": _slice,
    "filter": _filter,
    "find": _find,
    "get": _get,
    "entries": _entries,
    "keysToCamelCase": _keys_to_camel_case,
    "keysToCamelCaseDeep": _keys_to_camel_case_deep,
    "jsonParse": _json_parse,
    "size": _size,
    "jsonStringify": _json_stringify,
    "joinNotNull": _join_not_null,
    "split": _split,
    "trim": _trimmed_by(str.strip),
    "trimStart": _trimmed_by(str.lstrip),
    "trimEnd": _trimmed_by(str.rstrip),
    "toString": _to_string,
    "parseInt": _parse_int,
    "eq": _eq,
    "ne": _ne,
    "gt": _compared_by(operator.gt),
    "gte": _compared_by(operator.ge),
    "lt": _compared_by(operator.lt),
    "lte": _compared_by(operator.le),
    "and": _combined_by(all),
    "or": _combined_by(any),
    "not": _not,
    "in": _in,
    "contains": _contains,
    "add": _calculated_by(operator.add),
    "sub": _calculated_by(operator.sub),
    "mul": _calculated_by(operator.mul),
    "div": _calculated_by(operator.truediv),
    "mod": _calculated_by(_remainder),
}

"""The value of a mapping for one JSON document.

A property that is not there has no value (:data:`MISSING`) and leaves no trace in the result; null is a
value, and has no properties. Keys and groups apply to every element of an array. A path that begins with a key
begins at ``$``, also in the arguments of a method. What is named twice is merged. Source: the public Apollo
Connectors convention, "Mapping language".
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.connector import JSON
from connectors.mapping.methods import IMPLEMENTATIONS
from connectors.mapping.missing import MISSING
from schema.mapping.syntax import (
    ArrayLiteral,
    Choice,
    Constant,
    Expression,
    Group,
    Inline,
    Key,
    Maybe,
    Method,
    ObjectLiteral,
    Output,
    Path,
    Selection,
    Variable,
)

Variables = Mapping[str, JSON]
_Member = tuple[str | None, tuple[str, ...] | None, Expression]
"""Its name, unless it is spread; the keys that it is found by, if it is a plain path; and what it is."""
_MOST_LAID_OUT = 10_000
_LAID_OUT: dict[int, tuple[tuple[Output | Inline, ...], tuple[_Member, ...]]] = {}
"""By identity; whoever is in it is kept, so that no other can have it."""


def evaluate(selection: Selection, data: JSON, variables: Variables) -> JSON:
    """The result of a whole selection; nothing to be found is ``None``."""
    value = evaluate_expression(selection.value, data, {**variables, "$": data})
    return None if value is MISSING else value


def evaluate_expression(expression: Expression, data: JSON, variables: Variables) -> JSON:
    """The value of an expression applied to ``data``, which is also ``@``; may be :data:`MISSING`.

    ``variables`` holds ``$`` and the named ones, sign included.
    """
    match expression:
        case Path():
            return _path(expression, data, variables)
        case Variable(name):
            return data if name == "@" else variables.get(name, MISSING)
        case Constant(value):
            return value
        case Group():
            return _group(expression, data, variables)
        case ArrayLiteral(items):
            return [_or_null(evaluate_expression(item, data, variables)) for item in items]
        case ObjectLiteral(members):
            return _members(members, data, variables)
        case Choice(operator, operands):
            return _choice(operator, operands, data, variables)


def _path(path: Path, data: JSON, variables: Variables) -> JSON:
    value = variables.get("$", data) if path.start is None else evaluate_expression(path.start, data, variables)
    for step in path.steps:
        if value is MISSING:
            return MISSING
        match step:
            case Key(name):
                value = _property(value, name)
            case Maybe():
                value = MISSING if value is None else value
            case Method("as", (Variable(name), *_)):
                bound = evaluate_expression(step.arguments[-1], value, variables) if step.arguments[1:] else value
                variables = {**variables, name: bound}
            case Method():
                value = _call(step, value, variables)
    return value if value is MISSING or path.group is None else _group(path.group, value, variables)


def _property(value: JSON, name: str) -> JSON:
    if isinstance(value, dict):
        return value.get(name, MISSING)
    if isinstance(value, list):
        return [_or_null(_property(element, name)) for element in value]
    return MISSING


def _call(method: Method, value: JSON, variables: Variables) -> JSON:
    def apply(argument: Expression, data: JSON) -> JSON:
        return evaluate_expression(argument, data, variables)

    return IMPLEMENTATIONS[method.name](value, method.arguments, apply)


def _group(group: Group, data: JSON, variables: Variables) -> JSON:
    if isinstance(data, list):
        return [_or_null(_group(group, element, variables)) for element in data]
    result = _members(group.members, data, {**variables, "$": data})
    return result if result != {} or isinstance(data, dict) else data


def _members(members: tuple[Output | Inline, ...], data: JSON, variables: Variables) -> JSON:
    """An object; ``None`` where null is spread into it."""
    result: dict[str, JSON] = {}
    for name, keys, expression in _laid_out(members):
        if keys is None:
            value = evaluate_expression(expression, data, variables)
        else:
            value = variables.get("$", data)
            for key in keys:
                value = value.get(key, MISSING) if type(value) is dict else _property(value, key)
        if value is MISSING:
            continue
        if name is not None:
            result[name] = merged(result[name], value) if name in result else value
        elif isinstance(value, dict):
            result = merged(result, value)
        elif value is None:
            return None
    return result


def _laid_out(members: tuple[Output | Inline, ...]) -> tuple[_Member, ...]:
    """Worked out once for each tuple, since each row of an answer asks for it."""
    found = _LAID_OUT.get(id(members))
    if found is None or found[0] is not members:
        if len(_LAID_OUT) >= _MOST_LAID_OUT:
            _LAID_OUT.clear()
        found = _LAID_OUT[id(members)] = (members, tuple(map(_member, members)))
    return found[1]


def _member(member: Output | Inline) -> _Member:
    value, keys = member.value, None
    if isinstance(value, Path) and value.start is None and value.group is None:
        names = tuple(step.name for step in value.steps if isinstance(step, Key))
        keys = names if len(names) == len(value.steps) else None
    return member.name if isinstance(member, Output) else None, keys, value


def merged(first: JSON, second: JSON) -> JSON:
    """Both: objects property by property, lists element by element; null stays, else the second holds."""
    if isinstance(first, dict) and isinstance(second, dict):
        shared = {name: merged(first[name], second[name]) for name in first.keys() & second.keys()}
        return {**first, **second, **shared}
    if isinstance(first, list) and isinstance(second, list):
        rest = first[len(second) :] or second[len(first) :]
        return [*(merged(*pair) for pair in zip(first, second, strict=False)), *rest]
    return None if first is None else second


def _choice(operator: str, operands: tuple[Expression, ...], data: JSON, variables: Variables) -> JSON:
    value: JSON = MISSING
    for operand in operands:
        value = evaluate_expression(operand, data, variables)
        if value is not MISSING and not (operator == "??" and value is None):
            return value
    return value


def _or_null(value: JSON) -> JSON:
    return None if value is MISSING else value

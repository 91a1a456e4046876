"""The value of a mapping for one JSON document.

A property that is not there has no value (:data:`MISSING`) and leaves no trace in the result; null is a
value. Keys and groups apply to every element of an array. Source: the public Apollo Connectors
convention, "Mapping language".
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
    value = data if path.start is None else evaluate_expression(path.start, data, variables)
    for step in path.steps:
        if value is MISSING:
            return MISSING
        match step:
            case Key(name):
                value = _property(value, name)
            case Maybe():
                value = MISSING if value is None else value
            case Method():
                value = _call(step, value, variables)
    return value if value is MISSING or path.group is None else _group(path.group, value, variables)


def _property(value: JSON, name: str) -> JSON:
    if isinstance(value, dict):
        return value.get(name, MISSING)
    if isinstance(value, list):
        return [_or_null(_property(element, name)) for element in value]
    return None if value is None else MISSING


def _call(method: Method, value: JSON, variables: Variables) -> JSON:
    def apply(argument: Expression, data: JSON) -> JSON:
        return evaluate_expression(argument, data, variables)

    return IMPLEMENTATIONS[method.name](value, method.arguments, apply)


def _group(group: Group, data: JSON, variables: Variables) -> JSON:
    if isinstance(data, list):
        return [_or_null(_group(group, element, variables)) for element in data]
    if data is None:
        return None
    result = _members(group.members, data, {**variables, "$": data})
    return result if result or isinstance(data, dict) else data


def _members(members: tuple[Output | Inline, ...], data: JSON, variables: Variables) -> dict[str, JSON]:
    result: dict[str, JSON] = {}
    for member in members:
        value = evaluate_expression(member.value, data, variables)
        match member:
            case Output(name) if value is not MISSING:
                result[name] = value
            case Inline() if isinstance(value, dict):
                result.update(value)
    return result


def _choice(operator: str, operands: tuple[Expression, ...], data: JSON, variables: Variables) -> JSON:
    value: JSON = MISSING
    for operand in operands:
        value = evaluate_expression(operand, data, variables)
        if value is not MISSING and not (operator == "??" and value is None):
            return value
    return value


def _or_null(value: JSON) -> JSON:
    return None if value is MISSING else value

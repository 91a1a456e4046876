"""Where a mapping reads what the answer does not have: the commonest mistake, and one that leaves no trace.

The selection is walked beside the answer as evaluation does (:mod:`connectors.mapping.evaluate`); methods are
applied, not looked into. A key that ``?`` follows may be missing, and says so. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connectors.connector import JSON
from connectors.mapping import MISSING, evaluate_expression
from connectors.mapping.evaluate import Variables
from schema.mapping.syntax import (
    ArrayLiteral,
    Choice,
    Expression,
    Group,
    Inline,
    Key,
    Maybe,
    ObjectLiteral,
    Output,
    Path,
    Selection,
    Variable,
)

_LOOKED_AT = 100
_TOLD_NAMES = 8


def missing_paths(selection: Selection, data: JSON, variables: Variables) -> tuple[str, ...]:
    """A sentence for each place of the mapping that found nothing, in its order, each once."""
    found = _look(selection.value, data, {**variables, "$": data}, "")
    return tuple(dict.fromkeys(found))


def _look(expression: Expression, data: JSON, variables: Variables, output: str) -> Iterator[str]:
    match expression:
        case Path():
            yield from _look_along(expression, data, variables, output)
        case Group():
            yield from _look_in_group(expression, data, variables, output)
        case ObjectLiteral(members):
            yield from _look_at_members(members, data, variables, output)
        case ArrayLiteral(items):
            for item in items:
                yield from _look(item, data, variables, output)
        case Choice(_, operands) if evaluate_expression(expression, data, variables) is MISSING:
            yield from _look(operands[-1], data, variables, output)


def _look_along(path: Path, data: JSON, variables: Variables, output: str) -> Iterator[str]:
    value = data if path.start is None else evaluate_expression(path.start, data, variables)
    if value is MISSING:
        if path.start is not None and not isinstance(path.start, Variable):
            yield from _look(path.start, data, variables, output)
        return
    for index, step in enumerate(path.steps):
        is_optional = isinstance(path.steps[index + 1] if index + 1 < len(path.steps) else None, Maybe)
        if isinstance(step, Key) and not is_optional:
            told = _missing(step.name, value, str(replace(path, group=None)), output)
            if told:
                yield told
                return
        value = evaluate_expression(replace(path, steps=path.steps[: index + 1], group=None), data, variables)
        if value is MISSING or value is None:
            return
    if path.group is not None:
        yield from _look_in_group(path.group, value, variables, output)


def _look_in_group(group: Group, data: JSON, variables: Variables, output: str) -> Iterator[str]:
    for each in data[:_LOOKED_AT] if isinstance(data, list) else [data]:
        if isinstance(each, list):
            yield from _look_in_group(group, each, variables, output)
        elif isinstance(each, dict):
            yield from _look_at_members(group.members, each, {**variables, "$": each}, output)


def _look_at_members(
    members: tuple[Output | Inline, ...], data: JSON, variables: Variables, output: str
) -> Iterator[str]:
    for member in members:
        name = f"{output}.{member.name}" if isinstance(member, Output) else output
        yield from _look(member.value, data, variables, name)


def _missing(name: str, value: JSON, path: str, output: str) -> str | None:
    """What is said of one key, where the value it is read from (of a list: some element) does not have it."""
    elements = value[:_LOOKED_AT] if isinstance(value, list) else [value]
    lacking = [each for each in elements if isinstance(each, Mapping) and name not in each]
    what = f'"{output.removeprefix(".")}" finds nothing' if output else "the selection finds nothing"
    if lacking:
        others = list(dict.fromkeys(key for each in lacking for key in each))
        there = ", ".join(f'"{key}"' for key in others[:_TOLD_NAMES]) + ", …" * (len(others) > _TOLD_NAMES)
        return f'{what} at {path}: there is no "{name}"; there is {there or "nothing"}.'
    wrong = [each for each in elements if not isinstance(each, Mapping | list | None)]
    if wrong and not isinstance(value, list):
        return f'{what} at {path}: "{name}" is read from a {_kind(wrong[0])}, which is no object.'
    return None


def _kind(value: JSON) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return "string"

"""What a mapping's result looks like, without any data: which fields it has, as far as can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schema.mapping.methods import METHODS
from schema.mapping.syntax import (
    ArrayLiteral,
    Choice,
    Constant,
    Expression,
    Group,
    Inline,
    Key,
    Method,
    ObjectLiteral,
    Output,
    Path,
    Selection,
    Variable,
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Could be anything: data passed through as it is, or the value of a variable."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without fields: a literal, or a method's answer such as a size."""


@dataclass(frozen=True, slots=True)
class Data:
    """A value of the answer that is selected without a sub-selection: fields below it are not selected."""

    at: int = 0


@dataclass(frozen=True, slots=True)
class Fields:
    """An object, or a list of such. ``places`` tell where each field stands in the text."""

    fields: dict[str, Shape]
    places: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several: the arms of ``->match`` or of ``??``."""

    shapes: tuple[Shape, ...]


Shape = Unknown | Leaf | Data | Fields | OneOf
Expected = Mapping[str, "Expected | None"]
_MOST_ARMS = 100
"""Several spreads multiply; beyond this many anything may come."""


def shape_of(selection: Selection) -> Shape:
    """The shape of a whole selection's result."""
    return _shape(selection.value)


def names_of(shape: Shape) -> frozenset[str] | None:
    """The fields of an object of this shape; ``None`` for what may have any."""
    match shape:
        case Fields(fields):
            return frozenset(fields)
        case OneOf(shapes):
            names = [names_of(each) for each in shapes]
            return None if None in names else frozenset().union(*(each for each in names if each))
        case Leaf():
            return frozenset()
        case _:
            return None


def expected_of(shape: Shape) -> Expected | None:
    """The fields that an object of this shape has in any case, with those below; ``None``: who knows."""
    if not isinstance(shape, Fields):
        return None
    return {name: expected_of(inner) for name, inner in shape.fields.items()}


def _shape(expression: Expression) -> Shape:
    match expression:
        case Group(members) | ObjectLiteral(members):
            return _fields(members)
        case Path():
            return _of_path(expression)
        case Choice(_, parts):
            return OneOf(tuple(_shape(part) for part in parts))
        case ArrayLiteral(items):
            return OneOf(tuple(_shape(item) for item in items)) if items else Unknown()
        case Constant(value):
            return Unknown() if value is None else Leaf()
        case Variable(name, at):
            return Data(at) if name in {"$", "@"} else Unknown()


def _fields(members: tuple[Output | Inline, ...]) -> Shape:
    """The arms of a spread ``->match`` each complete the fields written beside it."""
    shapes = [Fields({})]
    for member in members:
        if isinstance(member, Output):
            arms: list[Shape] = [Fields({member.name: _shape(member.value)}, {member.name: member.at})]
        else:
            inlined = _shape(member.value)
            arms = list(inlined.shapes) if isinstance(inlined, OneOf) else [inlined]
        known = [arm for arm in arms if isinstance(arm, Fields)]
        if len(known) < len(arms) or len(shapes) * len(known) > _MOST_ARMS:
            return Unknown()
        shapes = [_both(shape, arm) for shape in shapes for arm in known]
    return shapes[0] if len(shapes) == 1 else OneOf(tuple(shapes))


def _both(first: Fields, second: Fields) -> Fields:
    """What is named twice is merged, as its values are."""
    fields = {**first.fields, **second.fields}
    for name in first.fields.keys() & second.fields.keys():
        once, again = first.fields[name], second.fields[name]
        if isinstance(once, Fields) and isinstance(again, Fields):
            fields[name] = _both(once, again)
    return Fields(fields, {**first.places, **second.places})


def _of_path(path: Path) -> Shape:
    if path.group is not None:
        return _shape(path.group)
    shape: Shape = Data() if path.start is None else _shape(path.start)
    for step in path.steps:
        match step:
            case Key(_, at):
                shape = Unknown() if isinstance(shape, Unknown) else Data(at)
            case Method():
                shape = _of_method(step, shape)
    return shape


def _of_method(method: Method, shape: Shape) -> Shape:
    match METHODS[method.name].shape:
        case "input":
            return shape
        case "argument":
            result = _shape(method.arguments[0])
            return shape if result == Data(getattr(method.arguments[0], "at", 0)) and _is_input(method) else result
        case "pairs":
            arms = [
                pair.items[1] for pair in method.arguments if isinstance(pair, ArrayLiteral) and pair.items[1:]
            ]
            return OneOf(tuple(_shape(arm) for arm in arms)) if arms else Unknown()
        case "unknown":
            return Unknown()
        case _:
            return Leaf()


def _is_input(method: Method) -> bool:
    argument = method.arguments[0]
    return isinstance(argument, Variable) and argument.name == "@"

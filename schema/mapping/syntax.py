"""The mapping language of ``@connect`` as values that print themselves.

A selection says how JSON becomes the fields of a GraphQL type: ``id name: title owner { id }``. An
expression is any part of it that has a value. Parsing a printed value gives the value back. Source: the
public Apollo Connectors convention, "Mapping language".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

VARIABLES = frozenset(
    {"$", "$args", "$this", "$batch", "$config", "$context", "$status", "$request", "$response", "$env"}
)
"""Those of the convention; any other is one that ``->as`` binds."""
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Key:
    """Path step into an object's property; every element of an array is stepped into."""

    name: str
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f".{print_key(self.name)}"


@dataclass(frozen=True, slots=True)
class Method:
    """Path step that calls a method: ``->slice(0, 2)``. ``@`` in an argument is the method's input."""

    name: str
    arguments: tuple[Expression, ...] = ()
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        arguments = ", ".join(print_argument(argument) for argument in self.arguments)
        return f"->{self.name}({arguments})" if self.arguments else f"->{self.name}"


@dataclass(frozen=True, slots=True)
class Maybe:
    """Path step ``?``: null ends the path here, as if the property were missing."""

    def __str__(self) -> str:
        return "?"


Step = Key | Method | Maybe


@dataclass(frozen=True, slots=True)
class Variable:
    """``$``, ``@``, or a named variable such as ``$args``. ``name`` holds the sign."""

    name: str
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Constant:
    """A JSON literal without structure: string, number, true, false or null."""

    value: str | int | float | bool | None

    def __str__(self) -> str:
        return json.dumps(self.value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class ArrayLiteral:
    items: tuple[Expression, ...]

    def __str__(self) -> str:
        return f"[{', '.join(print_argument(item) for item in self.items)}]"


@dataclass(frozen=True, slots=True)
class ObjectLiteral:
    """``{ a: 1, b: $.c }`` inside ``$(…)`` or an argument: unlike a group it leaves ``$`` as it is."""

    members: tuple[Output | Inline, ...]

    def __str__(self) -> str:
        return f"{{ {', '.join(member.print_literal() for member in self.members)} }}" if self.members else "{}"


@dataclass(frozen=True, slots=True)
class Choice:
    """``a ?? b`` takes the first that is neither null nor missing, ``a ?! b`` the first not missing."""

    operator: Literal["??", "?!"]
    operands: tuple[Expression, ...]

    def __str__(self) -> str:
        return f" {self.operator} ".join(print_argument(operand) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Group:
    """A sub-selection ``{ … }``: makes one object of each object it is applied to, and binds ``$`` to it."""

    members: tuple[Output | Inline, ...]

    def __str__(self) -> str:
        return f"{{ {print_members(self.members)} }}" if self.members else "{ }"


@dataclass(frozen=True, slots=True)
class Path:
    """Where a value comes from: a start, steps, and a sub-selection at the end.

    ``start`` is ``None`` for a path that begins with a key of the current value.
    """

    start: Expression | None
    steps: tuple[Step, ...] = ()
    group: Group | None = None

    def __str__(self) -> str:
        steps = "".join(str(step) for step in self.steps)
        if self.start is None:
            text = steps.removeprefix(".")
        elif isinstance(self.start, Variable):
            text = f"{self.start}{steps}"
        else:
            text = f"$({print_argument(self.start)}){steps}"
        return f"{text} {self.group}" if self.group else text


@dataclass(frozen=True, slots=True)
class Output:
    """One property of the result: ``name: expression``. A lone key is its own name."""

    name: str
    value: Expression
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return self._print(str(self.value))

    def print_literal(self) -> str:
        return self._print(print_argument(self.value))

    def _print(self, value: str) -> str:
        if isinstance(self.value, Path) and own_name(self.value) == self.name:
            return str(self.value)
        return f"{print_key(self.name)}: {value}"


@dataclass(frozen=True, slots=True)
class Inline:
    """``... path``: the properties of an object stand here as if they were written here."""

    value: Expression

    def __str__(self) -> str:
        return f"... {self.value}"

    def print_literal(self) -> str:
        return str(self)


Expression = Path | Variable | Constant | ArrayLiteral | ObjectLiteral | Choice | Group


@dataclass(frozen=True, slots=True)
class Selection:
    """The whole of ``selection:``: a list of outputs, or one path whose value is the result."""

    value: Group | Path

    def __str__(self) -> str:
        return print_members(self.value.members) if isinstance(self.value, Group) else str(self.value)


def own_name(path: Path) -> str | None:
    """The name a path gives its output when it has no alias: that of its one key."""
    steps = tuple(step for step in path.steps if not isinstance(step, Maybe))
    if path.start is None and len(steps) == 1 and isinstance(steps[0], Key):
        return steps[0].name
    return None


def print_key(name: str) -> str:
    return name if _IDENTIFIER.match(name) else json.dumps(name, ensure_ascii=False)


def print_members(members: tuple[Output | Inline, ...]) -> str:
    return " ".join(str(member) for member in members)


def print_argument(expression: Expression) -> str:
    """The text inside ``$(…)`` or a method's parentheses, where a quoted word is a string, not a key."""
    if isinstance(expression, Path) and expression.start is None and _begins_like_a_literal(expression):
        return f"@{''.join(str(step) for step in expression.steps)}" + (
            f" {expression.group}" if expression.group else ""
        )
    return str(expression)


def _begins_like_a_literal(path: Path) -> bool:
    first = path.steps[0] if path.steps else None
    return isinstance(first, Key) and (
        first.name in {"true", "false", "null"} or not _IDENTIFIER.match(first.name)
    )


def walk(expression: Expression) -> Iterator[Expression]:
    """Every expression inside another, itself first, with the members of groups and literals."""
    yield expression
    match expression:
        case Path(start, steps, group):
            for part in (start, *(a for s in steps if isinstance(s, Method) for a in s.arguments), group):
                if part is not None:
                    yield from walk(part)
        case ArrayLiteral(parts) | Choice(_, parts):
            for part in parts:
                yield from walk(part)
        case Group(members) | ObjectLiteral(members):
            for member in members:
                yield from walk(member.value)


def properties_of(variable: str, expression: Expression) -> frozenset[str]:
    """The properties of ``$this``, ``$args``, ``$batch`` … that an expression reads: ``$this.a.b`` reads ``a``,
    ``$batch { id }`` reads ``id``."""
    return frozenset(name for part in walk(expression) for name in _properties(variable, part))


def _properties(variable: str, part: Expression) -> Iterator[str]:
    if not (isinstance(part, Path) and isinstance(part.start, Variable) and part.start.name == variable):
        return
    steps = tuple(step for step in part.steps if not isinstance(step, Maybe))
    if steps and isinstance(steps[0], Key):
        yield steps[0].name
    elif steps and isinstance(steps[0], Method):
        yield from (name for argument in steps[0].arguments for name in read_from_input(argument))
    elif part.group:
        yield from read_from_input(part.group)


def read_from_input(expression: Expression) -> Iterator[str]:
    """The keys that an expression reads from the value it is applied to: ``@.id``, ``id``, ``$.id``."""
    match expression:
        case Path(None | Variable("@" | "$"), (Key(name), *_), _):
            yield name
        case Group(members) | ObjectLiteral(members):
            for member in members:
                yield from read_from_input(member.value)
        case ArrayLiteral(parts) | Choice(_, parts):
            for part in parts:
                yield from read_from_input(part)

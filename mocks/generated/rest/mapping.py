"""Read a mapping of ``@connect`` far enough to turn it round: from the fields back to the JSON.

Source: https://specs.apollo.dev/connect, "Mapping language". What has no way back (conditions, arithmetic) is read
and left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:\#[^\n]*\s*)*
    (?P<token>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|\.\.\.|->|\?\?|\?!|[$@]?[A-Za-z_]\w*|[^\s])""",
    re.VERBOSE,
)


class UnreadableMapping(Exception):
    """The mapping breaks off or has what no mapping has."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is not read from anywhere."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """A method with its arguments."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What is read by these steps, and what of it. A ``start`` that is not the JSON's is a variable's name."""

    start: str
    steps: tuple[str | Call, ...]
    below: Members | None = None

    @property
    def is_of_json(self) -> bool:
        return self.start in ("", "$", "@")


@dataclass(frozen=True, slots=True)
class Members:
    """``name: node`` for each; a name of ``None`` stands for all that the node gives."""

    members: tuple[tuple[str | None, Node], ...]


Node = Constant | Read | Members


def read_mapping(text: str, *, has_literals: bool = False) -> Members:
    """A selection or body. ``has_literals``: of connect v0.4 and later, where a quoted word is itself.

    Raises :class:`UnreadableMapping`."""
    return _Reader(text, has_literals=has_literals).members("")


def read_expression(text: str) -> Node:
    """What stands between the braces of a template. Raises :class:`UnreadableMapping`."""
    return _Reader(text, has_literals=False).expression()


class _Reader:
    def __init__(self, text: str, *, has_literals: bool) -> None:
        self._tokens = [each["token"] for each in _TOKEN.finditer(text)]
        self._at = 0
        self._has_literals = has_literals

    def _next(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ""

    def _take(self, wanted: str | None = None) -> str:
        token = self._next()
        if not token or (wanted is not None and token != wanted):
            raise UnreadableMapping(f'"{token or "the end"}" stands where {wanted or "something"} should.')
        self._at += 1
        return token

    def members(self, end: str) -> Members:
        found: list[tuple[str | None, Node]] = []
        while self._next() != end:
            if self._next() == ",":
                self._take()
            else:
                found.append(self._member())
        if end:
            self._take(end)
        return Members(tuple(found))

    def _member(self) -> tuple[str | None, Node]:
        if self._next() == "...":
            self._take()
            return None, self.expression()
        if self._next(1) == ":" and self._is_name(self._next()):
            name = _unquoted(self._take())
            self._take(":")
            return name, self.expression()
        node = self.expression()
        is_own = isinstance(node, Read) and node.start == "" and len(node.steps) == 1
        return (str(node.steps[0]) if is_own and isinstance(node, Read) else None), node

    @staticmethod
    def _is_name(token: str) -> bool:
        return bool(re.fullmatch(r"[A-Za-z_]\w*", token)) or token[:1] in "\"'"

    def expression(self) -> Node:
        node = self._operand()
        while self._next() in ("??", "?!", "|", "+", "-", "*", "/"):
            self._take()
            self._operand()
        return node

    def _operand(self) -> Node:
        token = self._next()
        match token, self._next(1):
            case "{", _:
                self._take()
                return self.members("}")
            case "[", _:
                self._list()
                return Constant()
            case "$", "(":
                self._take()
                return self._in_parentheses()
        if re.fullmatch(r"-?\d+(\.\d+)?", token):
            self._take()
            return Constant(float(token) if "." in token else int(token))
        is_word = token in ("true", "false", "null")
        if (token[:1] in "\"'" and self._has_literals) or (is_word and self._has_literals):
            self._take()
            return self._rest(Constant({"true": True, "false": False}.get(token, _unquoted(token))))
        return self._path()

    def _in_parentheses(self) -> Node:
        """``$(…)``: quoted words are themselves inside."""
        before, self._has_literals = self._has_literals, True
        self._take("(")
        node = self.expression()
        self._take(")")
        self._has_literals = before
        return self._rest(node)

    def _rest(self, start: Node) -> Node:
        """The steps behind a value: they have no way back, but for those of a path in parentheses."""
        steps, below = self._steps()
        if isinstance(start, Read):
            return Read(start.start, (*start.steps, *steps), below)
        return start

    def _path(self) -> Node:
        token = self._take()
        if not self._is_name(token) and token[:1] not in ("$", "@"):
            raise UnreadableMapping(f'"{token}" begins no path.')
        first: tuple[str | Call, ...] = () if token[:1] in ("$", "@") else (_unquoted(token),)
        steps, below = self._steps()
        return Read("" if first else token, (*first, *steps), below)

    def _steps(self) -> tuple[tuple[str | Call, ...], Members | None]:
        steps: list[str | Call] = []
        while True:
            match self._next():
                case ".":
                    self._take()
                    steps.append(_unquoted(self._take()))
                case "->":
                    self._take()
                    steps.append(Call(self._take(), self._arguments()))
                case "?":
                    self._take()
                case "{":
                    self._take()
                    return tuple(steps), self.members("}")
                case _:
                    return tuple(steps), None

    def _arguments(self) -> tuple[Any, ...]:
        if self._next() != "(":
            return ()
        before, self._has_literals = self._has_literals, True
        self._take("(")
        found: list[Any] = []
        while self._next() != ")":
            if self._next() == ",":
                self._take()
            else:
                found.append(self._list() if self._next() == "[" else self.expression())
        self._take(")")
        self._has_literals = before
        return tuple(found)

    def _list(self) -> list[Any]:
        self._take("[")
        found: list[Any] = []
        while self._next() != "]":
            if self._next() == ",":
                self._take()
            else:
                found.append(self._list() if self._next() == "[" else self.expression())
        self._take("]")
        return found


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[:1] in "\"'" and len(token) > 1 else token

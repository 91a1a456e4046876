"""Cut the text of a mapping into tokens, each with its place.

Comments begin with ``#`` and end with the line. Source: the public Apollo Connectors convention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "variable", "number", "string", "sign", "end"]


class MappingSyntaxError(ValueError):
    """The text is not a mapping. ``at`` is the offset at which it stops to be one."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is the meaning: of a string what stands between the quotes, unescaped."""

    kind: Kind
    text: str
    at: int
    end: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f'"{self.text}"'


_PATTERN = re.compile(
    r"""(?P<space>(?:\s|\#[^\n\r]*)+)
      | (?P<variable>\$[A-Za-z_][A-Za-z0-9_]*)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<sign>\.\.\.|->|\?\?|\?!|\$\(|[{}()\[\]:,.?$@])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def tokenize(text: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens from ``start`` on, ``end`` last. Raises :class:`MappingSyntaxError` when reached."""
    at = start
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            raise MappingSyntaxError(f'"{text[at]}" has no meaning in a mapping.', at)
        kind, content, end = str(match.lastgroup), match.group(), match.end()
        if kind == "string":
            yield Token("string", _unescape(content[1:-1], at + 1), at, end)
        elif kind != "space":
            yield Token(kind, content, at, end)  # type: ignore[arg-type]  # the groups are named by kind
        at = end
    yield Token("end", "", at, at)


def _unescape(content: str, at: int) -> str:
    def replace(match: re.Match[str]) -> str:
        escape = match.group(1)
        if len(escape) == 5:
            return chr(int(escape[1:], 16))
        if escape == "u":
            raise MappingSyntaxError("\\u needs four hexadecimal digits.", at + match.start())
        return _ESCAPES.get(escape, escape)

    text = re.sub(r"\\(u[0-9a-fA-F]{4}|.)", replace, content, flags=re.DOTALL)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

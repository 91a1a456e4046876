"""An SQL query with expressions in braces: ``SELECT id, name FROM enterprise WHERE code = {$args.code}``.

Every expression becomes a bound parameter: nothing that a client or another department sends is ever read as SQL.
Source: docs/spec/sql.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schema.mapping.parse import parse_embedded
from schema.mapping.syntax import Expression, Path, print_argument
from schema.mapping.tokens import MappingSyntaxError

_FIXED = re.compile(
    r"""(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]\d][^\]]*\]|--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
      | (?P<brace>\{) | (?P<closing>\}) | (?P<end>;) | (?P<open>['"`]|/\*)""",
    re.VERBOSE | re.DOTALL,
)
_READS = re.compile(r"(?:SELECT|WITH)\b", re.IGNORECASE)
_SKIPPED = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_AMBIGUOUS = re.compile(r"""(?<!\\)(?:\\\\)*\\['"]""")
"""A backslash that MySQL reads as part of a string, and others as its last character."""
_IN = re.compile(r"\b(NOT\s+)?IN\s*(\(?)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that is bound. One that ``expands`` stands behind IN, and holds a list."""

    value: Expression
    expands: bool = False

    def __str__(self) -> str:
        return f"{{{print_argument(self.value)}}}"


@dataclass(frozen=True, slots=True)
class Statement:
    """``parts`` alternate freely between SQL and parameters."""

    parts: tuple[str | Parameter, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    @property
    def expressions(self) -> Iterator[Expression]:
        return (part.value for part in self.parts if isinstance(part, Parameter))


def parse_statement(text: str) -> Statement:
    """Raises :class:`MappingSyntaxError` for what is no single query, and for an expression where no value can be
    bound: in a string, a quoted name or a comment."""
    if not _READS.match(text, _SKIPPED.match(text).end()):  # type: ignore[union-attr]  # it matches nothing, too
        raise MappingSyntaxError("A statement begins with SELECT or WITH.", 0)
    parts: list[str | Parameter] = []
    at = start = 0
    while match := _FIXED.search(text, at):
        at = match.end()
        if match["text"]:
            if re.search(r"\{\s*(?:\$[A-Za-z_.(]|@)", match["text"]):
                raise MappingSyntaxError("No value can be bound inside quotes or a comment.", match.start())
            if match["text"][0] in "'\"" and _AMBIGUOUS.search(match["text"]):
                raise MappingSyntaxError(
                    "A backslash before a quote ends the string in some databases and not in others. Write '' for "
                    "a quote, and \\\\ in a string with escapes, or bind the value.",
                    match.start(),
                )
        elif match["brace"]:
            parts.append(text[start : match.start()])
            expression, at = parse_embedded(text, match.end())
            start = at
            if isinstance(expression, Path) and expression.start is None:
                raise MappingSyntaxError(
                    f'"{expression}" needs a variable in front: $args.{expression} …', match.end()
                )
            parts.append(Parameter(expression))
        elif match["end"]:
            if _SKIPPED.fullmatch(text, at) is None:
                raise MappingSyntaxError("There is more than one statement.", match.start())
            parts.append(text[start : match.start()])
            return Statement(tuple(_listed(parts)))
        else:
            what = "closes nothing" if match["closing"] else "is not closed"
            raise MappingSyntaxError(f'"{match.group()}" {what}.', match.start())
    parts.append(text[start:])
    return Statement(tuple(_listed(parts)))


def _listed(parts: list[str | Parameter]) -> Iterator[str | Parameter]:
    """Behind IN a parameter is a list; parentheses around it are the list's own."""
    kept = list(parts)
    for index, part in enumerate(kept):
        before, after = kept[index - 1] if index else "", kept[index + 1] if index + 1 < len(kept) else ""
        if not (isinstance(part, Parameter) and isinstance(before, str) and isinstance(after, str)):
            continue
        found = _IN.search(before)
        if found is None:
            continue
        if found[1]:
            raise MappingSyntaxError("NOT IN an empty list would find nothing; write NOT EXISTS.", found.start(1))
        if found[2] and after.lstrip().startswith(")"):
            kept[index - 1] = before[: found.start(2)]
            kept[index + 1] = after.lstrip()[1:]
        elif found[2]:
            continue
        kept[index] = Parameter(part.value, expands=True)
    return (part for part in kept if part != "")

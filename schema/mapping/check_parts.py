"""What beside a selection is mapped gives a value of its kind, and is made of what there is.

``isSuccess`` gives a truth value, a message a text; ``queryParams`` and ``extensions`` have names, the segments of
a ``path`` none. Before the answer is there, a path begins at a variable: nothing else has a property to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from schema.mapping.connect import Connect
from schema.mapping.findings import Findings
from schema.mapping.shape import Fields, Leaf, shape_of
from schema.mapping.syntax import (
    ArrayLiteral,
    Choice,
    Expression,
    Group,
    Key,
    Maybe,
    Method,
    ObjectLiteral,
    Path,
    Variable,
)
from schema.mapping.texts import answer_selections, code_of, kind_of, request_selections, request_texts

_Dollar = Literal["a value", "an empty object", "nothing"]
_MENDS = {
    "isSuccess": "gives an object, which is never a success. Write a condition: $status->eq(200), $.ok",
    "message": "gives an object, and a message is a text. Begin at $: $.error.message",
    "path": "gives an object, and a path has segments. Write a list: $(['items', $args.id])",
    "queryParams": "gives a value without names. Name it: page: $args.page",
    "extensions": "gives a value without names. Name it: status: $status",
}


def check_parts(findings: Findings) -> None:
    """A source's parts are told once, at the first connector that uses it."""
    sources: set[str] = set()
    for connect in findings.read.connects:
        if connect.statement is not None:
            continue
        is_told = connect.source is not None and connect.source.name in sources
        for role, at, message in (*_of_another_kind(connect), *_before_the_answer(connect)):
            if not (is_told and role.startswith("source ")):
                about = f'@connect on "{connect.coordinate}": {role} {message}'
                findings.tell(code_of(role), about, findings.at(connect, role, at))
        if connect.source is not None:
            sources.add(connect.source.name)


def _of_another_kind(connect: Connect) -> Iterator[tuple[str, int, str]]:
    for role, selection in (*request_selections(connect), *answer_selections(connect)):
        kind = kind_of(role)
        wrong = Leaf if kind in {"queryParams", "extensions"} else Fields
        if kind in _MENDS and isinstance(shape_of(selection), wrong):
            yield role, 0, f"{_MENDS[kind]}."


def _before_the_answer(connect: Connect) -> Iterator[tuple[str, int, str]]:
    for role, expression in request_texts(connect):
        is_template = kind_of(role) in {"url", "header"}
        dollar: _Dollar = "nothing" if is_template else "an empty object"
        for path, at in _astray(expression, dollar, has_input=False):
            yield role, at, f'reads "{path}", but there is no answer yet. {_mend(path, is_template=is_template)}'


def _astray(expression: Expression, dollar: _Dollar, *, has_input: bool) -> Iterator[tuple[Path, int]]:
    """Paths into what is not there, each with its place. ``has_input``: within a method, which is given some
    value, where a path begins too as long as there is no ``$``."""
    match expression:
        case Path(start, steps, group):
            first = next((step for step in steps if not isinstance(step, Maybe)), None)
            if isinstance(first, Key) and _is_nowhere(start, dollar, has_input=has_input):
                yield Path(start, steps), first.at
                return
            if start is not None:
                yield from _astray(start, dollar, has_input=has_input)
            for step in steps:
                for argument in step.arguments if isinstance(step, Method) else ():
                    yield from _astray(argument, dollar, has_input=True)
            if group is not None:
                yield from _astray(group, "a value", has_input=True)
        case ArrayLiteral(parts) | Choice(_, parts):
            for part in parts:
                yield from _astray(part, dollar, has_input=has_input)
        case Group(members) | ObjectLiteral(members):
            for member in members:
                yield from _astray(member.value, dollar, has_input=has_input)


def _is_nowhere(start: Expression | None, dollar: _Dollar, *, has_input: bool) -> bool:
    if start is None:
        return dollar == "an empty object" or (dollar == "nothing" and not has_input)
    if not isinstance(start, Variable):
        return False
    return (start.name == "$" and dollar != "a value") or (start.name == "@" and not has_input)


def _mend(path: Path, *, is_template: bool) -> str:
    text = str(path).removeprefix("$.").removeprefix("@.")
    if path.start is None and not is_template:
        return f"Read a variable: $args.{text}, $this.{text}. A literal is written $('…')."
    return f"Read a variable: $args.{text}, $this.{text}."

"""A null that has a reason: it stands in the merged answer where a value should have been.

Putting the reason where the value is missing, rather than into a list on the side, makes three rules of the
specification fall out of one walk: an error is told at the place where the client sees the null, in the
operation's order, and once per cause however many objects share it. Whatever the client did not ask for
is never visited, so a hidden field's fault is told where it made something else impossible.
Source: GraphQL specification, 6.4.4 "Handling execution errors".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from re import compile as regex
from typing import Any

from connectors.connector import StaleAnswer
from schema.errors import RuntimeCode

MESSAGE_LIMIT = 500
PATH_LIMIT = 64

_SANE_CODE = regex(r"[A-Z][A-Z0-9_]{1,63}")
_DECLARED_CODE = regex(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}")
"""A mapping may give a service's own: ``card_declined``, ``409``."""
_CONTROL = regex(r"[\x00-\x08\x0b-\x1f\x7f]")

ResponsePath = tuple[str | int, ...]


@dataclass(slots=True, eq=False)
class Cause:
    """Why something is missing. ``is_told`` turns true once the client has been told."""

    message: str
    code: str
    service: str | None = None
    is_told: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further extensions that clients may read."""


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """A null with its cause. The error's path is that of the place, less ``up`` steps, plus ``below``.

    ``missing`` is what the failed fetch should have brought below it, in case another one brings the object.
    """

    cause: Cause
    up: int = 0
    below: ResponsePath = ()
    missing: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Part:
    """What became of one subgraph's part of a gathered list; printed in ``extensions.sources``.

    So is what was answered of earlier, gathered or not: then ``stale`` tells how old it is and why.
    """

    service: str
    milliseconds: int
    count: int | None = 0
    cause: Cause | None = None
    stale: StaleAnswer | None = None


class GatheredList(list[Any]):
    """A joined list that knows which part each element came from: ``origins[i]`` is an index into ``parts``."""

    __slots__ = ("origins", "parts")

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.origins: list[int] = []


@dataclass(slots=True)
class Diagnostics:
    """Errors that belong to no null: pathless ones, and those at a value that is there all the same.

    ``order`` is the place of the fetch in the plan, so that arrival decides nothing.
    """

    loose: list[tuple[int, Cause, ResponsePath]] = field(default_factory=list)
    stale: list[tuple[int, ResponsePath, Part]] = field(default_factory=list)
    """Answers of earlier, by where they stand."""

    def add(self, order: int, cause: Cause, path: ResponsePath) -> None:
        self.loose.append((order, cause, path))


def cause_of_error(error: object, service: str, *, is_declared: bool = False) -> Cause:
    """A subgraph's error as we let it pass: its message, cut to size, and its code when it is a sane one.

    One without a path refuses our request: the names that it suggests in place of ours were never published.
    Of one that ``is_declared`` by a mapping of ours the other extensions pass too, and a code as the service
    has it.
    """
    message: object = None
    code: object = None
    more: Mapping[str, Any] = {}
    if isinstance(error, Mapping):
        message = error.get("message")
        extensions = error.get("extensions")
        code = extensions.get("code") if isinstance(extensions, Mapping) else None
        more = extensions if is_declared and isinstance(extensions, Mapping) else {}
    if not isinstance(message, str) or not message:
        message = "The department reported an error without a message."
    elif path_of_error(error) is None and not is_declared:
        message = message.partition(" Did you mean ")[0]
    sane = _DECLARED_CODE if is_declared else _SANE_CODE
    if not (isinstance(code, str) and sane.fullmatch(code)):
        code = RuntimeCode.DEPARTMENT_ERROR
    return Cause(_CONTROL.sub("", message)[:MESSAGE_LIMIT], str(code), service, more=more)


def path_of_error(error: object) -> ResponsePath | None:
    """The error's path when it is one, else ``None``."""
    path = error.get("path") if isinstance(error, Mapping) else None
    if not isinstance(path, list) or not path or len(path) > PATH_LIMIT:
        return None
    if all(type(step) is int or type(step) is str for step in path):
        return tuple(path)
    return None

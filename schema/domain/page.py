"""A page of a longer list, forward or backward from a cursor.

A cursor says where an element stands in the list's order, not how many stand before it: a page goes on where the
last one ended though elements came or went meanwhile.
Source: Relay, "GraphQL Cursor Connections Specification", "Pagination algorithm".
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from schema.errors import DomainError, RuntimeCode

MAXIMUM_PAGE = 100
DEFAULT_PAGE = 20
_MAXIMUM_CURSOR = 400

Element = TypeVar("Element")
Place = tuple[str | int, ...]
"""Where an element stands: what the list is ordered by, of one shape for the whole list."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The ``first`` elements after ``after``, the ``last`` ones before ``before``; the first twenty if neither."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Element]):
    """``cursors`` has one for each of ``elements``."""

    elements: tuple[Element, ...]
    cursors: tuple[str, ...]
    has_previous: bool
    has_next: bool


def page(elements: Sequence[Element], place_of: Callable[[Element], Place], wanted: PageRequest) -> Page[Element]:
    """``elements`` stand in the order of their places, which differ.

    Raises :class:`DomainError` for sizes out of range and for what is no cursor of this list.
    """
    places = [place_of(each) for each in elements]
    first, last = _size("first", wanted.first), _size("last", wanted.last)
    if first is None and last is None:
        first = DEFAULT_PAGE
    begin, end = 0, len(places)
    if wanted.after is not None:
        begin = bisect_right(places, _place("after", wanted.after, places))
    if wanted.before is not None:
        end = max(begin, bisect_left(places, _place("before", wanted.before, places)))
    if first is not None:
        end = min(end, begin + first)
    if last is not None:
        begin = max(begin, end - last)
    cursors = tuple(_cursor(each) for each in places[begin:end])
    return Page(tuple(elements[begin:end]), cursors, has_previous=begin > 0, has_next=end < len(places))


def _size(name: str, size: int | None) -> int | None:
    if size is not None and not 0 <= size <= MAXIMUM_PAGE:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`{name}` is a whole number from 0 to {MAXIMUM_PAGE}.")
    return size


def _cursor(place: Place) -> str:
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()


def _place(name: str, cursor: str, places: Sequence[Place]) -> Place:
    """What a cursor says, if it is one of this list."""
    try:
        told = json.loads(urlsafe_b64decode(cursor)) if len(cursor) <= _MAXIMUM_CURSOR else None
    except ValueError:
        told = None
    shape = [type(each) for each in places[0]] if places else None
    if not isinstance(told, list) or (shape is not None and [type(each) for each in told] != shape):
        raise DomainError(
            RuntimeCode.BAD_USER_INPUT, f"`{name}` is no cursor of this list. Take one of its edges."
        )
    return tuple(told)

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


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of an ordered list to read: strictly between two places, at most ``limit`` from one end.

    ``keep_last`` of what was read make the page, where somebody asks for the last of the first.
    """

    after: Place | None
    before: Place | None
    limit: int
    is_from_end: bool
    keep_last: int | None = None


def window(wanted: PageRequest, shape: tuple[type, ...]) -> Window:
    """The part of a list that a page needs, for who reads it from a database; ``shape`` are the types of a place.

    Read one more than ``limit``, so that :func:`page_of_window` can tell whether more is beside it.

    Raises :class:`DomainError` for sizes out of range and for what is no cursor of this list.
    """
    first, last = _size("first", wanted.first), _size("last", wanted.last)
    after = None if wanted.after is None else _told("after", wanted.after, shape)
    before = None if wanted.before is None else _told("before", wanted.before, shape)
    if first is None and last is not None:
        return Window(after, before, last, is_from_end=True)
    return Window(after, before, DEFAULT_PAGE if first is None else first, is_from_end=False, keep_last=last)


def page_of_window(
    found: Sequence[Element], place_of: Callable[[Element], Place], wanted: Window
) -> Page[Element]:
    """``found`` are the window's elements in the order of the list, one more than its limit where there is one.

    Elements are never taken from the list: what a cursor names is still there, so something is beside it.
    """
    has_more = len(found) > wanted.limit
    elements = list(found)
    if has_more:
        elements = elements[1:] if wanted.is_from_end else elements[:-1]
    has_previous = wanted.after is not None or (has_more and wanted.is_from_end)
    has_next = wanted.before is not None or (has_more and not wanted.is_from_end)
    if wanted.keep_last is not None and len(elements) > wanted.keep_last:
        elements, has_previous = elements[len(elements) - wanted.keep_last :], True
    cursors = tuple(_cursor(place_of(each)) for each in elements)
    return Page(tuple(elements), cursors, has_previous=has_previous, has_next=has_next)


def check_first(first: int, most: int = MAXIMUM_PAGE) -> None:
    """Of a list that is not paged: ``first`` elements are wanted, one at least. Raises :class:`DomainError`."""
    if not 1 <= first <= most:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`first` is between 1 and {most}.")


def _size(name: str, size: int | None) -> int | None:
    if size is not None and not 0 <= size <= MAXIMUM_PAGE:
        raise DomainError(RuntimeCode.BAD_USER_INPUT, f"`{name}` is a whole number from 0 to {MAXIMUM_PAGE}.")
    return size


def _cursor(place: Place) -> str:
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()


def _place(name: str, cursor: str, places: Sequence[Place]) -> Place:
    """What a cursor says, if it is one of this list."""
    return _told(name, cursor, tuple(type(each) for each in places[0]) if places else None)


def _told(name: str, cursor: str, shape: tuple[type, ...] | None) -> Place:
    try:
        told = json.loads(urlsafe_b64decode(cursor)) if len(cursor) <= _MAXIMUM_CURSOR else None
    except ValueError:
        told = None
    if not isinstance(told, list) or (shape is not None and tuple(type(each) for each in told) != shape):
        raise DomainError(
            RuntimeCode.BAD_USER_INPUT, f"`{name}` is no cursor of this list. Take one of its edges."
        )
    return tuple(told)

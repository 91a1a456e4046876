"""Pages of a list: Relay connections, offset and limit, page numbers, and objects that wrap a list.

Source: https://relay.dev/graphql/connections.htm.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)

from mocks.generated.naming import split_words

_LISTS = (
    "items",
    "nodes",
    "data",
    "results",
    "records",
    "content",
    "list",
    "rows",
    "entries",
    "elements",
    "edges",
)
_TOTALS = frozenset({"totalcount", "total", "count", "totalelements", "totalitems", "totalrecords"})
_MORE = frozenset({"hasmore", "hasnextpage", "hasnext"})
_CURSOR = "item:"


def is_connection(named: Any) -> bool:
    """A Relay connection: ``edges`` or ``nodes``, and ``pageInfo``."""
    return (
        isinstance(named, GraphQLObjectType)
        and "pageInfo" in named.fields
        and bool({"edges", "nodes"} & named.fields.keys())
    )


def listed_by(named: Any) -> tuple[str, str] | None:
    """Of an object that wraps a list: the field that has it, and the type of what is in it."""
    if not isinstance(named, GraphQLObjectType):
        return None
    if is_connection(named):
        if "nodes" in named.fields:
            return "nodes", get_named_type(named.fields["nodes"].type).name
        edge = get_named_type(named.fields["edges"].type)
        if isinstance(edge, GraphQLObjectType | GraphQLInterfaceType) and "node" in edge.fields:
            return "edges", get_named_type(edge.fields["node"].type).name
        return None
    if not (_TOTALS | _MORE) & {"".join(split_words(name)) for name in named.fields}:
        return None
    for name in _LISTS:
        declared = named.fields.get(name)
        if declared is not None and isinstance(get_nullable_type(declared.type), GraphQLList):
            inner = get_named_type(declared.type)
            return (name, inner.name) if is_composite_type(inner) else None
    return None


class Page:
    """A part of a sequence: from ``begin`` to before ``end`` of ``total``."""

    def __init__(self, total: int, asked: Mapping[str, Any]) -> None:
        """Raises ``GraphQLError`` for a page that cannot be."""
        for name in ("first", "last", "limit", "offset", "skip", "take", "pagesize", "perpage", "size"):
            if isinstance(asked.get(name), int) and asked[name] < 0:
                raise GraphQLError(f'"{name}" must not be negative.', extensions={"code": "BAD_PAGE"})
        self.total, self.asked = total, asked
        self.begin, self.end = (
            self._relay() if {"first", "after", "last", "before"} & asked.keys() else self._counted()
        )

    def _relay(self) -> tuple[int, int]:
        begin, end = 0, self.total
        if (after := self.asked.get("after")) is not None:
            begin = read_cursor(after) + 1
        if (before := self.asked.get("before")) is not None:
            end = min(end, read_cursor(before))
        begin, end = min(begin, self.total), max(end, 0)
        if (first := self.asked.get("first")) is not None:
            end = min(end, begin + first)
        if (last := self.asked.get("last")) is not None:
            begin = max(begin, end - last)
        return begin, max(begin, end)

    def _counted(self) -> tuple[int, int]:
        asked = self.asked
        size = next((asked[n] for n in ("limit", "pagesize", "perpage", "take", "size", "top", "maxresults")
                     if isinstance(asked.get(n), int)), self.total)  # fmt: skip
        begin = next(
            (asked[name] for name in ("offset", "skip", "start") if isinstance(asked.get(name), int)), None
        )
        number = next(
            (asked[n] for n in ("page", "pagenumber", "pagenum", "pageno") if isinstance(asked.get(n), int)), 1
        )
        if begin is None:
            begin = max(number - 1, 0) * size
        return min(begin, self.total), min(begin + size, self.total)

    def of(self, items: Sequence[Any]) -> list[Any]:
        return list(items[self.begin : self.end])

    def told(self, named: GraphQLObjectType, items: Sequence[Any]) -> dict[str, Any]:
        """What an object that wraps the list says of this page."""
        shown = self.of(items)
        found: dict[str, Any] = {}
        for name in named.fields:
            match "".join(split_words(name)):
                case "edges":
                    found[name] = [
                        {"cursor": cursor_of(self.begin + place), "node": each} for place, each in enumerate(shown)
                    ]
                case "pageinfo":
                    found[name] = self._info()
                case bare if bare in _TOTALS:
                    found[name] = self.total
                case bare if bare in _MORE:
                    found[name] = self.end < self.total
                case "hasprevious" | "haspreviouspage" | "hasprev":
                    found[name] = self.begin > 0
                case "offset":
                    found[name] = self.begin
                case "limit" | "pagesize" | "perpage":
                    found[name] = self._size()
                case "page" | "pagenumber" | "pagenum" | "currentpage":
                    found[name] = self.begin // max(self._size(), 1) + 1
                case "totalpages" | "pages" | "pagecount":
                    found[name] = -(-self.total // max(self._size(), 1))
        listed = listed_by(named)
        if listed and listed[0] != "edges":
            found[listed[0]] = shown
        return found

    def _size(self) -> int:
        sizes = (
            self.asked.get(name) for name in ("limit", "pagesize", "perpage", "take", "size", "first", "last")
        )
        return next((size for size in sizes if isinstance(size, int)), self.total)

    def _info(self) -> dict[str, Any]:
        is_empty = self.begin >= self.end
        return {
            "hasNextPage": self.end < self.total,
            "hasPreviousPage": self.begin > 0,
            "startCursor": None if is_empty else cursor_of(self.begin),
            "endCursor": None if is_empty else cursor_of(self.end - 1),
        }


def cursor_of(place: int) -> str:
    return base64.b64encode(f"{_CURSOR}{place}".encode()).decode()


def read_cursor(cursor: Any) -> int:
    """Raises ``GraphQLError`` for one that this mock did not give."""
    try:
        text = base64.b64decode(str(cursor), validate=True).decode()
        return int(text.removeprefix(_CURSOR))
    except (binascii.Error, ValueError):
        message = f'"{cursor}" is no cursor of this list. Take one from its pageInfo or edges.'
        raise GraphQLError(message, extensions={"code": "BAD_CURSOR"}) from None

"""One page of a connection: which rows are asked for, and what is made of them.

Sources: Relay, "GraphQL Cursor Connections"; docs/spec/sql.md.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.connector import JSON
from connectors.mapping import InvalidValue, evaluate
from connectors.sql.database import Query, Row
from schema.mapping.connect import Connect
from schema.mapping.keyset import Keyset


@dataclass(frozen=True, slots=True)
class Page:
    """``after`` and ``before`` are key values of the rows that bound it; ``is_backward`` reads from the end."""

    size: int
    is_backward: bool = False
    after: tuple[JSON, ...] | None = None
    before: tuple[JSON, ...] | None = None


def read_page(arguments: JSON, keyset: Keyset, most: int) -> Page:
    """Raises :class:`InvalidValue`."""
    given = arguments if isinstance(arguments, Mapping) else {}
    first, last = given.get("first"), given.get("last")
    if first is not None and last is not None:
        raise InvalidValue("Ask for the first or the last, not for both.")
    wanted = last if last is not None else first
    if wanted is not None and not (isinstance(wanted, int) and wanted >= 0):
        raise InvalidValue("first and last are numbers from 0 on.")
    if wanted is not None and wanted > most:
        raise InvalidValue(f"At most {most} at once: ask for fewer, and for the next page.")
    size = most if wanted is None else wanted
    bounds = (_read_cursor(given.get(name), keyset, name) for name in ("after", "before"))
    return Page(size, last is not None, *bounds)


def page_query(query: Query, page: Page, keyset: Keyset) -> Query:
    """One row more than the page has, to know whether others follow."""
    order = keyset.reversed() if page.is_backward else keyset
    values = dict(query.values)
    conditions = [
        _beyond(columns, bound, prefix, values)
        for columns, bound, prefix in ((keyset, page.after, "a"), (keyset.reversed(), page.before, "b"))
        if bound is not None
    ]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    values["page_rows"] = page.size + 1
    text = f"SELECT * FROM ({query.text}) AS page{where} ORDER BY {order} LIMIT :page_rows"  # noqa: S608  of the SDL
    return Query(text, values, query.lists)


def connection_of(rows: list[Row], page: Page, connect: Connect, scope: Mapping[str, JSON]) -> JSON:
    """The connection, its nodes as the selection maps them."""
    if connect.keyset is None:
        raise ValueError(f"{connect.place} gives no connection.")
    has_more, kept = len(rows) > page.size, rows[: page.size]
    if page.is_backward:
        kept.reverse()
    nodes = evaluate(connect.selection, kept, scope)
    cursors = [_cursor(row, connect.keyset) for row in kept]
    return {
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes or [], strict=True)],
        "nodes": nodes,
        "pageInfo": {
            "hasNextPage": page.before is not None if page.is_backward else has_more,
            "hasPreviousPage": has_more if page.is_backward else page.after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _beyond(columns: Keyset, bound: tuple[JSON, ...], prefix: str, values: dict[str, JSON]) -> str:
    """Rows behind one with these key values: the first column further on, or equal and the next further on, …"""
    names = [f"{prefix}{number}" for number in range(len(bound))]
    values.update(zip(names, bound, strict=True))
    cases = []
    for number, column in enumerate(columns.columns):
        equal = [f"{each.name} = :{name}" for each, name in zip(columns.columns[:number], names, strict=False)]
        sign = "<" if column.descends else ">"
        cases.append(" AND ".join([*equal, f"{column.name} {sign} :{names[number]}"]))
    return f"({' OR '.join(f'({case})' for case in cases)})"


def _cursor(row: Row, keyset: Keyset) -> str:
    missing = [name for name in keyset.names if row.get(name) is None]
    if missing:
        raise InvalidValue(f"The key column {', '.join(missing)} is null or not among the columns of the query.")
    text = json.dumps([row[name] for name in keyset.names], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode()


def _read_cursor(text: JSON, keyset: Keyset, name: str) -> tuple[JSON, ...] | None:
    if text is None:
        return None
    try:
        values = json.loads(urlsafe_b64decode(str(text).encode()))
    except (ValueError, RecursionError):
        values = None
    is_key = isinstance(values, list) and len(values) == len(keyset.columns)
    if not is_key or any(value is None or isinstance(value, list | dict) for value in values):
        raise InvalidValue(f"{name} is no cursor of this connection.")
    return tuple(values)

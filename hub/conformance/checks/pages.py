"""Pages are stable: walked twice they give the same, each element once.

Source: Relay, "GraphQL Cursor Connections".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.connector import JSON
from hub.conformance.bench import Bench
from hub.conformance.result import CheckResult, failed, not_applicable, passed
from hub.conformance.selecting import RootField

_CHECK = "pages-stable"
_SIZE = 2
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Walk:
    """The elements in the order in which they came; ``trouble`` ended it early."""

    elements: tuple[str, ...]
    pages: int
    trouble: str = ""


async def stable(bench: Bench) -> list[CheckResult]:
    """Every connection is walked twice, two elements a page."""
    results = []
    for root in bench.reads():
        if {"first", "after"} <= root.field.args.keys():
            results.append(_compared(root, await _walk(bench, root), await _walk(bench, root)))
    return results or [not_applicable(_CHECK, "No field has first and after.")]


async def _walk(bench: Bench, root: RootField) -> Walk:
    elements: list[str] = []
    after: JSON = None
    for page in range(1, _MOST_PAGES + 1):
        asked = await bench.ask(bench.query_of(root, {"first": _SIZE, "after": after}))
        connection = (asked.data or {}).get(root.name)
        if not asked.is_well or not isinstance(connection, Mapping):
            return Walk(tuple(elements), page, f"page {page}: {asked.trouble or 'is no connection'}")
        bench.keep(connection)
        edges, information = connection.get("edges") or [], connection.get("pageInfo") or {}
        nodes = [edge.get("node") for edge in edges] if edges else connection.get("nodes") or []
        elements += (_identity(bench, node) for node in nodes)
        if not information.get("hasNextPage"):
            return Walk(tuple(elements), page)
        if information.get("endCursor") in (None, after):
            return Walk(
                tuple(elements), page, f"page {page} says that there are more, and not from where on (endCursor)"
            )
        after = information["endCursor"]
    return Walk(tuple(elements), _MOST_PAGES)


def _compared(root: RootField, first: Walk, second: Walk) -> CheckResult:
    if first.trouble:
        mend = "A connection has edges { cursor node } and pageInfo { hasNextPage endCursor }."
        return failed(_CHECK, first.trouble, mend, root.coordinate)
    repeated = len(first.elements) - len(set(first.elements))
    if repeated:
        mend = "A page begins behind the element of its cursor: order by a key that is never the same twice."
        return failed(_CHECK, f"{repeated} elements came more than once.", mend, root.coordinate)
    if first.elements != second.elements:
        mend = "Order by something that stays, such as the key."
        return failed(_CHECK, "The second walk gave other elements, or another order.", mend, root.coordinate)
    return passed(
        _CHECK, f"{len(first.elements)} elements on {first.pages} pages, twice the same", root.coordinate
    )


def _identity(bench: Bench, node: JSON) -> str:
    if isinstance(node, Mapping):
        keys = bench.keys_of(str(node.get("__typename")), node)
        if keys:
            return json.dumps(keys[0], sort_keys=True)
    return json.dumps(node, sort_keys=True)

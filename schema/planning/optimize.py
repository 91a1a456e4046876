"""Passes over the fetch graph; each a function with one signature, run in order.

A new pass is a new function and a line in ``PASSES``.
"""

from __future__ import annotations

from collections.abc import Callable

from schema.planning.fetch_graph import FetchGraph, Join, Node, Step

Pass = Callable[[FetchGraph], FetchGraph]


def optimize(graph: FetchGraph) -> FetchGraph:
    """The graph after every pass."""
    for one in PASSES:
        graph = one(graph)
    return graph


def drop_implied_waits(graph: FetchGraph) -> FetchGraph:
    """A fetch need not name what it waits for through another."""
    for nodes in graph.stages:
        for node in nodes:
            implied = {id(one) for direct in node.after for one in _ancestors(direct)}
            node.after = tuple(one for one in node.after if id(one) not in implied)
    return graph


def order_by_waits(graph: FetchGraph) -> FetchGraph:
    """Every fetch after those it waits for, then by service and path, so that plans print the same."""
    return FetchGraph(tuple(tuple(sorted(nodes, key=_order)) for nodes in graph.stages))


PASSES: tuple[Pass, ...] = (drop_implied_waits, order_by_waits)


def _ancestors(node: Node) -> list[Node]:
    found: list[Node] = []
    stack = list(node.after)
    while stack:
        one = stack.pop()
        if one not in found:
            found.append(one)
            stack.extend(one.after)
    return found


def _order(node: Node) -> tuple[int, str, str]:
    service = node.service if isinstance(node, Step) else ""
    return _depth(node), ".".join(str(one) for one in node.path), service


def _depth(node: Node) -> int:
    return 1 + max((_depth(one) for one in node.after), default=0)


__all__ = ["PASSES", "Join", "optimize"]

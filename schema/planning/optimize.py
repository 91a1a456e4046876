"""Passes over the fetch graph; each a function with one signature, run in order.

A new pass is a new function and a line in ``PASSES``.
"""

from __future__ import annotations

from collections.abc import Callable

from schema.planning.document import write
from schema.planning.fetch_graph import FetchGraph, Node, Step
from schema.planning.query_plan import OnTypes, Path

Pass = Callable[[FetchGraph], FetchGraph]


def optimize(graph: FetchGraph) -> FetchGraph:
    """The graph after every pass."""
    for one in PASSES:
        graph = one(graph)
    return graph


def order_by_waits(graph: FetchGraph) -> FetchGraph:
    """Every fetch after those it waits for, then by path and service, so that plans print the same."""
    return FetchGraph(tuple(_ordered(nodes) for nodes in graph.stages))


def merge_alike(graph: FetchGraph) -> FetchGraph:
    """One request where two ask the same at paths that differ in the types which they let through."""
    return FetchGraph(tuple(_merge_alike(nodes) for nodes in graph.stages))


def drop_implied_waits(graph: FetchGraph) -> FetchGraph:
    """A fetch need not name what it waits for through another."""
    for nodes in graph.stages:
        for node in nodes:
            implied = {id(one) for direct in node.after for one in _ancestors(direct)}
            node.after = tuple(one for one in node.after if id(one) not in implied)
    return graph


PASSES: tuple[Pass, ...] = (order_by_waits, merge_alike, drop_implied_waits, order_by_waits)


def _ordered(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    depth: dict[int, int] = {}
    # A fetch is made after those it waits for, so they come first in any graph as it was built.
    for node in nodes:
        depth[id(node)] = 1 + max((depth[id(one)] for one in node.after), default=0)
    return tuple(sorted(nodes, key=lambda node: (depth[id(node)], *_place(node))))


def _place(node: Node) -> tuple[str, str]:
    return ".".join(str(one) for one in node.path), node.service if isinstance(node, Step) else ""


def _merge_alike(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    kept: dict[int, Node] = {}
    alike: dict[tuple[object, ...], list[Step]] = {}
    for node in nodes:
        node.after = tuple(dict.fromkeys(kept[id(one)] for one in node.after))
        kept[id(node)] = node
        if not isinstance(node, Step) or not node.representations:
            continue
        steps = alike.setdefault(_what_is_asked(node), [])
        for step in steps:
            path = _joined(step.path, node.path)
            if path is not None:
                step.path = path
                step.guards.extend(node.guards)
                kept[id(node)] = step
                break
        else:
            steps.append(node)
    return tuple(node for node in nodes if kept[id(node)] is node)


def _what_is_asked(step: Step) -> tuple[object, ...]:
    after = tuple(id(one) for one in step.after)
    return (
        step.service,
        _shape(step.path),
        after,
        step.literals,
        tuple(step.representations.values()),
        write(step.document, frozenset()),
    )


def _shape(path: Path) -> tuple[object, ...]:
    """The path without the types that it lets through: only paths of one shape can be joined."""
    return tuple(None if isinstance(step, OnTypes) else step for step in path)


def _joined(one: Path, other: Path) -> Path | None:
    """One path for both; ``None`` where they differ in more than the types at one place."""
    pairs = list(zip(one, other, strict=False))
    different = [place for place, (mine, theirs) in enumerate(pairs) if mine != theirs]
    if len(one) != len(other) or len(different) != 1:
        return None
    mine, theirs = pairs[different[0]]
    if not (isinstance(mine, OnTypes) and isinstance(theirs, OnTypes)):
        return None
    types = OnTypes(tuple(sorted({*mine.types, *theirs.types})))
    return (*one[: different[0]], types, *one[different[0] + 1 :])


def _ancestors(node: Node) -> list[Node]:
    found: list[Node] = []
    stack = list(node.after)
    while stack:
        one = stack.pop()
        if one not in found:
            found.append(one)
            stack.extend(one.after)
    return found

"""Passes over the fetch graph; each a function with one signature, run in order.

A new pass is a new function and a line in ``PASSES``.
"""

from __future__ import annotations

from collections.abc import Callable

from schema.planning.bundle import ancestors, bundled, depths
from schema.planning.document import write
from schema.planning.fetch_graph import FetchGraph, Join, Node, Step
from schema.planning.neighbours import join_neighbours
from schema.planning.query_plan import OnTypes, Path
from schema.planning.selection import NO_LITERALS, either

Pass = Callable[[FetchGraph], FetchGraph]


def optimize(graph: FetchGraph) -> FetchGraph:
    """The graph after every pass."""
    for one in PASSES:
        graph = one(graph)
    return graph


def order_by_waits(graph: FetchGraph) -> FetchGraph:
    """Every fetch after those it waits for, then by path and service, so that plans print the same."""
    return FetchGraph(tuple(_ordered(nodes) for nodes in graph.stages))


def drop_impossible(graph: FetchGraph) -> FetchGraph:
    """No fetch for what stands under conditions that never hold together."""
    return FetchGraph(tuple(_possible(nodes) for nodes in graph.stages))


def merge_neighbours(graph: FetchGraph) -> FetchGraph:
    """One request where the client, a key or a ``@requires`` ask one subgraph for objects of the same place,
    unless the plan would take more steps."""
    return FetchGraph(tuple(join_neighbours(nodes) for nodes in graph.stages))


def merge_alike(graph: FetchGraph) -> FetchGraph:
    """One request where two ask the same at paths that differ in the types which they let through."""
    return FetchGraph(tuple(_merge_alike(nodes) for nodes in graph.stages))


def drop_implied_waits(graph: FetchGraph) -> FetchGraph:
    """A fetch need not name what it waits for through another."""
    for nodes in graph.stages:
        for node in nodes:
            if len(node.after) > 1:
                implied = {id(one) for direct in node.after for one in ancestors(direct)}
                node.after = tuple(one for one in node.after if id(one) not in implied)
    return graph


def bundle(graph: FetchGraph) -> FetchGraph:
    """One request for what is asked of one subgraph in one step, or may wait for another's."""
    return FetchGraph(tuple(bundled(nodes) for nodes in graph.stages))


PASSES: tuple[Pass, ...] = (
    drop_impossible,
    order_by_waits,
    merge_neighbours,
    order_by_waits,
    merge_alike,
    bundle,
    drop_implied_waits,
    order_by_waits,
)


def _possible(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    dropped: dict[int, Node] = {}
    for node in nodes:
        if any((variable, not value) in node.literals for variable, value in node.literals):
            dropped[id(node)] = node
        node.after = tuple(one for one in node.after if id(one) not in dropped)
    return tuple(node for node in nodes if id(node) not in dropped)


def _ordered(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    depth = depths(nodes)
    return tuple(sorted(nodes, key=lambda node: (depth[id(node)], *_place(node))))


def _place(node: Node) -> tuple[str, str]:
    return ".".join(str(one) for one in node.path), "" if isinstance(node, Join) else node.service


def _merge_alike(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    kept: dict[int, Node] = {}
    alike: dict[tuple[object, ...], list[Step]] = {}
    texts: dict[int, str] = {}

    def text(step: Step) -> str:
        if id(step) not in texts:
            texts[id(step)] = write(step.document, NO_LITERALS)
        return texts[id(step)]

    for node in nodes:
        node.after = tuple(dict.fromkeys(kept[id(one)] for one in node.after))
        kept[id(node)] = node
        if not isinstance(node, Step) or not node.representations or node.contexts:
            continue
        steps = alike.setdefault(_how_it_is_asked(node), [])
        for step in steps:
            path = _joined(step.path, node.path)
            if path is not None and text(step) == text(node):
                step.path = path
                step.guards.extend(node.guards)
                step.reveals |= node.reveals
                step.wanted = either(step.wanted, node.wanted)
                kept[id(node)] = step
                break
        else:
            steps.append(node)
    return tuple(node for node in nodes if kept[id(node)] is node)


def _how_it_is_asked(step: Step) -> tuple[object, ...]:
    """What two fetches have in common that may ask the same, but for their documents, which are long."""
    after = tuple(id(one) for one in step.after)
    return step.service, _shape(step.path), after, step.literals, tuple(step.representations.values())


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

"""Passes over the fetch graph; each a function with one signature, run in order.

A new pass is a new function and a line in ``PASSES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schema.planning.bundle import ancestors, bundled, depths
from schema.planning.document import DocumentSelection, write
from schema.planning.fetch_graph import FetchGraph, Join, Node, Step
from schema.planning.query_plan import OnTypes, Path, Representation
from schema.planning.selection import either
from schema.planning.site import join_parts

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
    return FetchGraph(tuple(_merge_neighbours(nodes) for nodes in graph.stages))


def merge_alike(graph: FetchGraph) -> FetchGraph:
    """One request where two ask the same at paths that differ in the types which they let through."""
    return FetchGraph(tuple(_merge_alike(nodes) for nodes in graph.stages))


def drop_implied_waits(graph: FetchGraph) -> FetchGraph:
    """A fetch need not name what it waits for through another."""
    for nodes in graph.stages:
        for node in nodes:
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


def _merge_neighbours(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    kept = list(nodes)
    places: dict[tuple[object, ...], list[Step]] = {}
    for node in nodes:
        if isinstance(node, Step) and node.representations and not node.contexts:
            places.setdefault((node.service, node.path), []).append(node)
    for steps in places.values():
        merged: list[Step] = []
        for step in steps:
            for other in merged:
                if _merge_into(other, step, kept):
                    break
            else:
                merged.append(step)
    return tuple(kept)


def _merge_into(step: Step, other: Step, nodes: list[Node]) -> bool:
    """Have ``step`` ask what ``other`` asks too, where neither waits for the other."""
    representations = _joined_representations(step, other)
    if representations is None or not step.document.may_take_in(other.document):
        return False
    if step in ancestors(other) or other in ancestors(step):
        return False
    rest = [node for node in nodes if node is not other]
    before = [(node, node.after) for node in rest]
    steps = max(depths(nodes).values())
    step.after = tuple(dict.fromkeys(step.after + other.after))
    for node in rest:
        node.after = tuple(dict.fromkeys(step if one is other else one for one in node.after))
    if max(depths(rest).values()) > steps:
        for node, after in before:
            node.after = after
        return False
    literals = step.literals & other.literals
    document = DocumentSelection(step.document.graph, step.service, step.document.type_name)
    for one in (step, other):
        document.take_in(one.document, one.literals - literals)
    step.document, step.literals, step.representations = document, literals, representations
    step.wanted = either(step.wanted, other.wanted)
    step.guards.extend(other.guards)
    step.reveals |= other.reveals
    nodes[:] = rest
    return True


def _joined_representations(step: Step, other: Step) -> dict[str, Representation] | None:
    """The representations for both. ``None`` where a required field would have two values, or would be waited
    for where it is not wanted."""
    if not _stand_for_the_same(step, other):
        return None
    joined = dict(step.representations)
    for type_name, theirs in other.representations.items():
        mine = joined.setdefault(type_name, theirs)
        # All of theirs: what is required may stand inside a key's field.
        selections = join_parts(mine.selections, theirs.selections)
        if selections is None or mine.send_as != theirs.send_as:
            return None
        needs = tuple(dict.fromkeys(mine.needs + theirs.needs))
        joined[type_name] = replace(mine, selections=selections, needs=needs)
    has_required = any(len(one.selections) > one.key_count for one in joined.values())
    return None if has_required and step.literals != other.literals else joined


def _stand_for_the_same(step: Step, other: Step) -> bool:
    """An interface object is asked the same for all that it stands for: other types may be asked for other
    things under the same names."""
    held = [
        {(t, one.send_as) for t, one in each.representations.items() if t != one.send_as} for each in (step, other)
    ]
    return held[0] == held[1] or not {name for _, name in held[0]} & {name for _, name in held[1]}


def _merge_alike(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    kept: dict[int, Node] = {}
    alike: dict[tuple[object, ...], list[Step]] = {}
    for node in nodes:
        node.after = tuple(dict.fromkeys(kept[id(one)] for one in node.after))
        kept[id(node)] = node
        if not isinstance(node, Step) or not node.representations or node.contexts:
            continue
        steps = alike.setdefault(_what_is_asked(node), [])
        for step in steps:
            path = _joined(step.path, node.path)
            if path is not None:
                step.path = path
                step.guards.extend(node.guards)
                step.reveals |= node.reveals
                step.wanted = either(step.wanted, node.wanted)
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

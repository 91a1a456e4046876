"""One request for what is asked of one subgraph in one step.

What may wait for a later request to the same subgraph waits, where the plan takes no more steps for it: the
fewest fetches come first. Source: docs/architecture.md, "The walk of one query".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from schema.planning.fetch_graph import Bundle, Node, Step

EntityCall = Step | Bundle


def bundled(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """The nodes of a stage, those of one step and subgraph as one."""
    depth = depths(nodes)
    together: dict[tuple[object, ...], list[EntityCall]] = {}
    for node in _entity_calls(nodes):
        together.setdefault((node.service, depth[id(node)]), []).append(node)
    for alike in together.values():
        if len(alike) > 1:
            nodes = _as_one(nodes, alike)
    while pair := _that_may_wait(nodes):
        nodes = _as_one(nodes, pair)
    return nodes


def depths(nodes: Iterable[Node]) -> dict[int, int]:
    """The step in which each fetch is made, the first being 1."""
    depth: dict[int, int] = {}

    def of(node: Node) -> int:
        if id(node) not in depth:
            depth[id(node)] = 1 + max((of(one) for one in node.after), default=0)
        return depth[id(node)]

    for node in nodes:
        of(node)
    return depth


def ancestors(node: Node) -> list[Node]:
    """What a node waits for, through others too."""
    found: dict[int, Node] = {}
    stack = list(node.after)
    while stack:
        one = stack.pop()
        if id(one) not in found:
            found[id(one)] = one
            stack.extend(one.after)
    return list(found.values())


def _entity_calls(nodes: Sequence[Node]) -> Iterator[EntityCall]:
    """What may share a request; a fetch that is made once for each value of a context may not."""
    for node in nodes:
        if isinstance(node, Bundle) or (isinstance(node, Step) and node.representations and not node.contexts):
            yield node


def _that_may_wait(nodes: Sequence[Node]) -> list[EntityCall] | None:
    """A node and a later one of the same subgraph that it may wait for, the nearest."""
    depth, latest = depths(nodes), _latest(nodes)
    by_service: dict[str, list[EntityCall]] = {}
    for node in sorted(_entity_calls(nodes), key=lambda one: depth[id(one)]):
        by_service.setdefault(node.service, []).append(node)
    for alike in by_service.values():
        for number, node in enumerate(alike):
            for later in alike[number + 1 :]:
                if depth[id(later)] > latest[id(node)]:
                    break
                if all(one is not node for one in ancestors(later)):
                    return [node, later]
    return None


def _latest(nodes: Sequence[Node]) -> dict[int, int]:
    """The last step in which each may be made without a longer plan."""
    depth = depths(nodes)
    last = max(depth.values(), default=0)
    latest = dict.fromkeys(depth, last)
    for node in sorted(nodes, key=lambda one: -depth[id(one)]):
        for one in node.after:
            latest[id(one)] = min(latest[id(one)], latest[id(node)] - 1)
    return latest


def _as_one(nodes: tuple[Node, ...], alike: Sequence[EntityCall]) -> tuple[Node, ...]:
    """The nodes with these in one request, in the place of the first."""
    steps = tuple(step for one in alike for step in (one.steps if isinstance(one, Bundle) else (one,)))
    after = tuple(dict.fromkeys(one for node in alike for one in node.after))
    literals = frozenset.intersection(*(step.literals for step in steps))
    made = Bundle(steps[0].service, steps, after, literals)
    kept: dict[int, Node] = {id(node): node for node in nodes}
    kept.update((id(node), made) for node in alike)
    every = tuple(dict.fromkeys(kept.values()))
    for node in every:
        node.after = tuple(dict.fromkeys(kept[id(one)] for one in node.after))
    return every

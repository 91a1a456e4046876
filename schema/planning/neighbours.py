"""Join fetches that ask one subgraph for objects of the same place, unless the plan would take more steps.

The longest chain of waits through a joined fetch is as long as the longer way to either of the two and the
longer way on from either. Both are kept for every fetch and corrected only around what is joined.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from schema.planning.bundle import ancestors, depths
from schema.planning.document import DocumentSelection
from schema.planning.fetch_graph import Node, Step
from schema.planning.query_plan import Representation
from schema.planning.selection import either
from schema.planning.site import join_parts


def join_neighbours(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """The nodes of one stage with fewer fetches of the same place."""
    joining = _Joining(nodes)
    places: dict[tuple[object, ...], list[Step]] = {}
    for node in nodes:
        if isinstance(node, Step) and node.representations and not node.contexts:
            kept = places.setdefault((node.service, node.path), [])
            if not any(joining.join(other, node) for other in kept):
                kept.append(node)
    return tuple(node for node in nodes if id(node) not in joining.gone)


@dataclass(slots=True)
class _Joining:
    """``depth`` is the step of a node, ``height`` how many steps it and what waits for it take."""

    nodes: tuple[Node, ...]
    depth: dict[int, int] = field(init=False)
    height: dict[int, int] = field(default_factory=dict)
    followers: dict[int, list[Node]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.depth = depths(self.nodes)
        for node in sorted(self.nodes, key=lambda one: -self.depth[id(one)]):
            behind = self.followers.setdefault(id(node), [])
            self.height[id(node)] = 1 + max((self.height[id(one)] for one in behind), default=0)
            for one in node.after:
                self.followers.setdefault(id(one), []).append(node)

    def join(self, step: Step, other: Step) -> bool:
        """Have ``step`` ask what ``other`` asks too, where neither waits for the other."""
        representations = _joined_representations(step, other)
        if representations is None or not step.document.may_take_in(other.document):
            return False
        steps = self._longest(self.depth, step, other) + self._longest(self.height, step, other) - 1
        if steps > max(self.depth.values()) or self._wait_for_one_another(step, other):
            return False
        self._replace(other, step)
        literals = step.literals & other.literals
        document = DocumentSelection(step.document.graph, step.service, step.document.type_name)
        for one in (step, other):
            document.take_in(one.document, one.literals - literals)
        step.document, step.literals, step.representations = document, literals, representations
        step.wanted = either(step.wanted, other.wanted)
        step.guards.extend(other.guards)
        step.reveals |= other.reveals
        return True

    def _longest(self, lengths: dict[int, int], step: Step, other: Step) -> int:
        return max(lengths[id(step)], lengths[id(other)])

    def _wait_for_one_another(self, step: Step, other: Step) -> bool:
        if self.depth[id(step)] == self.depth[id(other)]:
            return False
        return any(one is step for one in ancestors(other)) or any(one is other for one in ancestors(step))

    def _replace(self, other: Step, step: Step) -> None:
        step.after = tuple(dict.fromkeys(step.after + other.after))
        for one in other.after:
            self.followers[id(one)].append(step)
        behind = self.followers.pop(id(other))
        for node in behind:
            node.after = tuple(dict.fromkeys(step if one is other else one for one in node.after))
        self.followers[id(step)].extend(behind)
        self.gone.add(id(other))
        del self.depth[id(other)], self.height[id(other)]
        self._correct(step)

    def _correct(self, step: Step) -> None:
        """Depths from the step on, and heights before it, as far as they change."""
        stack: list[Node] = [step]
        while stack:
            node = stack.pop()
            depth = 1 + max((self.depth[id(one)] for one in node.after), default=0)
            if depth != self.depth[id(node)]:
                self.depth[id(node)] = depth
                stack.extend(one for one in self.followers[id(node)] if id(one) not in self.gone)
        stack = [step]
        while stack:
            node = stack.pop()
            behind = (self.height[id(one)] for one in self.followers[id(node)] if id(one) not in self.gone)
            height = 1 + max(behind, default=0)
            if height != self.height[id(node)] or node is step:
                self.height[id(node)] = height
                stack.extend(node.after)


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
    is_alike = step.literals == other.literals and step.wanted == other.wanted
    return joined if is_alike or not has_required else None


def _stand_for_the_same(step: Step, other: Step) -> bool:
    """An interface object is asked the same for all that it stands for: other types may be asked for other
    things under the same names."""
    held = [
        {(t, one.send_as) for t, one in each.representations.items() if t != one.send_as} for each in (step, other)
    ]
    return held[0] == held[1] or not {name for _, name in held[0]} & {name for _, name in held[1]}

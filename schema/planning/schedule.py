"""Put the fetches in order: side by side where neither waits for the other.

A plan nests sequences and parallels, which cannot say every order of a graph. Independent parts run side by
side; what hangs on one fetch alone stays in its branch when that costs no step; the rest waits for the
branches it joins.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from schema.planning.document import ENTITIES, separate_shapes, used_variables, write
from schema.planning.fetch_graph import Bundle, FetchGraph, Node, Step
from schema.planning.hidden import HiddenFields
from schema.planning.measure import count_steps
from schema.planning.normalize import Operation
from schema.planning.query_plan import (
    Batch,
    Condition,
    Fetch,
    Flatten,
    Gather,
    GatherPart,
    Parallel,
    PlanNode,
    QueryPlan,
    Sequence,
    Subscription,
)
from schema.planning.selection import NO_LITERALS, Literals, without

Conditioned = TypeVar("Conditioned", bound=PlanNode)


def schedule(graph: FetchGraph, operation: Operation, hidden: HiddenFields) -> QueryPlan:
    """The plan: the stages one after another, each with its fetches side by side where they can be."""
    writer = _Writer(operation, hidden)
    if operation.kind == "subscription" and graph.stages:
        (nodes,) = graph.stages
        primary, rest = nodes[0], nodes[1:]
        fetch = writer.fetch(primary) if isinstance(primary, Step) else None
        if fetch is not None:
            return QueryPlan("subscription", Subscription(fetch, writer.stage(rest, {id(primary)})))
    stages = [writer.stage(nodes, set()) for nodes in graph.stages]
    return QueryPlan(operation.kind, in_sequence(stage for stage in stages if stage))


def in_sequence(nodes: Iterable[PlanNode]) -> PlanNode | None:
    flat = _flat(nodes, Sequence)
    return flat[0] if len(flat) == 1 else Sequence(flat) if flat else None


def side_by_side(nodes: Iterable[PlanNode]) -> PlanNode | None:
    flat = _flat(nodes, Parallel)
    return flat[0] if len(flat) == 1 else Parallel(flat) if flat else None


def _flat(nodes: Iterable[PlanNode], kind: type[Sequence] | type[Parallel]) -> tuple[PlanNode, ...]:
    flat: list[PlanNode] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, kind) else (node,))
    return tuple(flat)


class _Writer:
    def __init__(self, operation: Operation, hidden: HiddenFields) -> None:
        self.operation = operation
        self.hidden = hidden

    def stage(self, nodes: tuple[Node, ...], done: set[int]) -> PlanNode | None:
        """The nodes in as few steps as their order allows: by branches, or where those take more, by levels."""
        arranged = self.arrange(nodes, done, NO_LITERALS)
        levels = _levels(nodes, done)
        if count_steps(arranged) <= len(levels):
            return arranged
        made: list[PlanNode] = []
        for level in levels:
            made += [one for one in (self.arrange(level, done, NO_LITERALS),) if one]
            done = done | {id(node) for node in level}
        return in_sequence(made)

    def arrange(self, nodes: tuple[Node, ...], done: set[int], known: Literals) -> PlanNode | None:
        """The nodes in order, under the conditions that they share."""
        if not nodes:
            return None
        shared = frozenset.intersection(*(node.literals for node in nodes)) - known
        inner = self._branches(nodes, done, known | shared)
        return _conditioned(inner, shared) if inner else None

    def _branches(self, nodes: tuple[Node, ...], done: set[int], known: Literals) -> PlanNode | None:
        parts = _independent(nodes, done)
        if len(parts) > 1:
            arranged = [self.arrange(part, done, known) for part in parts]
            return side_by_side(one for one in arranged if one)
        first = tuple(node for node in nodes if all(id(one) in done for one in node.after))
        if len(first) == 1 and len(nodes) == 1:
            return self._node(first[0])
        taken: list[Node] = []
        branches: list[PlanNode | None] = []
        own = {id(root): _own(root, nodes, done) for root in first} if len(first) > 1 else {}
        if own and _steps_after(nodes, done, own) > _steps_after(nodes, done, {}):
            own = {}
        for root in first:
            branch = (root, *own.get(id(root), ()))
            taken.extend(branch)
            if len(branch) == 1:
                branches.append(self.arrange(branch, done, known))
            else:
                branches.append(self._chain(branch, done, known))
        rest = tuple(node for node in nodes if node not in taken)
        after = done | {id(node) for node in taken}
        together = side_by_side(one for one in branches if one)
        return in_sequence(one for one in (together, self.arrange(rest, after, known)) if one)

    def _chain(self, branch: tuple[Node, ...], done: set[int], known: Literals) -> PlanNode | None:
        root, rest = branch[0], branch[1:]
        first = self.arrange((root,), done, known)
        then = self.arrange(rest, done | {id(root)}, known)
        return in_sequence(one for one in (first, then) if one)

    def _node(self, node: Node) -> PlanNode:
        if isinstance(node, Step):
            return self._flattened(node)
        if isinstance(node, Bundle):
            return self._batch(node)
        parts = tuple(GatherPart(service, self._flattened(step) if step else None) for service, step in node.parts)
        return Gather(node.path, node.response_name, node.type_name, node.field_name, parts, node.key)

    def _flattened(self, step: Step) -> Fetch | Flatten:
        fetch = self.fetch(step)
        return Flatten(step.path, fetch) if step.path else fetch

    def _batch(self, bundle: Bundle) -> Batch:
        nodes = tuple(Flatten(step.path, self.fetch(step)) for step in bundle.steps)
        variables = tuple(sorted({name for node in nodes for name in node.node.variables}))
        definitions = [f"$representations_{number}: [_Any!]!" for number in range(len(nodes))]
        definitions += [self.operation.variables[name] for name in variables]
        asked = (
            f"_{number}: _entities(representations: $representations_{number}) {{ {self._body(step)} }}"
            for number, step in enumerate(bundle.steps)
        )
        document = f"query({', '.join(definitions)}) {{ {' '.join(asked)} }}"
        return Batch(
            bundle.service,
            document,
            variables,
            tuple(
                _conditioned(node, step.literals - bundle.literals)
                for node, step in zip(nodes, bundle.steps, strict=True)
            ),
        )

    def fetch(self, step: Step) -> Fetch:
        """The request with its document as text."""
        renames = separate_shapes(step.document, self.hidden.alias)
        body = self._body(step)
        variables = used_variables(step.document, step.literals)
        definitions = [self.operation.variables[name] for name in variables]
        if step.document.type_name == ENTITIES:
            definitions.insert(0, "$representations: [_Any!]!")
            body = f"_entities(representations: $representations) {{ {body} }}"
        head = f"{step.kind}({', '.join(definitions)}) " if definitions else f"{step.kind} "
        return Fetch(
            service=step.service,
            document=f"{head}{{ {body} }}",
            kind=step.kind,
            variables=tuple(name for name in variables if name not in step.contexts),
            representations=tuple(step.representations.values()),
            guards=tuple(step.guards),
            renames=renames,
            reveals=tuple(sorted(step.reveals)),
            contexts=tuple(step.contexts[name] for name in sorted(step.contexts)),
            alternatives=_alternatives(step),
        )

    def _body(self, step: Step) -> str:
        return write(step.document, step.literals)


def _alternatives(step: Step) -> tuple[tuple[tuple[str, bool], ...], ...]:
    wanted = without(step.wanted, step.literals)
    return () if NO_LITERALS in wanted else tuple(sorted(tuple(sorted(one)) for one in wanted))


def _conditioned(node: Conditioned, literals: Literals) -> Conditioned | Condition:
    conditioned: Conditioned | Condition = node
    for variable, value in sorted(literals, reverse=True):
        conditioned = Condition(variable, value, conditioned)
    return conditioned


def _levels(nodes: tuple[Node, ...], done: set[int]) -> list[tuple[Node, ...]]:
    """The nodes by the step in which they can be made at the earliest."""
    level: dict[int, int] = {}
    levels: list[list[Node]] = []
    for node in nodes:
        at = max((level[id(one)] + 1 for one in node.after if id(one) not in done), default=0)
        level[id(node)] = at
        levels.extend([] for _ in range(at + 1 - len(levels)))
        levels[at].append(node)
    return [tuple(one) for one in levels]


def _independent(nodes: tuple[Node, ...], done: set[int]) -> list[tuple[Node, ...]]:
    """The nodes in groups of which none waits for another group, in the order of their first nodes."""
    group = {id(node): {id(node)} for node in nodes}
    for node in nodes:
        for other in node.after:
            if id(other) in group and group[id(other)] is not group[id(node)]:
                group[id(node)] |= group[id(other)]
                for member in group[id(node)]:
                    group[member] = group[id(node)]
    found: dict[int, list[Node]] = {}
    for node in nodes:
        found.setdefault(id(group[id(node)]), []).append(node)
    return [tuple(members) for members in found.values()]


def _own(root: Node, nodes: tuple[Node, ...], done: set[int]) -> tuple[Node, ...]:
    """What waits, directly or not, for this node alone."""
    reached = {id(root)}
    own: list[Node] = []
    for node in nodes:
        waits = {id(one) for one in node.after} - done
        if waits and waits <= reached:
            reached.add(id(node))
            own.append(node)
    return tuple(own)


def _steps_after(nodes: tuple[Node, ...], done: set[int], own: dict[int, tuple[Node, ...]]) -> int:
    """How many steps the nodes take when each root's own followers stay in its branch."""
    kept = {id(node) for members in own.values() for node in members}
    first = {id(node) for node in nodes if all(id(one) in done for one in node.after)}
    depth: dict[int, int] = {}
    for node in nodes:
        if id(node) in first | kept:
            depth[id(node)] = 1 + max((depth[id(one)] for one in node.after if id(one) in depth), default=0)
    joined = max(depth.values(), default=0)
    for node in nodes:
        if id(node) not in depth:
            waits = [depth[id(one)] for one in node.after if id(one) in depth]
            depth[id(node)] = 1 + max(joined, *waits, 0)
    return max(depth.values(), default=0)

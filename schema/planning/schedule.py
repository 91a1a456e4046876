"""Put the fetches in order: side by side where neither waits for the other.

A plan nests sequences and parallels, which cannot say every order of a graph. Independent parts run side by
side; what hangs on one fetch alone stays in its branch when that costs no step; the rest waits for the
branches it joins. Without such branches a part takes as many steps as its longest chain of waits; since they
are kept only where they take no more, no plan does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from schema.planning.document import ENTITIES, separate_shapes, used_variables, write
from schema.planning.fetch_graph import Bundle, FetchGraph, Node, Step
from schema.planning.hidden import HiddenFields
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
            return QueryPlan("subscription", Subscription(fetch, writer.arrange(rest, {id(primary)}, NO_LITERALS)))
    stages = [writer.arrange(nodes, set(), NO_LITERALS) for nodes in graph.stages]
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
        own = _own(first, nodes, done) if len(first) > 1 else {}
        if own and _steps_after(nodes, done, own) > _steps_after(nodes, done, {}):
            own = {}
        for root in first:
            branch = (root, *own.get(id(root), ()))
            taken.extend(branch)
            if len(branch) == 1:
                branches.append(self.arrange(branch, done, known))
            else:
                branches.append(self._chain(branch, done, known))
        after = done | {id(node) for node in taken}
        rest = tuple(node for node in nodes if id(node) not in after)
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


def _independent(nodes: tuple[Node, ...], done: set[int]) -> list[tuple[Node, ...]]:
    """The nodes in groups of which none waits for another group, in the order of their first nodes."""
    group = {id(node): {id(node)} for node in nodes}
    for node in nodes:
        for other in node.after:
            if id(other) in group and group[id(other)] is not group[id(node)]:
                small, large = sorted((group[id(other)], group[id(node)]), key=len)
                large |= small
                group.update(dict.fromkeys(small, large))
    found: dict[int, list[Node]] = {}
    for node in nodes:
        found.setdefault(id(group[id(node)]), []).append(node)
    return [tuple(members) for members in found.values()]


def _own(roots: tuple[Node, ...], nodes: tuple[Node, ...], done: set[int]) -> dict[int, tuple[Node, ...]]:
    """For each root, what waits, directly or not, for it alone."""
    owner = {id(root): id(root) for root in roots}
    own: dict[int, tuple[Node, ...]] = {id(root): () for root in roots}
    for node in nodes:
        owners = {owner.get(id(one)) for one in node.after if id(one) not in done}
        root = owners.pop() if len(owners) == 1 else None
        if root is not None:
            owner[id(node)] = root
            own[root] = (*own[root], node)
    return own


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

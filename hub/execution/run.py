"""Run a plan: fetch what it says in the order it says, and merge each answer where it belongs.

Nothing a department does stops the run: a failure becomes a fault where its values are missing.
Source: docs/architecture.md, "The walk of one query".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from connectors.connector import Connector, FetchRequest, FetchResponse, RequestContext, StaleAnswer
from hub.execution.answers import blame, malformed, parts_of, take_entities, take_root
from hub.execution.asking import (
    NOTHING_FILLED,
    Answers,
    answer_or_cause,
    batch_request_of,
    no_connector,
    request_of,
)
from hub.execution.contexts import in_contexts
from hub.execution.entities import Entities, Object, note_lost, objects_at, represent, slots_at
from hub.execution.fault import Cause, Diagnostics, Fault, Part, ResponsePath
from hub.execution.gather import Bring, join_parts
from hub.execution.numbers import read_exactly
from hub.execution.projection import Projection, projection_of, rename
from hub.execution.time_limit import TimeLimit, is_too_late, too_late
from schema.errors import RuntimeCode
from schema.planning.query_plan import (
    Batch,
    Condition,
    Fetch,
    Flatten,
    Gather,
    Guard,
    Parallel,
    Path,
    PlanNode,
    QueryPlan,
    Subscription,
)
from schema.planning.query_plan import Sequence as Serial

OwnerCheck = Callable[[str, Mapping[str, Any]], bool]
"""``owner_check(type_name, {field: value})``: may the reader see this object of a personal type?"""


class Run:
    """One operation under way. ``data`` is the merged answer, faults included."""

    def __init__(
        self,
        plan: QueryPlan,
        variables: Mapping[str, Any],
        connectors: Mapping[str, Connector],
        context: RequestContext,
        owner_check: OwnerCheck,
        answers: Answers,
        time_limit: TimeLimit,
    ) -> None:
        self.data: Object = {}
        self.diagnostics = Diagnostics()
        self.services: list[str] = []
        self._plan = plan
        self._variables = variables
        self._connectors = connectors
        self._context = context
        self._owner_check = owner_check
        self._answers = answers
        self._time_limit = time_limit
        self._milliseconds: dict[str, int] = {}
        self._stale: dict[int, StaleAnswer] = {}
        """Of the gathered parts, by the ``id`` of their fetch."""

    async def node(self, node: PlanNode) -> None:
        """Run one node of the plan; return when all it brings is merged."""
        if isinstance(node, Fetch):
            if node.is_wanted(self._variables):
                await self._root(node)
        elif isinstance(node, Flatten):
            if node.node.is_wanted(self._variables):
                await self._entities(node)
        elif isinstance(node, Batch):
            await self._batch(node)
        elif isinstance(node, Serial):
            for step in node.nodes:
                await self.node(step)
        elif isinstance(node, Parallel):
            async with asyncio.TaskGroup() as group:
                for step in node.nodes:
                    group.create_task(self.node(step))
        elif isinstance(node, Condition):
            if self._variables.get(node.variable) is node.value:
                await self.node(node.node)
        else:
            await self._gather(node)

    def take_event(self, fetch: Fetch, answer: FetchResponse | Cause) -> None:
        """Merge one event of a subscription, as the answer of the fetch that opened the stream."""
        take_root((self.data,), answer, fetch.service, projection_of(fetch), 0, self.diagnostics)
        self._guard(fetch.guards)

    async def _root(self, fetch: Fetch) -> None:
        answer = await self._ask(fetch, ())
        projection = projection_of(fetch)
        self._note_stale(answer, fetch, [(name,) for name in projection])
        take_root((self.data,), answer, fetch.service, projection, self._order(fetch), self.diagnostics)
        self._guard(fetch.guards)

    async def _entities(self, node: Flatten) -> None:
        if node.node.contexts:
            await self._in_contexts(node)
        else:
            objects = self._objects(node.path, projection_of(node.node))
            await self._bring_entities(node.node, node.path, objects, None)
        self._guard(node.node.guards)

    async def _in_contexts(self, node: Flatten) -> None:
        """Ask for the objects below each value of a context, side by side."""
        note_lost(self.data, node.path, projection_of(node.node))
        groups = in_contexts(self.data, node)
        for each in groups:
            if each.fault is not None:
                blame(each.objects, projection_of(node.node), Fault(each.fault.cause))
        async with asyncio.TaskGroup() as running:
            for each in groups:
                if each.fault is None:
                    bringing = self._bring_entities(node.node, node.path, each.objects, None, each.values)
                    running.create_task(bringing)

    async def _bring_entities(
        self,
        fetch: Fetch,
        path: Path,
        objects: Sequence[Object],
        into: Mapping[int, Object] | None,
        filled: Mapping[str, Any] = NOTHING_FILLED,
    ) -> tuple[Object, ...]:
        """Ask for ``objects``; merge into them, or into ``into[id(object)]``. Returns those without a key.

        ``filled`` are variables that come from a context.
        """
        if not fetch.representations:
            await self._bring_root(fetch, path, [into[id(one)] if into else one for one in objects])
            return ()
        entities = self._represent(fetch, objects, into)
        _forget_interfaces(objects, fetch.reveals)
        if entities.representations:
            answer = await self._ask(fetch, entities.representations, filled)
            self._note_stale(answer, fetch, [_first_path(path)] if into is None else [])
            waiting = [[into[id(o)] if into else o for o in group] for group in entities.waiting]
            self._take_entities(fetch, path, waiting, answer)
            _take_away(entities.unmet, into)
        return tuple(entities.keyless)

    async def _bring_root(self, fetch: Fetch, path: Path, objects: Sequence[Object]) -> None:
        """The root below another field: asked once, for all objects alike."""
        if objects:
            answer, order = await self._ask(fetch, ()), self._order(fetch)
            base = _first_path(path)
            self._note_stale(answer, fetch, [base])
            take_root(objects, answer, fetch.service, projection_of(fetch), order, self.diagnostics, base)

    def _represent(self, fetch: Fetch, objects: Sequence[Object], into: Mapping[int, Object] | None) -> Entities:
        """What is sent; where something cannot be, the reason is told."""
        entities = represent(objects, fetch.representations)
        for target, fault in entities.unsent:
            blame((into[id(target)] if into else target,), projection_of(fetch), Fault(fault.cause))
        return entities

    def _take_entities(
        self, fetch: Fetch, path: Path, waiting: Sequence[Sequence[Object]], answer: FetchResponse | Cause
    ) -> None:
        order, base = self._order(fetch), _first_path(path)
        take_entities(waiting, answer, fetch.service, projection_of(fetch), order, self.diagnostics, base)

    async def _batch(self, batch: Batch) -> None:
        """Ask for several nodes' entities at once; alone for those of one, where the others have none."""
        nodes = batch.flattened
        objects = [
            self._objects(node.path, projection_of(node.node)) if self._holds(each) else ()
            for each, node in zip(batch.nodes, nodes, strict=True)
        ]
        every = [self._represent(node.node, here, None) for node, here in zip(nodes, objects, strict=True)]
        for node, here in zip(nodes, objects, strict=True):
            _forget_interfaces(here, node.node.reveals)
        sent = {number: each.representations for number, each in enumerate(every) if each.representations}
        if len(sent) == 1:
            ((number, representations),) = sent.items()
            parts = [(number, await self._ask(nodes[number].node, representations))]
        elif sent:
            left = self._time_limit.left()
            request = batch_request_of(batch, self._variables, sent, self._context, read_exactly, left)
            whole = await self._answer(id(batch), batch.service, request)
            parts = [(n, _renamed(nodes[n].node, part)) for n, part in parts_of(whole, list(sent))]
        else:
            parts = []
        for number, answer in parts:
            node = nodes[number]
            self._note_stale(answer, node.node, [_first_path(node.path)])
            self._take_entities(node.node, node.path, every[number].waiting, answer)
            _take_away(every[number].unmet, None)
        for each, node in zip(batch.nodes, nodes, strict=True):
            if self._holds(each):
                self._guard(node.node.guards)

    def _objects(self, path: Path, projection: Projection) -> Sequence[Object]:
        """The objects for which this is to be fetched."""
        note_lost(self.data, path, projection)
        return objects_at(self.data, path)

    def _holds(self, node: PlanNode) -> bool:
        while isinstance(node, Condition):
            if self._variables.get(node.variable) is not node.value:
                return False
            node = node.node
        return not isinstance(node, Flatten) or node.node.is_wanted(self._variables)

    async def _gather(self, node: Gather) -> None:
        parents = self._objects(node.path, {node.response_name: None})
        if parents:
            await join_parts(node, parents, self._bring_part, self._milliseconds)
            self._guard(tuple(dict.fromkeys(guard for part in node.parts for guard in _guards_of(part.node))))

    async def _bring_part(self, node: Fetch | Flatten, parents: Sequence[Object]) -> Bring:
        """Ask one subgraph for its part of each parent's list, into scratch objects of its own."""
        scratch: dict[int, Object] = {id(parent): {} for parent in parents}
        if isinstance(node, Flatten):
            keyless = await self._bring_entities(node.node, node.path, parents, scratch)
            stale = self._stale.pop(id(node.node), None)
            return Bring(scratch, frozenset(map(id, keyless)), projection_of(node.node), stale=stale)
        projection = projection_of(node)
        answer = await self._ask(node, ())
        (target,) = scratch.values()
        take_root((target,), answer, node.service, projection, self._order(node), self.diagnostics)
        stale = answer.stale if isinstance(answer, FetchResponse) else None
        return Bring(scratch, frozenset(), projection, stale=stale)

    def _guard(self, guards: Sequence[Guard]) -> None:
        """Take away what is another person's, before anything else is fetched for it."""
        for guard in guards:
            for container, key in list(slots_at(self.data, guard.path)):
                value = container[key]
                if type(value) is dict and _may_be(value, guard.type_name):
                    identity = {name: _plain(value.get(response)) for name, response in guard.fields}
                    if not self._owner_check(guard.type_name, identity):
                        container[key] = Fault(Cause("This is another person's.", RuntimeCode.FORBIDDEN))

    async def _ask(
        self, fetch: Fetch, representations: Sequence[Object], filled: Mapping[str, Any] = NOTHING_FILLED
    ) -> FetchResponse | Cause:
        left = self._time_limit.left()
        request = request_of(fetch, self._variables, representations, self._context, read_exactly, filled, left)
        return _renamed(fetch, await self._answer(id(fetch), fetch.service, request))

    async def _answer(self, asking: int, service: str, request: FetchRequest) -> FetchResponse | Cause:
        """The answer to a request of the plan's fetch or batch ``asking``, which may be here already."""
        connector = self._connectors.get(service)
        if connector is None:
            return no_connector(service)
        answer = self._answers.get((asking, request.payload))
        if answer is None:
            if is_too_late(request):
                return too_late(service)
            self.services.append(service)
            started = perf_counter()
            answer = await answer_or_cause(connector.fetch(request), service)
            self._milliseconds[service] = round((perf_counter() - started) * 1000)
        if isinstance(answer, FetchResponse) and answer.body is not None:
            read = answer.shaped
            again = read if isinstance(read, FetchResponse) else _read_again(answer.body, service)
            if answer.stale is not None and isinstance(again, FetchResponse):
                return replace(again, stale=answer.stale)
            return again
        return answer

    def _note_stale(self, answer: FetchResponse | Cause, fetch: Fetch, paths: Sequence[ResponsePath]) -> None:
        """Tell of an answer of earlier where it stands; a gathered part, which has no path, tells it itself."""
        if isinstance(answer, Cause) or answer.stale is None:
            return
        if not paths:
            self._stale[id(fetch)] = answer.stale
        part = Part(fetch.service, self._milliseconds.get(fetch.service, 0), None, stale=answer.stale)
        self.diagnostics.stale.extend((self._order(fetch), path, part) for path in paths)

    def _order(self, fetch: Fetch) -> int:
        """The fetch's place in the plan; only asked for when there is something to order."""
        return next((i for i, other in enumerate(fetches_of(self._plan.node)) if other is fetch), 0)


def _renamed(fetch: Fetch, answer: FetchResponse | Cause) -> FetchResponse | Cause:
    return rename(fetch, answer) if fetch.renames and isinstance(answer, FetchResponse) else answer


def _read_again(body: bytes, service: str) -> FetchResponse | Cause:
    """What the compiled path had read for itself, as values."""
    try:
        return read_exactly(body)
    except ValueError:
        return malformed(service)


def fetches_of(node: PlanNode | Subscription | None) -> Iterator[Fetch]:
    """Every fetch of a plan, in the plan's order."""
    if isinstance(node, Fetch):
        yield node
    elif isinstance(node, (Flatten, Condition)):
        yield from fetches_of(node.node)
    elif isinstance(node, (Serial, Parallel, Batch)):
        for step in node.nodes:
            yield from fetches_of(step)
    elif isinstance(node, Gather):
        for part in node.parts:
            yield from fetches_of(part.node)
    elif isinstance(node, Subscription):
        yield node.primary
        yield from fetches_of(node.rest)


def _guards_of(node: Fetch | Flatten | None) -> tuple[Guard, ...]:
    fetch = node.node if isinstance(node, Flatten) else node
    return fetch.guards if fetch is not None else ()


def _forget_interfaces(objects: Sequence[Object], interfaces: tuple[str, ...]) -> None:
    """What is only known as an interface has no type name until the answer tells it."""
    for target in objects:
        if target.get("__typename") in interfaces:
            del target["__typename"]


def _take_away(unmet: Sequence[tuple[Object, str, Fault]], into: Mapping[int, Object] | None) -> None:
    """What was computed without what it requires is told by why that is missing."""
    for target, name, fault in unmet:
        (into[id(target)] if into else target)[name] = Fault(fault.cause)


def _first_path(path: Path) -> ResponsePath:
    """The names of a path, for an error that belongs to no single object."""
    names: list[str | int] = []
    for step in path:
        if not isinstance(step, str):
            break
        names.append(step)
    return tuple(names)


def _may_be(value: Object, type_name: str) -> bool:
    """Whether an object may be of a type; so may one whose name was lost with the fetch that had to bring it."""
    named = value.get("__typename")
    return type(named) is not str or named == type_name


def _plain(value: Any) -> Any:
    return None if type(value) is Fault else value

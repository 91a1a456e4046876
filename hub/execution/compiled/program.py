"""A compiled plan: the steps, and what they share while one operation runs.

Each step asks one subgraph, decodes into the types of the places it brings, and sets what it brought.
A :class:`Misfit` anywhere ends the compiled path: no step asks any more, and the exact path answers from the
same answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from msgspec import UNSET

from connectors.connector import Connector, FetchRequest, FetchResponse, ReadBody, RequestContext
from hub.execution.asking import Answers, answer_or_cause, batch_request_of, request_of
from hub.execution.compiled.reach import Found, Reach
from hub.execution.compiled.representing import Misfit, Represent, Waiting, encode
from hub.execution.compiled.structs import is_null
from hub.execution.time_limit import TimeLimit, is_too_late
from schema.planning.query_plan import Batch, Fetch


@dataclass(slots=True)
class State:
    """One operation under way."""

    root: Any
    found: Found
    variables: Mapping[str, Any]
    connectors: Mapping[str, Connector]
    context: RequestContext
    time_limit: TimeLimit = field(default_factory=TimeLimit)
    answers: Answers = field(default_factory=dict)
    services: list[str] = field(default_factory=list)
    is_misfit: bool = False
    at_first_answer: Callable[[], None] | None = None


class Step(Protocol):
    async def run(self, state: State) -> None:
        """Raises :class:`Misfit`."""
        ...


@dataclass(frozen=True, slots=True)
class InSequence:
    steps: tuple[Step, ...]

    async def run(self, state: State) -> None:
        for step in self.steps:
            await step.run(state)


@dataclass(frozen=True, slots=True)
class InParallel:
    steps: tuple[Step, ...]

    async def run(self, state: State) -> None:
        """A misfit lets the others finish what they have asked: no subgraph is asked again for it."""
        ends = await asyncio.gather(*(_noting(step, state) for step in self.steps), return_exceptions=True)
        failures = [each for each in ends if each is not None]
        if failures:
            raise next((each for each in failures if not isinstance(each, Misfit)), failures[0])


async def _noting(step: Step, state: State) -> None:
    try:
        await step.run(state)
    except BaseException:
        state.is_misfit = True
        raise


@dataclass(frozen=True, slots=True)
class Settling:
    """What has to be done with objects after decoding, at one reach: take the class that prints, look for the
    nulls of custom scalars."""

    reach: Reach
    plain: Mapping[type, type]
    never_null: Mapping[type, tuple[str, ...]]

    def settle(self, found: Found) -> None:
        objects = self.reach.find(found)
        if self.plain:
            plain = self.plain
            for each in objects:
                each.__class__ = plain.get(each.__class__, each.__class__)
        if self.never_null:
            _refuse_nulls(objects, self.never_null)


@dataclass(frozen=True, slots=True)
class RootStep:
    """Fetch root fields. ``read`` decodes into an object with exactly the ``attributes``."""

    fetch: Fetch
    read: ReadBody
    attributes: tuple[str, ...]
    never_null: Mapping[type, tuple[str, ...]]
    settlings: tuple[Settling, ...]

    async def run(self, state: State) -> None:
        request = request_of(
            self.fetch, state.variables, (), state.context, self.read, timeout=state.time_limit.left()
        )
        part: Any = await _ask(state, id(self.fetch), self.fetch.service, request, self.read)
        if self.never_null:
            _refuse_nulls((part,), self.never_null)
        root = state.root
        for name in self.attributes:
            setattr(root, name, getattr(part, name))
        for settling in self.settlings:
            settling.settle(state.found)


@dataclass(frozen=True, slots=True)
class Bringing:
    """What an entity fetch brings to one class of objects.

    ``decode`` is ``None`` where all rows have one type and come decoded. ``nullable`` are the attributes that
    are null for an unknown entity, ``None`` where that is no simple matter.
    """

    attributes: tuple[str, ...]
    nullable: tuple[str, ...] | None
    never_null: tuple[str, ...]
    decode: Callable[[bytes], Any] | None


@dataclass(frozen=True, slots=True)
class EntityStep:
    """Fetch entities. ``read`` gives the rows, each a ``row``: decoded where they have one type, else
    ``msgspec.Raw``."""

    fetch: Fetch
    reach: Reach
    represent: Represent
    row: Any
    read: ReadBody
    bringings: Mapping[type, Bringing]
    settlings: tuple[Settling, ...]

    async def run(self, state: State) -> None:
        waiting = self.prepare(state)
        if waiting.representations:
            await self.ask(state, waiting)

    def prepare(self, state: State) -> Waiting:
        """What is to be sent. Objects without a key are done."""
        waiting = self.represent(self.reach.find(state.found))
        for each in waiting.keyless:
            self._set_null(each)
        return waiting

    async def ask(self, state: State, waiting: Waiting) -> None:
        request = request_of(
            self.fetch,
            state.variables,
            waiting.representations,
            state.context,
            self.read,
            timeout=state.time_limit.left(),
        )
        rows: Any = await _ask(state, id(self.fetch), self.fetch.service, request, self.read)
        self.take(state, waiting, rows)

    def take(self, state: State, waiting: Waiting, rows: Sequence[Any]) -> None:
        self._set(waiting, rows)
        for settling in self.settlings:
            settling.settle(state.found)

    def _set(self, waiting: Waiting, rows: Sequence[Any]) -> None:
        if len(rows) != len(waiting.representations):
            raise Misfit
        bringings = self.bringings
        for row, objects in zip(rows, waiting.objects, strict=True):
            if is_null(row):
                for each in objects:
                    self._set_null(each)
                continue
            for each in objects:
                bringing = bringings[each.__class__]
                values = row if bringing.decode is None else _decoded(bringing.decode, row)
                for name in bringing.never_null:
                    if is_null(getattr(values, name)):
                        raise Misfit
                for name in bringing.attributes:
                    setattr(each, name, getattr(values, name))

    def _set_null(self, target: Any) -> None:
        names = self.bringings[target.__class__].nullable
        if names is None:
            raise Misfit
        for name in names:
            setattr(target, name, None)


@dataclass(frozen=True, slots=True)
class BatchStep:
    """Fetch entities for several steps at once, by their numbers in the batch. ``read`` gives rows by number."""

    batch: Batch
    steps: Mapping[int, EntityStep]
    read: ReadBody

    async def run(self, state: State) -> None:
        every = {number: step.prepare(state) for number, step in self.steps.items()}
        sent = {number: each.representations for number, each in every.items() if each.representations}
        if len(sent) < 2:
            for number in sent:
                await self.steps[number].ask(state, every[number])
            return
        request = batch_request_of(
            self.batch, state.variables, sent, state.context, self.read, state.time_limit.left()
        )
        rows: Any = await _ask(state, id(self.batch), self.batch.service, request, self.read)
        for number in sent:
            self.steps[number].take(state, every[number], rows[number])


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A plan for one set of condition values. ``hidden`` says what is taken away before encoding, and where."""

    root: Callable[[], Any]
    root_reach: Reach
    step: Step
    hidden: tuple[tuple[Reach, Mapping[type, tuple[str, ...]]], ...]

    def begin(
        self,
        variables: Mapping[str, Any],
        connectors: Mapping[str, Connector],
        context: RequestContext,
        time_limit: TimeLimit,
    ) -> State:
        root = self.root()
        return State(root, {self.root_reach: [root]}, variables, connectors, context, time_limit)

    async def run(self, state: State) -> bytes:
        """The encoded ``data``. Raises :class:`Misfit`."""
        await self.step.run(state)
        for reach, names in self.hidden:
            for each in reach.find(state.found):
                for name in names[each.__class__]:
                    setattr(each, name, UNSET)
        return encode(state.root)


def _refuse_nulls(objects: Sequence[Any], never_null: Mapping[type, tuple[str, ...]]) -> None:
    for each in objects:
        for name in never_null.get(each.__class__, ()):
            if is_null(getattr(each, name)):
                raise Misfit


def _decoded(decode: Callable[[bytes], Any], row: Any) -> Any:
    try:
        return decode(row)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Misfit from error


async def _ask(state: State, asking: int, service: str, request: FetchRequest, read: ReadBody) -> object:
    """``asking`` is the ``id`` of the plan's fetch or batch."""
    connector = state.connectors.get(service)
    if connector is None or state.is_misfit or is_too_late(request):
        raise Misfit
    state.services.append(service)
    answer = await answer_or_cause(connector.fetch(request), service)
    if not state.answers and state.at_first_answer is not None:
        state.at_first_answer()
    state.answers[asking, request.payload] = answer
    if not isinstance(answer, FetchResponse) or answer.stale is not None:
        raise Misfit
    return answer.shaped if answer.shaped is not None else _read_values(answer, read)


def _read_values(answer: FetchResponse, read: ReadBody) -> object:
    """Read an answer that came as values, not as text."""
    if answer.errors:
        raise Misfit
    try:
        return read(encode({"data": answer.data}))
    except (ValueError, TypeError, OverflowError) as error:
        raise Misfit from error

"""One GraphQL request on its way through the virtual subgraph: its calls, and how each ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import msgspec
from graphql import GraphQLError

from connectors.answer_caching import AnswerCaching, read_caching
from connectors.connector import JSON, ConnectorFailure, FetchRequest
from connectors.mapped.caller import Caller
from connectors.mapping import InvalidValue, evaluate, with_nulls
from connectors.travel import travel_headers
from schema.errors import RuntimeCode
from schema.mapping.connect import Connect


@dataclass
class Execution:
    """Lives as long as one request. ``memory`` is where entity loaders keep what they fetched in it."""

    caller: Caller
    request: FetchRequest
    config: Mapping[str, JSON]
    environment: Mapping[str, str]
    deadline: float
    slots: asyncio.Semaphore
    calls: int = 0
    caching: AnswerCaching | None = None
    failures: list[ConnectorFailure] = field(default_factory=list)
    memory: dict[Any, Any] = field(default_factory=dict)
    answered: dict[tuple[int, bytes], JSON | GraphQLError] = field(default_factory=dict)
    remembers: bool = False
    """Whether root fields may be asked for again: by the executor, after the short way."""
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def call(self, connect: Connect, variables: Mapping[str, JSON], *, may_be_unknown: bool = False) -> JSON:
        """Ask, and map what comes; not twice for one root field. Raises ``GraphQLError`` with our code."""
        question = _question(connect, variables) if self.remembers else None
        if question is None:
            return await self._call(connect, variables, may_be_unknown=may_be_unknown)
        if question not in self.answered:
            try:
                self.answered[question] = await self._call(connect, variables, may_be_unknown=may_be_unknown)
            except GraphQLError as error:
                self.answered[question] = error
        answer = self.answered[question]
        if isinstance(answer, GraphQLError):
            raise GraphQLError(answer.message, extensions=answer.extensions)
        return answer

    async def call_once(self, connect: Connect, variables: Mapping[str, JSON]) -> JSON:
        """As ``call``, for a field of objects: a query asks for equal objects with equal arguments once."""
        question = _encoded(variables) if self.request.kind == "query" else None
        if question is None:
            return await self.call(connect, variables)
        key = (id(connect), question)
        if key not in self.memory:
            self.memory[key] = self.start(self.call(connect, variables))
        try:
            return await self.memory[key]
        except GraphQLError as error:
            raise GraphQLError(error.message, extensions=error.extensions) from error

    async def _call(self, connect: Connect, variables: Mapping[str, JSON], *, may_be_unknown: bool) -> JSON:
        scope = {**self._shared_variables, **variables}
        if connect.asks_nothing:
            return with_nulls(evaluate(connect.selection, {}, scope), connect.expected)
        self.calls += 1
        try:
            async with self.slots:
                mapped = await self.caller.call(
                    connect,
                    scope,
                    self._travel,
                    self._remaining(),
                    may_be_unknown=may_be_unknown,
                    note_caching=self._note_caching,
                )
                return with_nulls(mapped, connect.expected)
        except InvalidValue as error:
            self.calls -= 1
            raise GraphQLError(str(error), extensions={"code": RuntimeCode.BAD_USER_INPUT.value}) from error
        except UnicodeEncodeError as error:
            self.calls -= 1
            message = "A value is no text: it has half a character in it."
            raise GraphQLError(message, extensions={"code": RuntimeCode.BAD_USER_INPUT.value}) from error
        except ConnectorFailure as error:
            self.failures.append(error)
            raise GraphQLError(error.message, extensions={"code": error.code.value}) from error
        except GraphQLError as error:
            if overload := self.caller.overload_of(connect, error):
                self.failures.append(overload)
            raise

    def start(self, work: Coroutine[Any, Any, JSON]) -> asyncio.Task[JSON]:
        """Run something that several fields may wait for; it ends with this execution."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    @property
    def failure(self) -> ConnectorFailure | None:
        """When every call failed for one reason, the connector failed, not single fields."""
        if self.calls and len(self.failures) == self.calls and len({f.code for f in self.failures}) == 1:
            return self.failures[0]
        return None

    def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for the task has it; nobody may be left who does

    def _note_caching(self, header: str | None) -> None:
        """The answer is made of all that was called for: the most careful word holds."""
        said = read_caching(header)
        if said is not None:
            self.caching = said if self.caching is None else self.caching.and_also(said)

    def _remaining(self) -> timedelta:
        return timedelta(seconds=max(self.deadline - asyncio.get_running_loop().time(), 0.001))

    @cached_property
    def _travel(self) -> dict[str, str]:
        return travel_headers(self.request)

    @cached_property
    def _shared_variables(self) -> dict[str, JSON]:
        """What is the same for every call of this execution."""
        context = self.request.context
        travel = {name.lower(): [value] for name, value in self._travel.items()}
        return {
            "$config": self.config,
            "$context": {
                "idempotencyKey": self.request.idempotency_key,
                "purpose": context.purpose,
                "case": context.case,
            },
            "$request": {"headers": travel},
            "$env": self.environment,
        }


def _question(connect: Connect, variables: Mapping[str, JSON]) -> tuple[int, bytes] | None:
    """By what a call of a root field is found again; ``None`` for what is called with more than arguments."""
    if variables.get("$this") or "$batch" in variables:
        return None
    question = _encoded(variables.get("$args"))
    return (id(connect), question) if question is not None else None


def _encoded(value: JSON) -> bytes | None:
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError):
        return None

"""Both ways to execute one plan, over subgraphs whose answers are text, some of it spoilt.

What is spoilt depends on the request alone, so that both paths are told the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import OperationDefinitionNode, parse

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.graphql_answer import read_json, read_response
from hub.execution import ExecutionResult, Operation, Programs, Surroundings, execute
from schema.errors import PlanningError, RuntimeCode
from schema.planning import plan
from tests.engine.operations import Asked
from tests.engine.processes import Process
from tests.engine.trial import World

WRONG: tuple[Any, ...] = (None, 0, 7, 1.5, True, "x", "1", "T0", [], {}, [None], {"__typename": "T1"}, 2**40)


@dataclass
class TextConnector:
    """A process that answers in text, as one behind HTTP does. ``spoiling`` of its answers are spoilt."""

    process: Process
    seed: int = 0
    spoiling: float = 0
    asked: list[bytes] = field(default_factory=list)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        # A custom scalar keeps its spaces in one path and loses them in the other: the same question.
        payload = json.dumps(json.loads(request.payload or b"null")).encode()
        self.asked.append(payload)
        result = self.process.answer(request.query, request.variables)
        answer: Any = {"data": result.data}
        if result.errors:
            answer["errors"] = [{"message": error.message, "path": error.path} for error in result.errors]
        body = self._spoilt(json.loads(json.dumps(answer)), Random(f"{self.seed} {payload!r}"))
        if request.read is not None:
            try:
                return FetchResponse(None, shaped=request.read(body), body=body)
            except ValueError:
                pass_on = body
        else:
            pass_on = body
        try:
            return read_response(read_json(pass_on))
        except ValueError as error:
            raise ConnectorFailure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, "No answer.") from error

    def _spoilt(self, answer: Any, random: Random) -> bytes:
        if random.random() >= self.spoiling:
            return json.dumps(answer).encode()
        places = list(_places(answer, "data"))
        container, key = random.choice(places)
        match random.randrange(6):
            case 0 if isinstance(container, dict) and container is not answer:
                del container[key]
            case 1 if isinstance(container[key], list):
                container[key] = container[key][1:] if random.random() < 0.5 else container[key] * 2
            case 2:
                wrong = {"message": "no", "path": ["f0"] if random.random() < 0.5 else None}
                answer["errors"] = [wrong]
            case 3 if isinstance(container[key], dict):
                container[key] |= {f"f{n}": random.choice(WRONG) for n in range(4)} | {"id": "planted"}
            case _:
                container[key] = random.choice(WRONG)
        text = json.dumps(answer).encode()
        return text[:-2] if random.random() < 0.02 else text

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        yield await self.fetch(request)

    async def describe(self) -> str:
        return ""

    async def close(self) -> None:
        return None


def _places(container: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    yield container, key
    value = container[key]
    if isinstance(value, dict):
        for name in value:
            yield from _places(value, name)
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from _places(value, index)


@dataclass(frozen=True)
class Compared:
    """What both paths answered, as text, and what each asked. ``is_fast``: the fast path needed no help."""

    exact: str
    fast: str
    exact_asked: tuple[tuple[str, bytes], ...]
    fast_asked: tuple[tuple[str, bytes], ...]
    is_compiled: bool
    is_fast: bool


def compared(world: World, asked: Asked, seed: int, spoiling: float) -> Compared | None:
    """``None`` where the operation has no plan."""
    document = parse(asked.text)
    try:
        found = plan(world.supergraph, document)
    except PlanningError:
        return None
    node = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    operation = Operation(world.supergraph.api_schema, document, node)
    variables = operation.coerce(asked.variables)
    programs = Programs(found, operation, world.supergraph.schema, warm_up=0)

    def run(programs: Programs | None) -> tuple[ExecutionResult, tuple[tuple[str, bytes], ...]]:
        connectors = {name: TextConnector(each, seed, spoiling) for name, each in world.processes.items()}
        result = asyncio.run(execute(found, operation, variables, Surroundings(connectors=connectors), programs))
        return result, tuple(sorted((name, text) for name, each in connectors.items() for text in each.asked))

    exact, exact_asked = run(None)
    fast, fast_asked = run(programs)
    is_compiled = programs.of(variables) is not None
    return Compared(_text(exact), _text(fast), exact_asked, fast_asked, is_compiled, fast.encoded is not None)


def _text(result: ExecutionResult) -> str:
    data: Mapping[str, Any] | None = json.loads(result.encoded) if result.encoded is not None else result.data
    sources = [
        [source["path"], [{**part, "milliseconds": 0} for part in source["parts"]]]
        for source in result.extensions.get("sources", ())
    ]
    return json.dumps([data, result.errors, sources])

"""Strangers' services as one graph: the harness of this package.

A page is a graph, an operation, and the whole answer written out: data in the client's order, errors with path,
code and service, and the requests that were made. ``"a > b + c"`` says that ``a`` was asked first and then ``b``
and ``c`` side by side. A misuse of a service fails the test. Both ways to execute a plan have to give that answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode, parse, validate

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from connectors.graphql_answer import read_as_asked
from hub.execution import ExecutionResult, Operation, Programs, Surroundings, execute
from schema.composition import compose
from schema.errors import RuntimeCode
from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.query_plan import QueryPlan
from schema.subgraph import Subgraph
from schema.supergraph import Supergraph
from tests.federation.service import Row, Service, fails, to
from tests.schema.planning.proving import LINKS

__all__ = ["Fault", "Row", "Service", "Strangers", "down", "fails", "to"]

Fault = Callable[[dict[str, Any]], dict[str, Any] | bytes | Exception]
"""What comes instead of a service's answer ``{"data", "errors"}``."""

Told = tuple[str, str, str | None]
"""An error: its path, its code, the service that is to blame."""


def down(_answer: dict[str, Any]) -> Exception:
    """The service does not answer."""
    return ConnectorFailure(RuntimeCode.DEPARTMENT_TIMEOUT, "Too late.")


@dataclass
class Rounds:
    """Requests that wait at one moment are answered together, so that the answer tells what ran side by side."""

    made: list[list[str]] = field(default_factory=list)
    _waiting: list[tuple[str, asyncio.Future[None]]] = field(default_factory=list)

    async def turn(self, service: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((service, turn))
        await turn

    async def keep(self) -> None:
        while True:
            for _ in range(40):
                await asyncio.sleep(0)
            waiting, self._waiting = self._waiting, []
            if waiting:
                self.made.append(sorted(service for service, _ in waiting))
            for _, turn in waiting:
                turn.set_result(None)

    def __str__(self) -> str:
        return " > ".join(" + ".join(one) for one in self.made)


@dataclass
class _Wire:
    """A service behind the Connector protocol, in text as over HTTP."""

    name: str
    service: Service
    rounds: Rounds
    fault: Fault | None
    misuses: list[str] = field(default_factory=list)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        await self.rounds.turn(self.name)
        assert request.payload is not None
        sent = json.loads(request.payload).get("variables", {})
        answer = self.service.answer(request.query, sent, self.misuses)
        came = self.fault(answer) if self.fault else answer
        if isinstance(came, Exception):
            raise came
        body = came if isinstance(came, bytes) else json.dumps(came).encode()
        try:
            return read_as_asked(body, request.read)
        except ValueError as error:
            raise ConnectorFailure(RuntimeCode.DEPARTMENT_MALFORMED_ANSWER, "No answer.") from error

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        yield await self.fetch(request)

    async def describe(self) -> str:
        return self.service.sdl

    async def close(self) -> None:
        return None


@dataclass
class Strangers:
    """Services of one graph. ``links`` are added to each SDL that has none of its own."""

    services: Mapping[str, Service]
    links: str = LINKS

    @cached_property
    def subgraphs(self) -> dict[str, str]:
        """The SDL of each service."""
        return {
            name: one.sdl if "@link" in one.sdl else self.links + one.sdl for name, one in self.services.items()
        }

    @cached_property
    def supergraph(self) -> Supergraph:
        composition = compose(Subgraph(name, sdl) for name, sdl in self.subgraphs.items())
        assert composition.supergraph, "\n".join(str(error) for error in composition.errors)
        return composition.supergraph

    def answers(
        self,
        query: str,
        data: Mapping[str, Any] | None,
        *,
        requests: str,
        errors: Sequence[Told] = (),
        variables: Mapping[str, Any] | None = None,
        faults: Mapping[str, Fault] | None = None,
        labels: frozenset[str] = frozenset(),
    ) -> None:
        """The whole answer of an operation is this one, by both ways to execute its plan. ``labels`` of
        progressive ``@override`` are on."""
        document = parse(query)
        assert validate(self.supergraph.api_schema, document) == []
        found = plan(self.supergraph, document, labels=labels)
        assert check_plan(self.supergraph, document, None, found, labels) == (), str(found)
        for is_compiled in (False, True):
            asked = _Asked(self, document, found, variables or {}, faults or {})
            result = asyncio.run(asked.run(is_compiled=is_compiled))
            assert not asked.misuses, f"{asked.misuses}\n{found}"
            text = result.encoded.decode() if result.encoded is not None else json.dumps(result.data)
            # Text, not equality: key order counts, and 1 is not 1.0.
            _equal(json.dumps(json.loads(text)), json.dumps(data), found)
            _equal([_told(one) for one in result.errors], list(errors), found)
            _equal(str(asked.rounds), requests, found)


def _equal(found: object, expected: object, plan: QueryPlan) -> None:
    assert found == expected, f"{found}\nis not\n{expected}\n{plan}"


@dataclass
class _Asked:
    strangers: Strangers
    document: DocumentNode
    plan: QueryPlan
    variables: Mapping[str, Any]
    faults: Mapping[str, Fault]
    rounds: Rounds = field(default_factory=Rounds)
    misuses: list[str] = field(default_factory=list)

    async def run(self, *, is_compiled: bool) -> ExecutionResult:
        supergraph = self.strangers.supergraph
        node = next(one for one in self.document.definitions if isinstance(one, OperationDefinitionNode))
        operation = Operation(supergraph.api_schema, self.document, node)
        wires = {
            name: _Wire(name, service, self.rounds, self.faults.get(name), self.misuses)
            for name, service in self.strangers.services.items()
        }
        programs = Programs(self.plan, operation, supergraph.schema, warm_up=0) if is_compiled else None
        around = Surroundings(connectors=wires, service_of=self._service_of)
        keeping = asyncio.ensure_future(self.rounds.keep())
        try:
            return await execute(self.plan, operation, operation.coerce(self.variables), around, programs)
        finally:
            keeping.cancel()

    def _service_of(self, type_name: str, field_name: str) -> str | None:
        sources = self.strangers.supergraph.sources_of(type_name, field_name)
        names = {source.subgraph for source in sources if not source.external}
        return names.pop() if len(names) == 1 else None


def _told(error: Mapping[str, Any]) -> Told:
    path = ".".join(str(step) for step in error.get("path", ()))
    return path, error["extensions"]["code"], error["extensions"].get("service")

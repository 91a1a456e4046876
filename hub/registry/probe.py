"""Ask a department's real system whether it is there and what was declared: with queries alone, bounded in time.

A Federation subgraph states its SDL, an agent must be connected and answer, a REST system is asked what needs no
arguments, by GET, and of a database each statement is tried without reading a row. A department gives more samples
of its own. What comes is compared with the schema and told by its place and kind; no value is. Source:
docs/departments.md, "Probe".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from time import perf_counter
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from connectors.broker import BrokerUnavailable
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse, RequestContext
from hub.registry.check_findings import Outcome, ProbeLine
from hub.registry.probe_samples import samples_of
from hub.registry.registration import Registration
from hub.registry.trial_connectors import TrialConnectors
from schema.answers import fit
from schema.changes import Criticality, changes
from schema.composition import read_subgraph
from schema.errors import RuntimeCode
from schema.subgraph import Subgraph, ValidSubgraph

SECONDS = 10
MOST_SAMPLES = 10
MOST_TOLD = 5
_AWAY = (RuntimeCode.DEPARTMENT_UNREACHABLE, RuntimeCode.DEPARTMENT_TIMEOUT)
_PURPOSE = RequestContext(purpose="check")


class SystemProbe:
    """The :data:`hub.registry.registration_checks.Probe` of a running hub."""

    def __init__(self, trials: TrialConnectors) -> None:
        self._trials = trials

    async def __call__(self, registration: Registration) -> tuple[ProbeLine, ...]:
        """Every finding. Never raises for what a system does or does not do."""
        lines: list[ProbeLine] = []
        connector = self._trials.make(registration)
        try:
            async with asyncio.timeout(SECONDS):
                async for line in self._lines(registration, connector):
                    lines.append(line)
        except TimeoutError:
            lines.append(ProbeLine("time", Outcome.FAIL, f"The system was not through after {SECONDS} seconds."))
        finally:
            await connector.close()
        return tuple(lines)

    async def _lines(self, registration: Registration, connector: Connector) -> AsyncIterator[ProbeLine]:
        read = read_subgraph(Subgraph(registration.name, registration.sdl or ""))
        if not isinstance(read, ValidSubgraph):
            return
        if registration.kind == "queue" and (missing := await self._missing_agent(registration.department)):
            yield ProbeLine("agent", Outcome.FAIL, missing)
            return
        if registration.kind == "graphql":
            async for line in self._stated(registration, read):
                yield line
        if registration.kind in ("graphql", "queue"):
            line, _ = await _asked("answers", connector, "{ __typename }")
            yield line
            if line.outcome is Outcome.FAIL:
                return
        if registration.kind == "rest":
            line = await self._reached(registration)
            yield line
            if line.outcome is Outcome.FAIL:
                return
        if registration.kind == "sql":
            async for line in self._statements(registration):
                yield line
        async for line in self._samples(registration, connector, read):
            yield line

    async def _statements(self, registration: Registration) -> AsyncIterator[ProbeLine]:
        """Whether the database has the tables and columns of each statement; no row is read."""
        try:
            async with aclosing(self._trials.try_statements(registration)) as trials:
                async for trial in trials:
                    outcome = Outcome.PASS if trial.problem is None else Outcome.FAIL
                    message = trial.problem or "Its tables and columns are there."
                    yield ProbeLine(trial.coordinate, outcome, message, trial.milliseconds)
        except ValueError as error:
            yield ProbeLine("database", Outcome.FAIL, str(error))

    async def _reached(self, registration: Registration) -> ProbeLine:
        """Whether somebody answers at the address: what, is no matter."""
        began = perf_counter()
        try:
            await self._trials.reach(registration)
        except ConnectorFailure as failure:
            if failure.code in _AWAY:
                return ProbeLine("address", Outcome.FAIL, f"{failure.code}: {failure.message}", _since(began))
        return ProbeLine("address", Outcome.PASS, "Somebody answers there.", _since(began))

    async def _stated(self, registration: Registration, declared: ValidSubgraph) -> AsyncIterator[ProbeLine]:
        """Whether the subgraph states what was registered for it."""
        began = perf_counter()
        try:
            sdl = await self._trials.describe(registration)
        except ConnectorFailure as failure:
            yield ProbeLine("schema", Outcome.FAIL, f"{failure.code}: {failure.message}", _since(began))
            return
        took = _since(began)
        stated = read_subgraph(Subgraph(declared.name, sdl))
        if not isinstance(stated, ValidSubgraph):
            yield ProbeLine("schema", Outcome.FAIL, f"What the system states is no subgraph. {stated[0]}", took)
            return
        found = [each for each in changes(declared.schema, stated.schema) if not each.path.startswith(("_", "@"))]
        lacking = [each.description for each in found if each.criticality is Criticality.BREAKING]
        if not lacking:
            yield ProbeLine("schema", Outcome.PASS, "The system states what is declared.", took)
        for description in lacking[:MOST_TOLD]:
            yield ProbeLine("schema", Outcome.FAIL, f"The system states another schema: {description}", took)
        if len(lacking) > MOST_TOLD:
            yield ProbeLine("schema", Outcome.FAIL, f"{len(lacking) - MOST_TOLD} more differences.", took)

    async def _missing_agent(self, department: str) -> str | None:
        try:
            is_online = await self._trials.is_agent_online(department)
        except BrokerUnavailable:
            return "The message broker cannot be reached, so no agent can be asked."
        return None if is_online else "No agent is connected. Start it with `jiyi agent`."

    async def _samples(
        self, registration: Registration, connector: Connector, read: ValidSubgraph
    ) -> AsyncIterator[ProbeLine]:
        given = registration.samples or (samples_of(read) if registration.kind == "rest" else ())
        if not given and registration.kind == "rest":
            message = "Nothing can be asked without arguments, so nothing was. Give a query with --sample."
            yield ProbeLine("samples", Outcome.WARN, message)
        for text in given[:MOST_SAMPLES]:
            title = " ".join(text.split())[:60]
            document = _query(text, read.schema)
            if isinstance(document, str):
                yield ProbeLine(title, Outcome.FAIL, document)
                continue
            async for line in _tried(title, connector, text, document, read.schema):
                yield line


async def _tried(
    title: str, connector: Connector, text: str, document: DocumentNode, schema: GraphQLSchema
) -> AsyncIterator[ProbeLine]:
    line, response = await _asked(title, connector, text)
    if response is None or response.data is None:
        yield line
        return
    found = fit(schema, document, response.data)
    if line.outcome is not Outcome.PASS or not found.wrong:
        yield line
    for place in found.wrong[:MOST_TOLD]:
        yield ProbeLine(title, Outcome.FAIL, f'"{place.path}" {place.message}.', line.milliseconds)
    for path in found.empty[:MOST_TOLD] if line.outcome is Outcome.PASS else ():
        yield ProbeLine(title, Outcome.WARN, f'"{path}" is null wherever it was asked. Is it mapped rightly?')


async def _asked(what: str, connector: Connector, query: str) -> tuple[ProbeLine, FetchResponse | None]:
    began = perf_counter()
    try:
        response = await connector.fetch(FetchRequest(query, context=_PURPOSE))
    except ConnectorFailure as failure:
        return ProbeLine(what, Outcome.FAIL, f"{failure.code}: {failure.message}", _since(began)), None
    took = _since(began)
    if response.errors:
        told = sorted({_error(error) for error in response.errors})
        message = f"The system answers with errors: {', '.join(told[:MOST_TOLD])}."
        return ProbeLine(what, Outcome.FAIL, message, took), response
    return ProbeLine(what, Outcome.PASS, "The system answers.", took), response


def _error(error: Mapping[str, Any]) -> str:
    """Code and place; its words may hold a person's data."""
    extensions, path = error.get("extensions"), error.get("path")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    names = "".join("[]" if isinstance(step, int) else f".{step}" for step in path or ()).removeprefix(".")
    return f"{str(code or 'without a code')[:60]}" + (f" at {names}" if names else "")


def _query(text: str, schema: GraphQLSchema) -> DocumentNode | str:
    """The sample as a document, or why it is not asked."""
    try:
        document = parse(text, max_tokens=2_000)
    except GraphQLError as error:
        return f"The sample is no GraphQL: {error.message}"
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation.value != "query":
        return "A sample is one query. Mutations are never tried."
    errors = validate(schema, document)
    return f"The sample does not fit the schema: {errors[0].message}" if errors else document


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)

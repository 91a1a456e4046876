"""Answer one operation by its plan: run it, then complete what came into what was asked.

Source: GraphQL specification, section 6 "Execution".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.connector import Connector, FetchRequest, FetchResponse, RequestContext
from hub.execution.asking import Answers, cause_of_failure, no_connector
from hub.execution.completion import ExecutionResult, complete
from hub.execution.fault import Cause, Fault
from hub.execution.operation import Operation, Variables
from hub.execution.programs import Programs
from hub.execution.run import OwnerCheck, Run
from hub.execution.shape import ObjectShape
from hub.execution.time_limit import TimeLimit
from schema.planning.query_plan import QueryPlan, Sequence, Subscription


def nobody(_type_name: str, _identity: Mapping[str, Any]) -> bool:
    """The owner check of a reader who owns nothing: every personal object is another's."""
    return False


def unknown_source(_type_name: str, _field_name: str) -> str | None:
    """No subgraph to name for a wrong value."""
    return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an execution stands in: the same for every operation of one reader on one graph."""

    connectors: Mapping[str, Connector]
    context: RequestContext = field(default_factory=RequestContext)
    departments: Mapping[str, str] = field(default_factory=dict)
    owner_check: OwnerCheck = nobody
    service_of: Callable[[str, str], str | None] = unknown_source
    effects: int = 0
    """How many mutations had ended when this began: what began before one of them is not shared with it."""
    time: timedelta | None = None
    """How long all fetches of an operation, or of an event, may take together."""


async def execute(
    plan: QueryPlan,
    operation: Operation,
    variables: Variables,
    around: Surroundings,
    programs: Programs | None = None,
) -> ExecutionResult:
    """Answer a query or mutation. Never raises for what a department does.

    ``programs`` are the plan compiled, for those who keep it: the fast path answers by them where it can, and
    what it cannot answer the exact path does, from the same answers.
    """
    limit = TimeLimit.from_now(around.time)
    program = programs.of(variables) if programs is not None else None
    if programs is None or program is None:
        return await _execute_exactly(plan, operation, variables, around, limit, {}, ())
    ran = await programs.runs.run(program, variables, around.connectors, around.context, around.effects, limit)
    if ran.encoded is None:
        return await _execute_exactly(plan, operation, variables, around, limit, dict(ran.answers), ran.services)
    return ExecutionResult(None, services=ran.services, encoded=ran.encoded)


async def _execute_exactly(
    plan: QueryPlan,
    operation: Operation,
    variables: Variables,
    around: Surroundings,
    limit: TimeLimit,
    answers: Answers,
    asked: Iterable[str],
) -> ExecutionResult:
    """``answers`` are those that are here already, from the services ``asked``."""
    run = _run(plan, variables, around, limit, answers)
    run.services.extend(asked)
    if operation.asks_introspection:
        run.data.update(await asyncio.to_thread(operation.introspect, variables))
    shape = operation.shape(variables)
    if plan.kind == "mutation" and isinstance(plan.node, Sequence):
        await _run_mutations(run, plan.node, shape)
    elif plan.node is not None and not isinstance(plan.node, Subscription):
        await run.node(plan.node)
    return _complete(run, shape, around)


async def execute_event(
    plan: QueryPlan, event: FetchResponse | Cause, operation: Operation, variables: Variables, around: Surroundings
) -> ExecutionResult:
    """Answer one event of a subscription: what the stream gave, completed by the rest of the plan."""
    if not isinstance(plan.node, Subscription):
        raise TypeError("Only a subscription has events.")
    run = _run(plan, variables, around, TimeLimit.from_now(around.time), {})
    run.take_event(plan.node.primary, event)
    if plan.node.rest is not None:
        await run.node(plan.node.rest)
    return _complete(run, operation.shape(variables), around)


async def open_stream(
    plan: QueryPlan, variables: Variables, around: Surroundings
) -> AsyncGenerator[FetchResponse | Cause, None]:
    """The events of a subscription as its subgraph sends them; a failure is the last of them."""
    if not isinstance(plan.node, Subscription):
        raise TypeError("Only a subscription can be opened.")
    fetch = plan.node.primary
    connector = around.connectors.get(fetch.service)
    if connector is None:
        yield no_connector(fetch.service)
        return
    sent = {name: variables.sent[name] for name in fetch.variables if name in variables.sent}
    events = connector.subscribe(FetchRequest(fetch.document, sent, "subscription", context=around.context))
    try:
        async for event in events:
            yield event
    except Exception as failure:  # noqa: BLE001 - whatever ends the stream is told as its last event
        yield cause_of_failure(failure, fetch.service)
    finally:
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()


async def _run_mutations(run: Run, steps: Sequence, shape: ObjectShape) -> None:
    """One after the other. Once a field that may not be null has failed, the answer is null and no further
    effect is wanted."""
    required = [field.response_name for field in shape.fields if field.is_required]
    for step in steps.nodes:
        await run.node(step)
        if any(_has_failed(run.data, name) for name in required):
            return


def _has_failed(data: Mapping[str, Any], name: str) -> bool:
    return name in data and (data[name] is None or type(data[name]) is Fault)


def _run(plan: QueryPlan, variables: Variables, around: Surroundings, limit: TimeLimit, answers: Answers) -> Run:
    return Run(plan, variables.sent, around.connectors, around.context, around.owner_check, answers, limit)


def _complete(run: Run, shape: ObjectShape, around: Surroundings) -> ExecutionResult:
    result = complete(run.data, shape, run.diagnostics, around.departments, around.service_of)
    return ExecutionResult(result.data, result.errors, result.extensions, tuple(run.services))

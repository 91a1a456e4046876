"""Answer recorded operations by the new version too, and compare with the live one: what would clients notice.

Only what anybody may ask: queries without values and without required variables, run for nobody in particular, so
that no personal data is read. Differences are told by place and kind, never by value. Nothing of it is counted as
use. Source: docs/departments.md, "Shadow".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from graphql import NonNullTypeNode, OperationDefinitionNode, parse

from connectors.clock import Clock
from connectors.connector import Connector
from hub.gateway import Gateway, GraphQLAnswer, GraphQLRequest, GraphState, Policy
from hub.gateway.policy import nobody
from hub.recording.recorded_operations import fields_of
from hub.registry.check_findings import ShadowDifference
from hub.registry.registration import Registration
from schema.affected import RecordedOperation
from schema.answers import differences
from schema.supergraph import Supergraph

SECONDS = 10
MOST_OPERATIONS = 10
MOST_TOLD = 20


class ShadowComparison:
    """``live`` is the graph in force, ``make`` gives the new version's connector, which is closed afterwards."""

    def __init__(
        self,
        live: Callable[[], GraphState | None],
        make: Callable[[Registration], Connector],
        policy: Policy,
        clock: Clock,
    ) -> None:
        self._live = live
        self._make = make
        self._policy = policy
        self._clock = clock

    async def __call__(
        self, registration: Registration, supergraph: Supergraph, recorded: tuple[RecordedOperation, ...]
    ) -> tuple[tuple[ShadowDifference, ...], int]:
        """Differences, and how many operations were compared. Never raises for what a department does."""
        state = self._live()
        if state is None or registration.name not in state.connectors:
            return (), 0
        candidate = self._make(registration)
        departments = {**state.departments, registration.name: registration.department}
        connectors = {**state.connectors, registration.name: candidate}
        new_state = GraphState(supergraph, connectors, departments, state.version)
        operations = sampled(recorded, _fields(state, registration.name) | _fields(new_state, registration.name))
        found: list[ShadowDifference] = []
        compared = 0
        try:
            async with asyncio.timeout(SECONDS):
                for operation in operations:
                    differing = await self._compare(operation, self._gateway(state), self._gateway(new_state))
                    compared += differing is not None
                    found += differing or ()
        except TimeoutError:
            found.append(ShadowDifference("", "", f"Not every operation was answered within {SECONDS} seconds."))
        finally:
            await candidate.close()
        return tuple(found[:MOST_TOLD]), compared

    def _gateway(self, state: GraphState) -> Gateway:
        """One that nobody else uses; it is never closed, since the live connectors are others'."""
        gateway = Gateway(self._policy, nobody, clock=self._clock)
        gateway.publish(state)
        return gateway

    async def _compare(
        self, operation: RecordedOperation, live: Gateway, new: Gateway
    ) -> tuple[ShadowDifference, ...] | None:
        """``None`` where the live version has no answer to compare with."""
        request = GraphQLRequest(operation.document)
        before = await live.answer(request, None)
        if not before.is_executed or before.errors:
            return None
        after = await new.answer(request, None)
        if after.errors:
            codes = sorted({str(error["extensions"]["code"]) for error in after.errors})
            return (ShadowDifference(operation.title, "", f"Answered with errors: {', '.join(codes)}."),)
        found = differences(_data(before), _data(after))
        return tuple(ShadowDifference(operation.title, place.path, place.message) for place in found)


def sampled(recorded: Iterable[RecordedOperation], own: frozenset[str]) -> tuple[RecordedOperation, ...]:
    """Those that can be run again as they were and touch the connector, the most used first."""
    usable = (
        each
        for each in recorded
        if each.kind == "query" and each.document and not each.has_values and not own.isdisjoint(each.coordinates)
    )
    ordered = sorted(usable, key=lambda each: (-each.count, each.hash))
    return tuple(each for each in ordered if not _needs_variables(each.document))[:MOST_OPERATIONS]


def _needs_variables(document: str) -> bool:
    operations = (d for d in parse(document).definitions if isinstance(d, OperationDefinitionNode))
    return any(
        isinstance(variable.type, NonNullTypeNode) and variable.default_value is None
        for operation in operations
        for variable in operation.variable_definitions or ()
    )


def _fields(state: GraphState, name: str) -> frozenset[str]:
    return fields_of(state.supergraph, {name: name}, name)


def _data(answer: GraphQLAnswer) -> Any:
    return answer.data if answer.encoded is None else msgspec.json.decode(answer.encoded)

"""One trial: compose, plan, prove, execute, and compare with one process. What is wrong is a finding."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from hub.execution import ExecutionResult, Operation, Surroundings, execute
from schema.composition import compose
from schema.errors import PlanningError
from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.query_plan import QueryPlan
from schema.subgraph import Subgraph
from schema.supergraph import Composition, Supergraph
from tests.engine.data import Data, make_data
from tests.engine.generate import make_graph
from tests.engine.graph_model import GraphModel
from tests.engine.operations import Asked, make_operation
from tests.engine.processes import Process, ProcessConnector, subgraph_processes, whole_process

OPERATIONS = 6
"""Operations for each graph."""

MAY_BE_REFUSED = ("SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",)
"""What a shared field may be is drawn for each subgraph on its own."""


@dataclass(frozen=True)
class Finding:
    """``kind`` is what went wrong, for finding the smallest case of the same kind."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"[{self.kind}] {self.text}"


@dataclass
class World:
    """A graph with its data, composed."""

    model: GraphModel
    data: Data
    composition: Composition

    @property
    def supergraph(self) -> Supergraph:
        assert self.composition.supergraph
        return self.composition.supergraph

    @cached_property
    def processes(self) -> dict[str, Process]:
        return subgraph_processes(self.model, self.data)

    @cached_property
    def whole(self) -> Process:
        return whole_process(self.model, self.data)


def make_world(seed: int) -> World:
    random = Random(seed)
    model = make_graph(random)
    return World(model, make_data(model, random), composed(model))


def composed(model: GraphModel) -> Composition:
    return compose(Subgraph(name, model.subgraph_sdl(name)) for name in model.subgraphs)


def make_asked(world: World, seed: int) -> list[Asked]:
    """Valid operations for the world, drawn from the same seed."""
    random = Random(f"operations {seed}")
    schema = world.whole.schema
    drawn = (make_operation(schema, random) for _ in range(OPERATIONS * 2))
    return list(islice((one for one in drawn if not validate(schema, parse(one.text))), OPERATIONS))


def refused(world: World) -> Finding | None:
    """A sound graph that does not compose, or composition that fails in itself."""
    if world.composition.supergraph is None and world.model.is_sound:
        first = world.composition.errors[0]
        if first.code in MAY_BE_REFUSED:
            return None
        return Finding(f"refused {first.code}", "\n".join(str(error) for error in world.composition.errors))
    return None


def merged_wrongly(world: World) -> Finding | None:
    """A public schema that is not the whole's."""
    merged, whole = _fields(world.supergraph.api_schema), _fields(world.whole.schema)
    different = sorted(set(merged.items()) ^ set(whole.items()))
    return Finding("schema", str(different)) if different else None


def _fields(schema: GraphQLSchema) -> dict[str, str]:
    return {
        f"{name}.{field}": str(declared.type)
        for name, one in schema.type_map.items()
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
        for field, declared in one.fields.items()
    }


def tried(world: World, asked: Asked) -> Finding | None:
    """Ask the federated graph and the one process the same; what differs."""
    document = parse(asked.text)
    try:
        found = plan(world.supergraph, document)
    except PlanningError as error:
        return Finding(error.code.value, error.message)
    if wrong := check_plan(world.supergraph, document, None, found):
        return Finding("check_plan", f"{wrong[0]}\n{found}")
    processes = world.processes
    result = run(world, document, found, asked.variables, processes)
    misuses = [text for process in processes.values() for text in process.misuses]
    for process in processes.values():
        process.misuses.clear()
    if misuses:
        return Finding("misuse", f"{misuses[0]}\n{found}")
    return _difference(world, asked, result, found)


def run(
    world: World,
    document: DocumentNode,
    found: QueryPlan,
    variables: Mapping[str, Any],
    processes: Mapping[str, Process],
    dead: frozenset[str] = frozenset(),
) -> ExecutionResult:
    """Execute a plan over processes, of which some may be dead."""
    node = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    operation = Operation(world.supergraph.api_schema, document, node)
    connectors = {name: ProcessConnector(process, name in dead) for name, process in processes.items()}
    around = Surroundings(connectors=connectors)
    return asyncio.run(execute(found, operation, operation.coerce(variables), around))


def _difference(world: World, asked: Asked, result: ExecutionResult, found: QueryPlan) -> Finding | None:
    expected = world.whole.answer(asked.text, asked.variables)
    assert expected.errors is None, expected.errors
    if result.errors:
        return Finding("error", f"{result.errors[0]}\n{found}")
    # Text, not equality: key order counts, and 1 is not 1.0.
    if json.dumps(result.data) != json.dumps(expected.data):
        return Finding("answer", f"{json.dumps(result.data)}\nis not\n{json.dumps(expected.data)}\n{found}")
    return None

"""One trial: compose, plan, prove, execute, and compare with one process. What is wrong is a finding."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any, Literal

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from hub.execution import ExecutionResult, Operation, Surroundings, execute
from schema.composition import compose
from schema.errors import PlanningError, RuntimeCode
from schema.planning import plan
from schema.planning.check_plan import check_plan
from schema.planning.query_plan import QueryPlan
from schema.subgraph import Subgraph
from schema.supergraph import Composition, Supergraph
from tests.engine.answerable import lost_fields
from tests.engine.data import Data, make_data
from tests.engine.generate import make_graph
from tests.engine.graph_model import GraphModel
from tests.engine.operations import Asked, make_operation
from tests.engine.processes import Process, ProcessConnector, subgraph_processes, whole_process
from tests.engine.wide import make_wide_graph
from tests.engine.wide.operations import make_wide_operation

Variety = Literal["plain", "wide"]

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
    _expected: dict[str, tuple[Any, list[str]]] = field(default_factory=dict)
    _planned: dict[str, tuple[DocumentNode, QueryPlan | PlanningError]] = field(default_factory=dict)

    def expected(self, asked: Asked) -> Any:
        """What one process answers; asked once."""
        return self._whole(asked)[0]

    def effects(self, asked: Asked) -> list[str]:
        """The mutations that one process executes, in their order."""
        return self._whole(asked)[1]

    def _whole(self, asked: Asked) -> tuple[Any, list[str]]:
        if asked.text not in self._expected:
            self.whole.effects.clear()
            answered = self.whole.answer(asked.text, asked.variables)
            assert answered.errors is None, answered.errors
            self._expected[asked.text] = answered.data, list(self.whole.effects)
        return self._expected[asked.text]

    def document(self, asked: Asked) -> DocumentNode:
        return self._asked(asked)[0]

    def planned(self, asked: Asked) -> QueryPlan | PlanningError:
        """The plan of an operation, or why there is none; made once."""
        return self._asked(asked)[1]

    def plan(self, asked: Asked) -> QueryPlan:
        found = self.planned(asked)
        if isinstance(found, PlanningError):
            raise found
        return found

    def _asked(self, asked: Asked) -> tuple[DocumentNode, QueryPlan | PlanningError]:
        if asked.text not in self._planned:
            document = parse(asked.text)
            try:
                found: QueryPlan | PlanningError = plan(self.supergraph, document, labels=self.model.labels)
            except PlanningError as error:
                found = error
            self._planned[asked.text] = document, found
        return self._planned[asked.text]

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


def make_world(seed: int, variety: Variety = "plain") -> World:
    """The graph of a seed; a ``wide`` one has what ``tests.engine.wide`` adds, drawn apart."""
    random = Random(seed)
    model = make_graph(random) if variety == "plain" else make_wide_graph(random, Random(f"wide {seed}"))
    return World(model, make_data(model, random), composed(model))


def composed(model: GraphModel) -> Composition:
    return compose(Subgraph(name, model.subgraph_sdl(name)) for name in model.subgraphs)


def make_asked(world: World, seed: int, variety: Variety = "plain") -> list[Asked]:
    """Valid operations for the world, drawn from the same seed."""
    random = Random(f"operations {seed}")
    schema = world.whole.schema
    make = make_operation if variety == "plain" else make_wide_operation
    drawn = (make(schema, random) for _ in range(OPERATIONS * 2))
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
        f"{name}.{field}": f"{declared.type} {sorted(getattr(declared, 'args', ()))}"
        for name, one in schema.type_map.items()
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
        and not name.startswith("__")
        for field, declared in one.fields.items()
    } | {
        f"{name}.{value}": "" for name, one in schema.type_map.items()
        if isinstance(one, GraphQLEnumType) and not name.startswith("__") for value in one.values
    }  # fmt: skip


def is_unanswerable(world: World, asked: Asked) -> bool:
    """Whether an error is the right answer: nothing leads to what is asked, which only wild graphs may have."""
    found = world.planned(asked)
    is_refused = isinstance(found, PlanningError) and found.code is RuntimeCode.NO_PLAN
    return (
        is_refused
        and not world.model.is_sound
        and bool(lost_fields(world.supergraph, world.document(asked), world.model.labels))
    )


def tried(world: World, asked: Asked) -> Finding | None:
    """Ask the federated graph and the one process the same; what differs."""
    document, found = world.document(asked), world.planned(asked)
    if isinstance(found, PlanningError):
        return None if is_unanswerable(world, asked) else Finding(found.code.value, found.message)
    if wrong := check_plan(world.supergraph, document, None, found, world.model.labels):
        return Finding("check_plan", f"{wrong[0]}\n{found}")
    processes = world.processes
    for process in processes.values():
        process.effects.clear()
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
    expected, effects = json.dumps(world.expected(asked)), world.effects(asked)
    if (done := next(iter(world.processes.values())).effects) != effects:
        return Finding("effects", f"{done} is not {effects}\n{found}")
    if result.errors:
        return Finding("error", f"{result.errors[0]}\n{found}")
    # Text, not equality: key order counts, and 1 is not 1.0.
    if json.dumps(result.data) != expected:
        return Finding("answer", f"{json.dumps(result.data)}\nis not\n{expected}\n{found}")
    return None

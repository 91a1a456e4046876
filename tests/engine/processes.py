"""The processes behind a made-up graph: one per subgraph, and the one that knows all.

Each executes its own schema with graphql-core over the same data. A subgraph is strict: what a right plan
never asks (an external field that nobody provides, an entity without one of its keys) is noted as a misuse.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
)

from connectors.connector import ConnectorFailure, FetchRequest, FetchResponse
from schema.errors import RuntimeCode
from schema.field_set import FieldSelection, FieldSet, Selection, parse_field_set
from tests.engine.data import COUNT, Data, Ref, project_representation, told, with_argument
from tests.engine.graph_model import FieldModel, GraphModel, KeyModel


@dataclass(frozen=True)
class Held:
    """An object as a process holds it: with what the path provides, what its representation brought, and the
    objects above it."""

    ref: Ref
    provided: tuple[Selection, ...] = ()
    sent: str | None = None
    above: tuple[Ref, ...] = ()


@dataclass
class Process:
    """One process. ``subgraph`` is ``None`` for the one that knows all. ``absent``: entities it does not find."""

    data: Data
    schema: GraphQLSchema
    subgraph: str | None = None
    misuses: list[str] = field(default_factory=list)
    absent: frozenset[Ref] = frozenset()
    effects: list[str] = field(default_factory=list)

    def answer(self, query: str, variables: Mapping[str, Any]) -> ExecutionResult:
        document = _parsed(query)
        kind = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode)).operation.value
        return execute_sync(
            self.schema,
            document,
            Held(Ref(kind.capitalize(), 0)),
            variable_values=dict(variables),
            field_resolver=self._resolve,
            type_resolver=lambda value, _info, _type: self.data.model.held_as(value.ref.type_name, self.subgraph),
        )

    def _resolve(self, held: Held, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._entity(sent) for sent in arguments["representations"]]
        declared = self._declared(held, info.field_name)
        provides: tuple[Selection, ...] = ()
        if held.ref.type_name == "Mutation":
            self.effects.append(f"{info.field_name} {told(arguments)}")
        if self.subgraph is not None:
            source = declared.sources[self.subgraph]
            granted = [one for one in self._granted(held) if one.name == declared.name]
            if (source.external or source.moved) and not granted:
                self._misuse(f"{held.ref.type_name}.{declared.name} is external here")
            if source.requires and (told_of := self._required(held, source.requires)) is None:
                return None
            if source.requires and declared.type == "String":
                return told_of
            if source.requires and told_of != self._needed(held, source.requires):
                self._misuse(f"a representation of {held.ref.type_name} brought {told_of}")
            provides = tuple(below for one in granted for below in one.selections)
            provides += parse_field_set(source.provides).selections if source.provides else ()
        elif declared.is_computed:
            return _held(self.data.required(held.ref, declared.name), provides, (*held.above, held.ref))
        filled = self._from_contexts(held, declared, arguments)
        argument = next(iter(arguments.values())) if len(arguments) == 1 else arguments or None
        value = self.data.read(held.ref, declared.name, argument, self.subgraph)
        for each in filled.values() if filled and isinstance(value, list) else ():
            value = with_argument(value, each)
        value = f"{value}{told(filled)}" if filled and isinstance(value, str) else value
        return _held(value, provides, (*held.above, held.ref))

    def _declared(self, held: Held, name: str) -> FieldModel:
        model = self.data.model
        if self.subgraph is None:
            return model.field(held.ref.type_name, name)
        return model.types[model.held_as(held.ref.type_name, self.subgraph)].fields[name]

    def _from_contexts(self, held: Held, declared: FieldModel, arguments: dict[str, Any]) -> dict[str, Any]:
        """What contexts fill, taken out of the arguments; the one process looks for it above the object."""
        if declared.reading is None:
            return {}
        home, reads = declared.reading
        if self.subgraph is None:
            return {read.argument: self.data.read_context(read, home, held.above) for read in reads}
        return {read.argument: arguments.pop(read.argument, None) for read in reads}

    def _required(self, held: Held, requires: str) -> str | None:
        """What the representation brought of what is required, as text."""
        if held.sent is None:
            self._misuse(f"{held.ref.type_name} ({requires}) is computed without a representation")
            return None
        try:
            return told(project_representation(json.loads(held.sent), parse_field_set(requires).selections))
        except KeyError as missing:
            self._misuse(f"a representation of {held.ref.type_name} lacks {missing}")
            return None

    def _needed(self, held: Held, requires: str) -> str:
        return told(self.data.project(held.ref, parse_field_set(requires).selections))

    def _granted(self, held: Held) -> list[FieldSelection]:
        """What the path provides for this object."""
        granted: list[FieldSelection] = []
        for one in held.provided:
            if isinstance(one, FieldSelection):
                granted.append(one)
            elif one.type_name is None or held.ref.type_name in self.data.model.possible(
                one.type_name, self.subgraph
            ):
                granted.extend(below for below in one.selections if isinstance(below, FieldSelection))
        return granted

    def _entity(self, sent: Mapping[str, Any]) -> Held | None:
        type_name = sent["__typename"]
        keys = self.data.model.types[type_name].keys.get(self.subgraph or "", ())
        for key in keys:
            if key.resolvable and (found := self._found(type_name, key, sent)) is not None:
                return None if found in self.absent else Held(found, sent=json.dumps(sent))
        self._misuse(f"{dict(sent)} opens no key of {type_name}")
        return None

    def _found(self, type_name: str, key: KeyModel, sent: Mapping[str, Any]) -> Ref | None:
        fields = parse_field_set(key.fields)
        try:
            wanted = told(project_representation(sent, fields.selections))
        except KeyError:
            return None
        every = (Ref(t, row) for t in self.data.model.possible(type_name) for row in range(COUNT))
        return next((one for one in every if self._key_of(one, fields) == wanted), None)

    def _key_of(self, at: Ref, fields: FieldSet) -> str:
        return told(self.data.project(at, fields.selections))

    def _misuse(self, text: str) -> None:
        self.misuses.append(f"{self.subgraph}: {text}")


_parsed = lru_cache(maxsize=512)(parse)


def _held(value: Any, provided: tuple[Selection, ...], above: tuple[Ref, ...]) -> Any:
    if isinstance(value, list):
        return [_held(item, provided, above) for item in value]
    return Held(value, provided, above=above) if isinstance(value, Ref) else value


@dataclass
class ProcessConnector:
    """A process behind the Connector protocol. ``is_dead``: nobody answers."""

    process: Process
    is_dead: bool = False
    requests: int = 0

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        self.requests += 1
        if self.is_dead:
            raise ConnectorFailure(RuntimeCode.DEPARTMENT_UNREACHABLE, "The department cannot be reached.")
        result = self.process.answer(request.query, request.variables)
        errors = tuple({"message": error.message, "path": error.path} for error in result.errors or ())
        return FetchResponse(json.loads(json.dumps(result.data)), errors)

    async def subscribe(self, request: FetchRequest) -> AsyncIterator[FetchResponse]:
        yield await self.fetch(request)

    async def describe(self) -> str:
        return ""

    async def close(self) -> None:
        return None


def whole_process(model: GraphModel, data: Data) -> Process:
    return Process(data, model.whole_schema())


def with_data(
    processes: Mapping[str, Process], data: Data, absent: frozenset[Ref] = frozenset()
) -> dict[str, Process]:
    """The same processes over other data."""
    return {
        name: Process(data, process.schema, process.subgraph, absent=absent) for name, process in processes.items()
    }


def subgraph_processes(model: GraphModel, data: Data) -> dict[str, Process]:
    effects: list[str] = []
    return {
        name: Process(data, build_schema(model.executable_sdl(name), assume_valid_sdl=True), name, effects=effects)
        for name in model.subgraphs
    }

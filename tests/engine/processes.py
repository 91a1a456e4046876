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
from tests.engine.data import Data, Ref, project_representation, told
from tests.engine.graph_model import GraphModel, KeyModel


@dataclass(frozen=True)
class Held:
    """An object as a process holds it: with what the path provides and what its representation brought."""

    ref: Ref
    provided: tuple[Selection, ...] = ()
    sent: str | None = None


@dataclass
class Process:
    """One process. ``subgraph`` is ``None`` for the one that knows all. ``absent``: entities it does not find."""

    data: Data
    schema: GraphQLSchema
    subgraph: str | None = None
    misuses: list[str] = field(default_factory=list)
    absent: frozenset[Ref] = frozenset()

    def answer(self, query: str, variables: Mapping[str, Any]) -> ExecutionResult:
        document = _parsed(query)
        kind = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode)).operation.value
        return execute_sync(
            self.schema,
            document,
            Held(Ref(kind.capitalize(), 0)),
            variable_values=dict(variables),
            field_resolver=self._resolve,
            type_resolver=lambda value, _info, _type: value.ref.type_name,
        )

    def _resolve(self, held: Held, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._entity(sent) for sent in arguments["representations"]]
        declared = self.data.model.types[held.ref.type_name].fields[info.field_name]
        provides: tuple[Selection, ...] = ()
        if self.subgraph is not None:
            source = declared.sources[self.subgraph]
            granted = [one for one in self._granted(held) if one.name == declared.name]
            if (source.external or source.moved) and not granted:
                self._misuse(f"{held.ref.type_name}.{declared.name} is external here")
            if source.requires:
                return self._computed(held, source.requires)
            provides = tuple(below for one in granted for below in one.selections)
            provides += parse_field_set(source.provides).selections if source.provides else ()
        elif any(source.requires for source in declared.sources.values()):
            return self.data.required(held.ref, declared.name)
        argument = next(iter(arguments.values()), None)
        return _held(self.data.read(held.ref, declared.name, argument, self.subgraph), provides)

    def _computed(self, held: Held, requires: str) -> str | None:
        if held.sent is None:
            self._misuse(f"{held.ref.type_name} ({requires}) is computed without a representation")
            return None
        try:
            return told(project_representation(json.loads(held.sent), parse_field_set(requires).selections))
        except KeyError as missing:
            self._misuse(f"a representation of {held.ref.type_name} lacks {missing}")
            return None

    def _granted(self, held: Held) -> list[FieldSelection]:
        """What the path provides for this object."""
        granted: list[FieldSelection] = []
        for one in held.provided:
            if isinstance(one, FieldSelection):
                granted.append(one)
            elif one.type_name is None or held.ref.type_name in self.data.model.possible(one.type_name):
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
        rows = range(len(self.data.tables[type_name]))
        matching = (Ref(type_name, row) for row in rows if self._key_of(Ref(type_name, row), fields) == wanted)
        return next(matching, None)

    def _key_of(self, at: Ref, fields: FieldSet) -> str:
        return told(self.data.project(at, fields.selections))

    def _misuse(self, text: str) -> None:
        self.misuses.append(f"{self.subgraph}: {text}")


_parsed = lru_cache(maxsize=512)(parse)


def _held(value: Any, provided: tuple[Selection, ...]) -> Any:
    if isinstance(value, list):
        return [_held(item, provided) for item in value]
    return Held(value, provided) if isinstance(value, Ref) else value


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
    return {
        name: Process(data, build_schema(model.executable_sdl(name), assume_valid_sdl=True), name)
        for name in model.subgraphs
    }

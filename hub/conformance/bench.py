"""The connector on the bench: asked as the hub asks it, every request noted, with what samples are known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any, Literal

from graphql import GraphQLError, GraphQLObjectType, OperationDefinitionNode, parse, validate

from connectors.connector import JSON, Connector, ConnectorFailure, FetchRequest, RequestContext
from connectors.http_client import HttpClient
from hub.conformance.samples import Samples
from hub.conformance.selecting import RootField, Selecting, written
from hub.workbench.answer_check import answer_findings
from hub.workbench.notes import CallNote, Trace, current_trace
from hub.workbench.opening import OpenConnector
from schema.errors import RuntimeCode

MOST_KEPT = 100
"""Of one type: enough to try, and quick to compare."""
CONTEXT = RequestContext(purpose="conformance")
ENTITIES = (
    "query ($representations: [_Any!]!) "
    "{{ _entities(representations: $representations) {{ ... on {} {{ {} }} }} }}"
)
Key = Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation and what became of it."""

    query: str
    data: Mapping[str, JSON] | None
    errors: tuple[Mapping[str, Any], ...]
    calls: tuple[CallNote, ...]
    wrong: tuple[str, ...]
    seconds: float

    @property
    def is_well(self) -> bool:
        return self.data is not None and not self.errors

    @property
    def trouble(self) -> str:
        """The first error, with its code."""
        if not self.errors:
            return "no data" if self.data is None else ""
        first = self.errors[0]
        code = code_of(first)
        told = f"{code}: {first.get('message')}" if code else f"{first.get('message')} (without a code)"
        return f"{told} {self.wrong[0]}" if self.wrong else told

    def entities(self) -> list[JSON]:
        found = (self.data or {}).get("_entities")
        return list(found) if isinstance(found, list) else []


@dataclass
class Bench:
    """``asked`` is everything so far. ``found`` are entities that lists and samples gave, by type, each once."""

    opened: OpenConnector
    client: HttpClient
    samples: Samples
    allows_mutations: bool = False
    concurrency: int = 10
    asked: list[Asked] = field(default_factory=list)
    found: dict[str, list[dict[str, JSON]]] = field(default_factory=dict)
    selecting: Selecting = field(init=False)

    def __post_init__(self) -> None:
        self.selecting = Selecting(self.opened.shape, self.samples.arguments)

    @property
    def timeout(self) -> timedelta:
        return self.opened.specification.timeout

    @property
    def keyed_types(self) -> tuple[str, ...]:
        """The types whose objects this subgraph can look up."""
        types, keys = self.opened.shape.schema.type_map, self.opened.shape.virtual.keys
        objects = (name for name in keys if isinstance(types.get(name), GraphQLObjectType))
        return tuple(name for name in objects if any(key.resolvable for key in keys[name]))

    async def ask(
        self,
        query: str,
        variables: Mapping[str, JSON] | None = None,
        *,
        connector: Connector | None = None,
        deadline: timedelta | None = None,
        idempotency_key: str | None = None,
    ) -> Asked:
        """Never raises for what the department does."""
        kind = operation_kind(query)
        request = FetchRequest(
            query, variables or {}, kind, context=CONTEXT, timeout=deadline, idempotency_key=idempotency_key
        )
        trace, began = Trace(), perf_counter()
        restore = current_trace.set(trace)
        try:
            response = await (connector or self.opened.connector).fetch(request)
            data, errors = response.data, response.errors
        except ConnectorFailure as failed:
            data, errors = None, ({"message": failed.message, "extensions": {"code": str(failed.code)}},)
        finally:
            current_trace.reset(restore)
        asked = Asked(
            query,
            data,
            errors,
            tuple(trace.calls),
            self._wrong(query, variables or {}, data, errors, trace.calls),
            perf_counter() - began,
        )
        self.asked.append(asked)
        return asked

    async def look_up(self, type_name: str, *keys: Key, selection: str | None = None) -> Asked:
        """Entities by representations, as the hub asks for them."""
        query = ENTITIES.format(type_name, selection or self.selecting.of(type_name))
        return await self.ask(query, {"representations": [{"__typename": type_name, **key} for key in keys]})

    def reads(self) -> tuple[RootField, ...]:
        return self.selecting.root_fields("query")

    def query_of(self, root: RootField, more: Mapping[str, JSON] | None = None) -> str:
        """The operation that asks for a root field."""
        arguments = written({**root.arguments, **(more or {})}, root.field.args)
        return f"{{ {root.name}{arguments}{self.selecting.below(root.field.type)} }}"

    def keys_of(self, type_name: str, entity: Mapping[str, JSON]) -> tuple[dict[str, JSON], ...]:
        """A representation for each ``@key`` that the entity has values for."""
        keys = (key for key in self.opened.shape.virtual.keys.get(type_name, ()) if key.resolvable)
        found = ({name: _bare(entity.get(name)) for name in sorted(key.field_names)} for key in keys)
        return tuple(key for key in found if all(value is not None for value in key.values()))

    def keep(self, value: JSON) -> None:
        """Note the entities in an answer, wherever they stand."""
        for entity in _objects(value):
            type_name = str(entity.get("__typename"))
            known = self.found.setdefault(type_name, [])
            keys = self.keys_of(type_name, entity)
            if (
                keys
                and len(known) < MOST_KEPT
                and not any(self.keys_of(type_name, each) == keys for each in known)
            ):
                known.append(entity)

    def _wrong(
        self,
        query: str,
        variables: Mapping[str, JSON],
        data: Mapping[str, JSON] | None,
        errors: Iterable[Mapping[str, Any]],
        calls: Sequence[CallNote],
    ) -> tuple[str, ...]:
        """What is not as declared; where a value is not there at all, the path that found nothing."""
        if data is None or self.opened.specification.kind != "graphql":
            wrong = [each for call in calls for each in call.wrong]
            if not wrong and any(code_of(error) == RuntimeCode.DEPARTMENT_WRONG_TYPE for error in errors):
                wrong = [each for call in calls for each in call.missing]
            return tuple(dict.fromkeys(wrong))
        schema, document = self.opened.shape.schema, parse(query)
        return () if validate(schema, document) else answer_findings(schema, document, variables, data)


def code_of(error: Mapping[str, Any]) -> str | None:
    """``extensions.code`` of an error, if it has one."""
    code = (error.get("extensions") or {}).get("code")
    return str(code) if code else None


def operation_kind(query: str) -> Literal["query", "mutation", "subscription"]:
    """Of a document that is none it is a query, which the connector then refuses."""
    try:
        definition = parse(query).definitions[0]
    except GraphQLError:
        return "query"
    return definition.operation.value if isinstance(definition, OperationDefinitionNode) else "query"


async def side_by_side(bench: Bench, queries: Iterable[tuple[str, Mapping[str, JSON]]]) -> list[Asked]:
    """As many at once as the bench allows."""
    slots = asyncio.Semaphore(bench.concurrency)

    async def one(query: str, variables: Mapping[str, JSON]) -> Asked:
        async with slots:
            return await bench.ask(query, variables)

    return list(await asyncio.gather(*(one(query, variables) for query, variables in queries)))


def _bare(value: JSON) -> JSON:
    """A nested key without the ``__typename`` that the selection added."""
    if isinstance(value, Mapping):
        return {name: _bare(each) for name, each in value.items() if name != "__typename"}
    return value


def _objects(value: JSON) -> Iterator[dict[str, JSON]]:
    if isinstance(value, list):
        for each in value:
            yield from _objects(each)
    elif isinstance(value, dict):
        if "__typename" in value:
            yield value
        for each in value.values():
            yield from _objects(each)

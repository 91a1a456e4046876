"""Find entities by their keys, through whichever ``@connect`` can.

A representation becomes an object at once when nothing else than its own fields, and fields with
connectors of their own, is asked of it; otherwise it is loaded: by a ``@connect`` on its type (one
request for many with ``$batch``) or by a root field with ``entity: true``. Equal representations are
loaded once in a request. Source: the public Apollo Connectors convention, "Entities".
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from connectors.connector import JSON
from connectors.mapped.cover import covering
from connectors.mapped.execution import Execution
from schema.errors import RUNTIME_CODES, RuntimeCode
from schema.mapping.connect import Connect, ConnectorSchema

_DEFAULT_BATCH = 100
_PLAIN = frozenset({str, int})


@dataclass(frozen=True, eq=False)
class Finder:
    """One way to find an entity: ``needs`` are the fields it must be known by. Equal only to itself."""

    connect: Connect
    needs: frozenset[str]
    defaults: Mapping[str, JSON] = field(default_factory=dict)

    def can_find(self, known: Mapping[str, JSON]) -> bool:
        return all(known.get(name) is not None for name in self.needs)

    @cached_property
    def is_batch(self) -> bool:
        return self.connect.is_batch

    def key_of(self, known: Mapping[str, JSON]) -> Hashable:
        """Scalars compare by their text, so that an ID finds the number it stands for."""
        values = [known.get(name) for name in self._names]
        if all(type(value) in _PLAIN for value in values):
            return tuple(map(str, values))
        return json.dumps(list(map(_comparable, values)), sort_keys=True)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(sorted(self.needs))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of entities of one type: the fields, and the properties without which they cannot be given."""

    fields: frozenset[str]
    needed: frozenset[str]


class Entities:
    """The finders of one connector schema."""

    def __init__(self, schema: ConnectorSchema) -> None:
        self._schema = schema
        self._needs: dict[tuple[str, str | None], list[frozenset[str]]] = {}
        for connect in schema.connects:
            self._needs.setdefault((connect.type_name, connect.field_name), []).append(connect.mentions("$this"))
        self._finders = {name: tuple(_finders(schema, name)) for name in schema.virtual.types}
        self._key_names = {name: _key_names(schema, name, found) for name, found in self._finders.items()}

    def can_find(self, type_name: str) -> bool:
        """Whether there is any way to find objects of a type."""
        return bool(self._finders.get(type_name))

    def key_names(self, type_name: str) -> frozenset[str]:
        """The fields by which objects of a type are referred to."""
        return self._key_names.get(type_name, frozenset())

    def somebody(self, type_name: str, value: JSON) -> JSON:
        """``value``, and null for each reference to nobody: ``author: { id: authorId }`` where that is null."""
        if isinstance(value, list):
            return [self.somebody(type_name, each) for each in value]
        names = self.key_names(type_name)
        if not names or not isinstance(value, dict):
            return value
        told = value.keys() - {"__typename"}
        return None if told and told <= names and all(each is None for each in value.values()) else value

    def wish(self, type_name: str, fields: Iterable[str]) -> Wish:
        """To be told to ``represent`` for representations of this type."""
        wanted = frozenset(fields)
        needs = (self._needs.get((type_name, name), [frozenset({name})]) for name in wanted)
        return Wish(wanted, frozenset[str]().union(*(each for every in needs for each in every)))

    async def represent(self, representation: JSON, wish: Wish, execution: Execution) -> JSON:
        """The object for one element of ``_entities(representations:)``, ``None`` when there is none."""
        if (
            not isinstance(representation, dict)
            or representation.get("__typename") not in self._schema.virtual.keys
        ):
            raise GraphQLError(
                "A representation needs the __typename of an entity of this subgraph.",
                extensions={"code": RuntimeCode.BAD_USER_INPUT.value},
            )
        type_name = representation["__typename"]
        if all(self._is_ready(type_name, name, representation) for name in wish.fields):
            return representation
        if not any(finder.can_find(representation) for finder in self._finders[type_name]):
            return representation
        return await self._find(execution, type_name, representation, wish.needed, may_be_unknown=True)

    async def complete(
        self, info: GraphQLResolveInfo[Execution], known: Mapping[str, JSON], wanted: frozenset[str]
    ) -> Mapping[str, JSON]:
        """An object that a mapping gave only in part, with what more of it is found.

        The department itself spoke of it: that it then does not know it is an error like any other.
        """
        found = await self._find(info.context, info.parent_type.name, known, wanted, may_be_unknown=False)
        return found or known

    async def _find(
        self,
        execution: Execution,
        type_name: str,
        known: Mapping[str, JSON],
        wanted: frozenset[str],
        *,
        may_be_unknown: bool,
    ) -> dict[str, JSON] | None:
        """What is known of an entity and, as far as it is wanted and somebody has it, more; ``None``: unknown."""
        found = dict(known)
        asked: set[Finder] = set()
        while True:
            usable = [f for f in self._finders.get(type_name, ()) if f not in asked and f.can_find(found)]
            if not usable:
                return found
            chosen = covering([finder.connect for finder in usable], wanted - found.keys())
            finders = [finder for finder in usable if finder.connect in chosen] or usable[: not asked]
            if not finders:
                return found
            asking = [self._ask(execution, finder, found, may_be_unknown=may_be_unknown) for finder in finders]
            parts = await asyncio.gather(*asking) if asking[1:] else [await asking[0]]
            if not asked and all(part is None for part in parts):
                return None
            asked.update(finders)
            for name, value in (item for part in parts if part for item in part.items()):
                if value is not None or name not in found:
                    found[name] = value

    async def _ask(
        self, execution: Execution, finder: Finder, known: Mapping[str, JSON], *, may_be_unknown: bool
    ) -> dict[str, JSON] | None:
        memory: dict[tuple[Finder, bool, Hashable], asyncio.Future[JSON]] = execution.memory
        key = (finder, may_be_unknown, finder.key_of(known))
        if key not in memory:
            memory[key] = (
                _batch_of(execution, finder, may_be_unknown=may_be_unknown).add(known)
                if finder.is_batch
                else execution.start(_find_one(execution, finder, known, may_be_unknown=may_be_unknown))
            )
        found = await memory[key]
        if found is None or isinstance(found, dict):
            return found
        raise _malformed(finder.connect)

    def _is_ready(self, type_name: str, field_name: str, known: Mapping[str, JSON]) -> bool:
        needs = self._needs.get((type_name, field_name), ())
        return field_name in known or any(each <= known.keys() for each in needs)


async def _find_one(
    execution: Execution, finder: Finder, known: Mapping[str, JSON], *, may_be_unknown: bool
) -> JSON:
    key = {name: known[name] for name in finder.needs}
    variables = {"$this": {**known}, "$args": {**finder.defaults, **key}}
    return await execution.call(finder.connect, variables, may_be_unknown=may_be_unknown)


class _Batch:
    """Gathers what is asked for in one turn of the event loop, then asks for all of it together."""

    def __init__(self, execution: Execution, finder: Finder, *, may_be_unknown: bool) -> None:
        self._execution = execution
        self._finder = finder
        self._may_be_unknown = may_be_unknown
        self._waiting: list[tuple[Mapping[str, JSON], asyncio.Future[JSON]]] = []

    def add(self, known: Mapping[str, JSON]) -> asyncio.Future[JSON]:
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._send)
        future: asyncio.Future[JSON] = loop.create_future()
        self._waiting.append((known, future))
        return future

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        size = self._finder.connect.batch_size or _DEFAULT_BATCH
        for start in range(0, len(waiting), size):
            self._execution.start(self._answer(waiting[start : start + size]))

    async def _answer(self, waiting: list[tuple[Mapping[str, JSON], asyncio.Future[JSON]]]) -> None:
        """Matched by key, never by order; what the answer lacks is null."""
        try:
            found = await self._ask([known for known, _ in waiting])
        except GraphQLError as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(GraphQLError(error.message, extensions=error.extensions))
            return
        for known, future in waiting:
            if not future.done():
                future.set_result(found.get(self._finder.key_of(known)))

    async def _ask(self, known: list[Mapping[str, JSON]]) -> dict[Hashable, JSON]:
        finder = self._finder
        keys = [{name: each[name] for name in finder.needs} for each in known]
        answer = await self._execution.call(finder.connect, {"$batch": keys}, may_be_unknown=self._may_be_unknown)
        if answer is None:
            return {}
        if not isinstance(answer, list):
            raise _malformed(finder.connect)
        return {finder.key_of(entity): entity for entity in answer if isinstance(entity, dict)}


def _batch_of(execution: Execution, finder: Finder, *, may_be_unknown: bool) -> _Batch:
    if (finder, may_be_unknown) not in execution.memory:
        execution.memory[finder, may_be_unknown] = _Batch(execution, finder, may_be_unknown=may_be_unknown)
    batch: _Batch = execution.memory[finder, may_be_unknown]
    return batch


def _finders(schema: ConnectorSchema, type_name: str) -> Iterator[Finder]:
    for connect in schema.connects_of(type_name, None):
        yield Finder(connect, connect.reads("$batch") or connect.reads("$this"))
    query = schema.virtual.schema.query_type
    for connect in schema.connects:
        if connect.entity and query and connect.type_name == query.name and connect.field_name in query.fields:
            field_ = query.fields[connect.field_name]
            if str(field_.type).strip("!") == type_name:
                yield from _by_arguments(schema, connect, type_name, field_.args)


def _key_names(schema: ConnectorSchema, type_name: str, finders: tuple[Finder, ...]) -> frozenset[str]:
    """The fields by which an object of the type is referred to, here or in other subgraphs."""
    keys = (key.field_names for key in schema.virtual.keys.get(type_name, ()))
    return frozenset[str]().union(*keys, *(finder.needs for finder in finders))


def _by_arguments(
    schema: ConnectorSchema, connect: Connect, type_name: str, arguments: Mapping[str, GraphQLArgument]
) -> Iterator[Finder]:
    """The arguments of the root field that are named like fields of a ``@key``; all of them, of a type without."""
    keys = [key.field_names for key in schema.virtual.keys.get(type_name, ())] or [frozenset(arguments)]
    for key in keys:
        if key <= arguments.keys():
            defaults = {n: coerce_default_value(a) for n, a in arguments.items() if a.default is not None}
            yield Finder(connect, key, defaults)


def selected_fields(info: GraphQLResolveInfo[Execution], type_name: str) -> Iterator[str]:
    """The fields asked of one type of ``_Entity``."""
    for node in info.field_nodes:
        if node.selection_set:
            yield from _selected_in(node.selection_set, info, type_name)


def _selected_in(
    selection_set: SelectionSetNode, info: GraphQLResolveInfo[Execution], type_name: str
) -> Iterator[str]:
    for node in selection_set.selections:
        match node:
            case FieldNode():
                if node.name.value != "__typename":
                    yield node.name.value
            case InlineFragmentNode():
                condition = node.type_condition.name.value if node.type_condition else type_name
                if _includes(info, condition, type_name):
                    yield from _selected_in(node.selection_set, info, type_name)
            case FragmentSpreadNode():
                fragment = info.fragments[node.name.value]
                if _includes(info, fragment.type_condition.name.value, type_name):
                    yield from _selected_in(fragment.selection_set, info, type_name)


def _includes(info: GraphQLResolveInfo[Execution], condition: str, type_name: str) -> bool:
    if condition == type_name:
        return True
    wider = info.schema.get_type(condition)
    return is_abstract_type(wider) and type_name in {t.name for t in info.schema.get_possible_types(wider)}


def _comparable(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: _comparable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    return value if value is None or isinstance(value, bool) else str(value)


def _malformed(connect: Connect) -> GraphQLError:
    code = RuntimeCode.DEPARTMENT_MALFORMED_ANSWER
    return GraphQLError(
        RUNTIME_CODES[code], extensions={"code": code.value, "connector": {"coordinate": connect.place}}
    )

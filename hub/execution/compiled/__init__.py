"""The fast path: a plan compiles to types, and the answer is never a tree of Python values.

``compile_plan`` gives a program, or ``None`` for a plan that only the exact path can run. A program either
gives the bytes that the exact path would have given, or raises :class:`Misfit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from graphql import GraphQLSchema
from msgspec import Raw

from connectors.connector import ReadBody
from hub.execution.compiled.layout import Layout, NotCompiled, Place, lay_out
from hub.execution.compiled.program import (
    BatchStep,
    Bringing,
    EntityStep,
    InParallel,
    InSequence,
    Program,
    RootStep,
    Settling,
    State,
    Step,
)
from hub.execution.compiled.reach import Reach, Reaches
from hub.execution.compiled.representing import Misfit, representing
from hub.execution.compiled.structs import Structs, attribute
from hub.execution.shape import ObjectShape
from schema.planning.query_plan import (
    Batch,
    Condition,
    Fetch,
    Flatten,
    Parallel,
    PlanNode,
    QueryPlan,
    Subscription,
)
from schema.planning.query_plan import Sequence as Serial

__all__ = ["Misfit", "Program", "State", "compile_plan"]


def compile_plan(
    plan: QueryPlan,
    shape: ObjectShape,
    schema: GraphQLSchema,
    api_schema: GraphQLSchema,
    variables: Mapping[str, Any],
) -> Program | None:
    """``schema`` is the whole supergraph's; of ``variables`` only those in conditions matter."""
    if plan.node is None or isinstance(plan.node, Subscription):
        return None
    try:
        layout = lay_out(plan.node, shape, schema, variables)
        return _Compiler(layout, api_schema, variables).program(plan.node)
    except NotCompiled:
        return None


class _Compiler:
    def __init__(self, layout: Layout, api_schema: GraphQLSchema, variables: Mapping[str, Any]) -> None:
        self._layout = layout
        self._variables = variables
        self._structs = Structs(api_schema)
        self._structs.place(layout.root)
        self._reaches = Reaches(layout.root, self._structs)
        self._names = {each: name for types in self._structs.of.values() for each, name in types.names.items()}

    def program(self, node: PlanNode) -> Program:
        ((root_type),) = self._structs.of[self._layout.root].names
        step = self._step(node)
        if step is None:
            raise NotCompiled("nothing to fetch for these variables")
        return Program(root_type, self._reaches.root, step, tuple(self._hidden(self._reaches.root)))

    def _step(self, node: PlanNode) -> Step | None:
        if isinstance(node, Fetch):
            return self._root_step(node) if node.is_wanted(self._variables) else None
        if isinstance(node, Flatten):
            return self._entity_step(node) if node.node.is_wanted(self._variables) else None
        if isinstance(node, Batch):
            return self._batch_step(node)
        if isinstance(node, (Serial, Parallel)):
            steps = tuple(step for each in node.nodes if (step := self._step(each)) is not None)
            if len(steps) < 2:
                return steps[0] if steps else None
            return InSequence(steps) if isinstance(node, Serial) else InParallel(steps)
        if isinstance(node, Condition):
            return self._step(node.node) if self._variables.get(node.variable) is node.value else None
        raise NotCompiled("gathered lists")

    def _root_step(self, fetch: Fetch) -> RootStep:
        root = self._layout.root
        (type_name,) = root.slots
        part, attributes = self._structs.row(root, type_name, fetch, type_name)
        never_null = self._structs.of[root].never_null
        checked = {part: tuple(n for names in never_null.values() for n in names if n in attributes)}
        return RootStep(
            fetch,
            _reader(part, None),
            attributes,
            {each: names for each, names in checked.items() if names},
            tuple(self._settlings(self._reaches.root, fetch)),
        )

    def _batch_step(self, batch: Batch) -> BatchStep | None:
        made = ((number, self._step(node)) for number, node in enumerate(batch.nodes))
        steps = {number: step for number, step in made if isinstance(step, EntityStep)}
        rows = {f"_{number}": step.row for number, step in steps.items()}
        return BatchStep(batch, steps, _reader_of_parts(rows)) if steps else None

    def _entity_step(self, node: Flatten) -> EntityStep | None:
        fetch, places = node.node, self._layout.entities[id(node.node)]
        if not places:
            return None
        reach = self._reaches.at(node.path)
        rows = {}
        for place, type_name in places:
            send_as = next(each.send_as for each in fetch.representations if each.type_name == type_name)
            rows[place, type_name] = self._structs.row(place, type_name, fetch, send_as)
        is_one = len(rows) == 1
        bringings: dict[type, Bringing] = {}
        for (place, type_name), (row, attributes) in rows.items():
            decode: Any = None if is_one else msgspec.json.Decoder(row).decode
            bringings[self._structs.of[place].by_name[type_name]] = self._bringing(
                place, type_name, fetch, attributes, decode
            )
        kind: Any = next(iter(rows.values()))[0] if is_one else Raw
        return EntityStep(
            fetch,
            reach,
            representing(self._reaches.places(reach), fetch.representations, self._names),
            kind,
            _reader(None, kind),
            bringings,
            tuple(self._settlings(reach, fetch)),
        )

    def _bringing(
        self, place: Place, type_name: str, fetch: Fetch, attributes: tuple[str, ...], decode: Any
    ) -> Bringing:
        slots = [slot for slot in place.slots[type_name].values() if attribute(slot.name) in attributes]
        is_simple = all(slot.shape and not slot.is_needed and not slot.is_required for slot in slots)
        types = self._structs.of[place]
        never_null = types.never_null[types.by_name[type_name]]
        return Bringing(
            attributes,
            attributes if is_simple else None,
            tuple(name for name in never_null if name in attributes),
            decode,
        )

    def _settlings(self, reach: Reach, fetch: Fetch) -> Iterator[Settling]:
        """Everything that ``fetch`` creates below ``reach`` and that is not ready as it is decoded."""
        for name in self._names_below(reach, fetch):
            below = self._reaches.below(reach, name)
            plain: dict[type, type] = {}
            never_null: dict[type, tuple[str, ...]] = {}
            for place, _types in self._reaches.places(below):
                plain |= self._structs.of[place].plain
                if place.creator is fetch:
                    never_null |= self._created_never_null(place)
            if plain or never_null:
                yield Settling(below, plain, never_null)
            yield from self._settlings(below, fetch)

    def _created_never_null(self, place: Place) -> dict[type, tuple[str, ...]]:
        types = self._structs.of[place]
        found = {}
        for each, names in types.never_null.items():
            slots = place.slots[types.names[each]]
            brought = {attribute(slot.name) for slot in slots.values() if slot.bringer is place.creator}
            if kept := tuple(name for name in names if name in brought):
                found[each] = kept
        return found

    def _names_below(self, reach: Reach, fetch: Fetch | None) -> list[str]:
        """The fields with objects that ``fetch`` brings, or that the client sees."""
        return list(
            dict.fromkeys(
                slot.name
                for place, types in self._reaches.places(reach)
                for type_name in sorted(types)
                for slot in place.slots[type_name].values()
                if slot.below is not None and (slot.bringer is fetch if fetch else slot.shape is not None)
            )
        )

    def _hidden(self, reach: Reach) -> Iterator[tuple[Reach, Mapping[type, tuple[str, ...]]]]:
        hidden: dict[type, tuple[str, ...]] = {}
        for place, _types in self._reaches.places(reach):
            hidden |= self._structs.of[place].unprinted
        if any(hidden.values()):
            yield reach, hidden
        for name in self._names_below(reach, None):
            yield from self._hidden(self._reaches.below(reach, name))


def _reader(data: Any, row: Any) -> ReadBody:
    """Read a whole answer without errors: ``data`` of that type, or its entities."""
    if row is None:
        return _reading(data, lambda read: read)
    entities = msgspec.defstruct("Entities", [("_entities", _rows(row))], gc=False)
    return _reading(entities, lambda read: read._entities)


def _reader_of_parts(rows: Mapping[str, Any]) -> ReadBody:
    """Read a whole answer to a batch without errors: the rows by the numbers of its parts."""
    parts = msgspec.defstruct("Parts", [(name, _rows(row)) for name, row in rows.items()], gc=False)
    return _reading(parts, lambda read: {int(name[1:]): getattr(read, name) for name in rows})


def _rows(row: Any) -> Any:
    return list[Raw] if row is Raw else list[row | None]


def _reading(data: Any, taken: Callable[[Any], object]) -> ReadBody:
    envelope = msgspec.defstruct("Envelope", [("data", data), ("errors", list[Raw] | None, None)], gc=False)
    decode = msgspec.json.Decoder(envelope).decode

    def read(body: bytes) -> object:
        try:
            answer: Any = decode(body)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ValueError(str(error)) from error
        if answer.errors:
            raise ValueError("an answer with errors")
        body.decode()  # what passes as it is, or is passed over, was not looked at: is it UTF-8?
        return taken(answer.data)

    return read

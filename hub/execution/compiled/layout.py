"""Lay out the merged answer before anything is fetched: what stands where, and which fetch brings it.

A place is one object position of the answer; per concrete type it has slots, one per response name. The
client's fields come from the operation's shape, hidden ones (keys, required fields) from the documents of
the fetches. What has no single bringer is refused: the exact path answers it.
Source: docs/architecture.md, "Two paths, one meaning".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
    parse,
)

from connectors.recent import known_by_text
from hub.execution.shape import AbstractShape, FieldShape, ListShape, ObjectShape, Shape
from schema.planning.query_plan import (
    Batch,
    Condition,
    Fetch,
    Flatten,
    OnTypes,
    Parallel,
    Path,
    PlanNode,
    Representation,
    RepresentationField,
    RepresentationFragment,
)
from schema.planning.query_plan import Sequence as Serial

TYPENAME = GraphQLNonNull(GraphQLString)


class NotCompiled(Exception):
    """The plan has something that only the exact path knows how to do."""


@dataclass(slots=True, eq=False)
class Slot:
    """One response name of one concrete type. ``bringer`` is ``None`` for what needs no data (``__typename``).

    ``shape`` is ``None`` for a hidden one. ``is_needed``: a later fetch's representation is made of it.
    """

    name: str
    type: GraphQLOutputType
    bringer: Fetch | None
    shape: FieldShape | None
    below: Place | None = None
    is_needed: bool = False
    is_there: bool = False
    """It comes with its object and is never null."""

    @property
    def is_required(self) -> bool:
        return self.shape.is_required if self.shape else isinstance(self.type, GraphQLNonNull)


@dataclass(slots=True, eq=False)
class Place:
    """An object position. ``creator`` is the fetch that brings the objects, ``None`` for the root.

    ``slots[type]`` are the client's fields in the operation's order, then the hidden ones.
    """

    creator: Fetch | None
    slots: dict[str, dict[str, Slot]]
    is_abstract: bool = False
    says_type: bool = False


@dataclass(slots=True)
class Layout:
    """The root place, and for each fetch of entities the places (with the types there) that it adds to."""

    root: Place
    entities: dict[int, list[tuple[Place, str]]] = field(default_factory=dict)


def lay_out(node: PlanNode, shape: ObjectShape, schema: GraphQLSchema, variables: Mapping[str, Any]) -> Layout:
    """Raises :class:`NotCompiled`. ``schema`` is the whole supergraph's; ``variables`` decide conditions."""
    reader = _Reader(schema, variables)
    root = Place(None, {shape.type_name: reader.visible_slots(shape)})
    layout = Layout(root)
    for fetch, path in fetches_in_order(node, variables):
        is_blind = any(each.is_blind for each in fetch.representations)
        if fetch.guards or fetch.renames or fetch.reveals or fetch.contexts or is_blind:
            raise NotCompiled("guards, internal aliases, interface objects and contexts")
        if path is None:
            reader.read(root, shape.type_name, _document(fetch.document).root, fetch, shape.type_name)
        elif not fetch.representations:
            raise NotCompiled("the root below the root")
        else:
            layout.entities[id(fetch)] = list(_read_entities(reader, root, path, fetch))
    _check_all_is_brought(root)
    return layout


def fetches_in_order(node: PlanNode, variables: Mapping[str, Any]) -> Iterator[tuple[Fetch, Path | None]]:
    """Each fetch that runs for these variables, with its path when it fetches entities."""
    if isinstance(node, Fetch):
        if node.is_wanted(variables):
            yield node, None
    elif isinstance(node, Flatten):
        if node.node.is_wanted(variables):
            yield node.node, node.path
    elif isinstance(node, (Serial, Parallel, Batch)):
        for step in node.nodes:
            yield from fetches_in_order(step, variables)
    elif isinstance(node, Condition):
        if variables.get(node.variable) is node.value:
            yield from fetches_in_order(node.node, variables)
    else:
        raise NotCompiled("gathered lists")


def places_at(root: Place, path: Path) -> list[tuple[Place, frozenset[str]]]:
    """The places that a path leads to, each with the concrete types that the path lets through."""
    here = [(root, frozenset(root.slots))]
    for step in path:
        if isinstance(step, OnTypes):
            here = [(place, types & frozenset(step.types)) for place, types in here]
        elif isinstance(step, str):
            below = dict.fromkeys(
                place.slots[name][step].below
                for place, types in here
                for name in sorted(types)
                if step in place.slots[name]
            )
            here = [(place, frozenset(place.slots)) for place in below if place is not None]
    return [(place, types) for place, types in here if types]


@dataclass(frozen=True, slots=True)
class _Document:
    root: SelectionSetNode
    entities: SelectionSetNode | None


@known_by_text(1_000, 1_000_000)
def _document(text: str) -> _Document:
    definitions = parse(text, no_location=True).definitions
    if any(isinstance(each, FragmentDefinitionNode) for each in definitions):
        raise NotCompiled("named fragments in a fetch")
    operation = next(each for each in definitions if isinstance(each, OperationDefinitionNode))
    first = operation.selection_set.selections[0]
    return _Document(operation.selection_set, first.selection_set if isinstance(first, FieldNode) else None)


def _read_entities(reader: _Reader, root: Place, path: Path, fetch: Fetch) -> Iterator[tuple[Place, str]]:
    entities = _document(fetch.document).entities
    if entities is None:
        raise NotCompiled("an entity fetch without entities")
    for place, types in places_at(root, path):
        for representation in fetch.representations:
            type_name = representation.type_name
            if type_name in types:
                _need(place.slots[type_name], representation)
                reader.read(place, type_name, entities, fetch, representation.send_as)
                yield place, type_name


def _need(slots: Mapping[str, Slot], representation: Representation) -> None:
    for name in _names(representation.selections):
        if name not in slots:
            raise NotCompiled("a key that nobody brings")
        slots[name].is_needed = True


def _names(selections: Iterable[RepresentationField | RepresentationFragment]) -> Iterator[str]:
    for selection in selections:
        if isinstance(selection, RepresentationField):
            yield selection.response_name
        else:
            yield from _names(selection.selections)


def _check_all_is_brought(place: Place) -> None:
    for slots in place.slots.values():
        for slot in slots.values():
            if slot.bringer is None and (slot.shape is None or slot.shape.literal is None):
                raise NotCompiled("a field that nobody brings")
            if slot.below is not None:
                _check_all_is_brought(slot.below)


@dataclass(frozen=True, slots=True)
class _Reader:
    schema: GraphQLSchema
    variables: Mapping[str, Any]

    def visible_slots(self, shape: ObjectShape) -> dict[str, Slot]:
        return {each.response_name: self._visible(shape.type_name, each) for each in shape.fields}

    def _visible(self, type_name: str, shape: FieldShape) -> Slot:
        if shape.literal is not None:
            return Slot(shape.response_name, TYPENAME, None, shape)
        return Slot(shape.response_name, self._field_type(type_name, shape.field_name), None, shape)

    def _field_type(self, type_name: str, field_name: str) -> GraphQLOutputType:
        if field_name == "__typename":
            return TYPENAME
        type_ = self.schema.get_type(type_name)
        if not isinstance(type_, GraphQLObjectType) or field_name not in type_.fields:
            raise NotCompiled("introspection, or a field of one subgraph only")
        declared: GraphQLOutputType = type_.fields[field_name].type
        return declared

    def read(
        self, place: Place, type_name: str, selections: SelectionSetNode, fetch: Fetch, known_as: str
    ) -> None:
        """Note what ``fetch`` brings to objects of ``type_name``, which its subgraph knows as ``known_as``."""
        for node in selections.selections:
            if not self._is_included(node.directives):
                continue
            if isinstance(node, FieldNode):
                self._read_field(place, type_name, node, fetch)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._applies(condition.name.value, type_name, known_as):
                    self.read(place, type_name, node.selection_set, fetch, known_as)

    def _read_field(self, place: Place, type_name: str, node: FieldNode, fetch: Fetch) -> None:
        name = node.alias.value if node.alias else node.name.value
        slots = place.slots[type_name]
        slot = slots.get(name)
        if node.name.value == "__typename":
            place.says_type |= name == "__typename" and fetch is place.creator
            if slot is None:
                slots[name] = Slot(name, TYPENAME, fetch, None)
            return
        if slot is None:
            slot = slots[name] = Slot(name, self._field_type(type_name, node.name.value), None, None)
        if slot.bringer is None:
            slot.bringer = fetch
            slot.is_there = fetch is place.creator and isinstance(slot.type, GraphQLNonNull)
        elif slot.bringer is not fetch and (slot.below is not None or not isinstance(slot.type, GraphQLNonNull)):
            raise NotCompiled("a field that two fetches bring")
        if node.selection_set is not None and slot.bringer is fetch:
            self._read_below(slot, node.selection_set, fetch)

    def _read_below(self, slot: Slot, selections: SelectionSetNode, fetch: Fetch) -> None:
        named = get_named_type(slot.type)
        if not is_composite_type(named):
            raise NotCompiled("a field of unlike types")
        if slot.below is None:
            slot.below = self._place(slot, fetch)
        for type_name in slot.below.slots:
            self.read(slot.below, type_name, selections, fetch, type_name)

    def _place(self, slot: Slot, fetch: Fetch) -> Place:
        named = get_named_type(slot.type)
        shape = _object_shape(slot.shape.shape) if slot.shape else None
        if is_object_type(named):
            visible = self.visible_slots(shape) if isinstance(shape, ObjectShape) else {}
            return Place(fetch, {named.name: visible})
        if not is_abstract_type(named):
            raise NotCompiled("a field of unlike types")
        names = sorted(each.name for each in self.schema.get_possible_types(named))
        if isinstance(shape, AbstractShape):
            shapes = {name: shape.of(name) for name in names}
            slots = {name: self.visible_slots(each) for name, each in shapes.items() if each is not None}
        else:
            slots = {name: {} for name in names}
        return Place(fetch, slots, is_abstract=True)

    def _applies(self, condition: str, type_name: str, known_as: str) -> bool:
        if condition in (type_name, known_as):
            return True
        abstract, concrete = self.schema.get_type(condition), self.schema.get_type(type_name)
        return (
            is_abstract_type(abstract) and is_object_type(concrete) and self.schema.is_sub_type(abstract, concrete)
        )

    def _is_included(self, directives: Iterable[DirectiveNode] | None) -> bool:
        for directive in directives or ():
            value = next(each.value for each in directive.arguments or () if each.name.value == "if")
            if isinstance(value, VariableNode):
                holds = bool(self.variables.get(value.name.value))
            else:
                holds = bool(getattr(value, "value", False))
            if holds is not (directive.name.value == "include"):
                return False
        return True


def _object_shape(shape: Shape) -> Shape:
    while isinstance(shape, ListShape):
        shape = shape.item
    return shape

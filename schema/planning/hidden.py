"""Fields that a plan needs and the client did not ask for: keys, ``@requires``, identities.

A hidden field shares the client's response name where the client asks for the very same field, takes the
field's own name where that is free, and an internal name (``_1_id``) where the client's aliases took it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from graphql import GraphQLObjectType

from schema.field_set import FieldSelection
from schema.field_set import Selection as FieldSetPart
from schema.planning.query_graph import QueryGraph
from schema.planning.query_plan import RepresentationField, RepresentationFragment
from schema.planning.selection import Purpose, Selected, Selection
from schema.planning.site import RepresentationParts


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """Hidden fields for an object of one type, and how a representation reads them back."""

    fields: tuple[Selected, ...]
    parts: RepresentationParts


@dataclass(slots=True)
class HiddenFields:
    """Makes hidden fields. ``taken`` are all response names of the operation."""

    graph: QueryGraph
    taken: frozenset[str]
    _numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    _aliases: int = 0
    _made: dict[tuple[object, ...], tuple[Selection, Hidden]] = field(default_factory=dict)

    def on(
        self, types: tuple[str, ...], parts: tuple[FieldSetPart, ...], beside: Selection, purpose: Purpose
    ) -> Hidden:
        """The fields of a field set for objects of these concrete types alike, beside what the client asks."""
        key = (types, parts, id(beside.origin or beside), purpose)
        if key not in self._made:
            made = self._read(types, parts, beside, purpose)
            self._made[key] = beside, Hidden(tuple(one for _, one in made[0]), made[1])
        return self._made[key][1]

    def sent_to(self, service: str, type_name: str, parts: RepresentationParts) -> RepresentationParts:
        """The parts as the subgraph takes them: where it knows one object type, as that of an interface object,
        it needs no name, and nobody may have told one."""
        if not any(part.selections for part in parts):
            return parts
        sent: list[RepresentationField | RepresentationFragment] = []
        for part in parts:
            if isinstance(part, RepresentationFragment):
                inner = self.sent_to(service, part.types[0], part.selections)
            elif part.selections:
                place = self.graph.result_type(type_name, part.name)
                types = self.graph.visible_types(place)
                inner = self.sent_to(service, types[0], part.selections)
                is_named = types != (place,)
                if is_named and isinstance(self.graph.type_in(service, place), GraphQLObjectType):
                    inner = inner[1:]
            else:
                inner = ()
            sent.append(replace(part, selections=inner))
        return tuple(sent)

    def alias(self, response_name: str) -> str:
        """An internal name used once, for a field that must not stand under its response name."""
        while True:
            self._aliases += 1
            name = f"_{self._aliases}_{response_name}"
            if name not in self.taken and name not in self._numbers.values():
                return name

    def _read(
        self, types: tuple[str, ...], parts: tuple[FieldSetPart, ...], beside: Selection | None, purpose: Purpose
    ) -> tuple[list[tuple[tuple[str, ...], Selected]], RepresentationParts]:
        """The fields with the types that they hold for, and the representation's parts."""
        fields: list[tuple[tuple[str, ...], Selected]] = []
        representation: list[RepresentationField | RepresentationFragment] = []
        for part in parts:
            if isinstance(part, FieldSelection):
                selected, read_back = self._field(types, part, beside, purpose)
                fields.append((types, selected))
                representation.append(read_back)
                continue
            matching = tuple(t for t in types if part.type_name is None or t in self._matching(part.type_name))
            below, read = self._read(matching, part.selections, beside, purpose)
            fields += below
            if matching:
                representation += read if matching == types else (RepresentationFragment(matching, read),)
        return fields, tuple(representation)

    def _matching(self, type_name: str) -> tuple[str, ...]:
        known = type_name in self.graph.supergraph.schema.type_map
        return self.graph.visible_types(type_name) if known else ()

    def _field(
        self, types: tuple[str, ...], part: FieldSelection, beside: Selection | None, purpose: Purpose
    ) -> tuple[Selected, RepresentationField]:
        names = tuple(one for t in self._asked_with(types, beside) for one in (beside.names(t) if beside else ()))
        response_name = self._response_name(part.name, part.arguments, names)
        below: Selection | None = None
        read_back: RepresentationParts = ()
        if part.selections:
            same = next((one for one in names if one.response_name == response_name), None)
            below, read_back = self._below(types[0], part, same.below if same else None, purpose)
        selected = Selected(response_name, part.name, part.arguments, below=below, purpose=purpose)
        may_be_null = self.graph.may_be_null(types[0], part.name)
        return selected, RepresentationField(part.name, response_name, read_back, may_be_null)

    def _asked_with(self, types: tuple[str, ...], beside: Selection | None) -> tuple[str, ...]:
        """The types, and those that some subgraph takes for the same: asked under one name, they share names."""
        held = self.graph.supergraph.interface_objects.values()
        if beside is None or not any(one in by_type for by_type in held for one in types):
            return types
        return tuple(dict.fromkeys((*types, *(beside.origin or beside).by_type)))

    def _below(
        self, parent: str, part: FieldSelection, beside: Selection | None, purpose: Purpose
    ) -> tuple[Selection, RepresentationParts]:
        place = self.graph.result_type(parent, part.name)
        types = self.graph.visible_types(place)
        fields, read_back = self._read(types, part.selections, beside, purpose)
        if types != (place,):
            # A resolver of an abstract field needs to know which type it was given.
            read_back = (RepresentationField("__typename", "__typename", may_be_null=False), *read_back)
        by_type = {t: tuple(dict.fromkeys(one for holds, one in fields if t in holds)) for t in types}
        return Selection(place, by_type, (beside.origin or beside) if beside else None), read_back

    def _response_name(self, name: str, arguments: str, names: tuple[Selected, ...]) -> str:
        same = [one for one in names if one.response_name == name]
        if name == "__typename" or (same and all(one.is_same_field(name, arguments) for one in same)):
            return name
        if not same and not arguments:
            return name
        key = (name, arguments)
        if key not in self._numbers:
            self._numbers[key] = self.alias(name)
        return self._numbers[key]

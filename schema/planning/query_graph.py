"""The graph that plans are paths in: a place is a type seen in one subgraph, an edge a field or a key.

Answers, memoised, what one subgraph can do at one place: which concrete types may stand there, which fields
it resolves, where a field leads, by which keys an object may be entered.
Source: Federation 2, "Entities", "@provides", "@external".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    OperationType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_non_null_type,
)

from schema.field_set import FieldSelection, FieldSet
from schema.field_set import Selection as FieldSetPart
from schema.subgraph import GatherRule, ValidSubgraph
from schema.supergraph import FieldSource, Supergraph


@dataclass(frozen=True, slots=True)
class Standing:
    """A place: an object of ``type_name`` as ``service`` declares it, with what the path provides below."""

    service: str
    type_name: str
    provided: tuple[FieldSetPart, ...] = ()

    def __str__(self) -> str:
        return f"{self.type_name}({self.service})"


@dataclass(frozen=True, slots=True)
class Home:
    """A fetch that brings the objects of a place, ``delay`` steps after the first that does.

    It has several standings where it is a gathered list: each element comes from one of them.
    """

    standings: tuple[Standing, ...]
    delay: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A door into a subgraph: objects are sent as ``type_name`` with the fields of ``key``.

    ``key`` is ``None`` for the root types, which every subgraph that has them answers without a key.
    """

    service: str
    type_name: str
    key: FieldSet | None


@dataclass(slots=True)
class QueryGraph:
    """What the planner asks of a supergraph, with these labels of progressive ``@override`` on."""

    supergraph: Supergraph
    labels: frozenset[str] = frozenset()
    _possible: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _own: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _entries: dict[tuple[str, str], tuple[Entry, ...]] = field(default_factory=dict)
    _sources: dict[tuple[str, str, str], FieldSource | None] = field(default_factory=dict)
    _candidates: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _holders: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _declared: dict[tuple[str, str, str | None], str | None] = field(default_factory=dict)
    _gathering: dict[tuple[str, str], tuple[GatherRule | None, tuple[str, ...]]] = field(default_factory=dict)
    _certain: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _root_types: tuple[tuple[str, str], ...] | None = None

    @property
    def services(self) -> Mapping[str, ValidSubgraph]:
        return self.supergraph.subgraphs

    def is_root(self, type_name: str) -> bool:
        return any(name == type_name for _, name in self._roots())

    def is_query(self, type_name: str) -> bool:
        """Whether a type is the root of queries, which may stand below other fields as well."""
        return (OperationType.QUERY.value, type_name) in self._roots()

    def _roots(self) -> tuple[tuple[str, str], ...]:
        if self._root_types is None:
            roots = ((one.value, self.supergraph.schema.get_root_type(one)) for one in OperationType)
            self._root_types = tuple((kind, root.name) for kind, root in roots if root)
        return self._root_types

    def type_in(self, service: str, type_name: str) -> GraphQLNamedType | None:
        return self.services[service].schema.type_map.get(type_name)

    def own_types(self, service: str, type_name: str) -> tuple[str, ...]:
        """The object types of the subgraph's own schema, sorted, that may stand where it declares the type."""
        key = (service, type_name)
        if key not in self._own:
            declared = self.type_in(service, type_name)
            names = [type_name]
            if is_abstract_type(declared):
                names = [one.name for one in self.services[service].schema.get_possible_types(declared)]
            self._own[key] = tuple(sorted(names))
        return self._own[key]

    def possible_types(self, service: str, type_name: str) -> tuple[str, ...]:
        """The concrete types, sorted, of objects that this subgraph may answer where it declares the type: of an
        interface object every implementation of the interface."""
        key = (service, type_name)
        if key not in self._possible:
            names: set[str] = set()
            for own in self.own_types(service, type_name):
                stands_for = self.services[service].is_interface_object(own)
                names.update(self.supergraph.possible_types(own) if stands_for else (own,))
            self._possible[key] = tuple(sorted(names))
        return self._possible[key]

    def interface_objects(self, service: str, type_name: str) -> tuple[str, ...]:
        """The interface objects under which the subgraph knows objects of a concrete type."""
        return self.supergraph.interface_objects.get(service, {}).get(type_name, ())

    def held_as(self, standing: Standing, type_name: str) -> str | None:
        """The interface object as which an object of the concrete type stands here; ``None`` where the subgraph
        knows the type."""
        own = self.own_types(standing.service, standing.type_name)
        return next((one for one in self.interface_objects(standing.service, type_name) if one in own), None)

    def is_abstract(self, service: str, type_name: str) -> bool:
        """Whether objects of several types may stand there, by the subgraph's word."""
        return is_abstract_type(self.type_in(service, type_name))

    def declared_as(self, service: str, type_name: str, name: str | None = None) -> str | None:
        """The object type under which the subgraph knows objects of a concrete type, the one that has the field
        ``name``; only root types and interface objects are called otherwise. ``None`` where it knows them not."""
        key = (service, type_name, name)
        if key not in self._declared:
            self._declared[key] = self._declared_as(service, type_name, name)
        return self._declared[key]

    def _declared_as(self, service: str, type_name: str, name: str | None) -> str | None:
        for operation, root_name in self._roots():
            if root_name == type_name:
                root = self.services[service].schema.get_root_type(OperationType(operation))
                return root.name if root else None
        if isinstance(self.type_in(service, type_name), GraphQLObjectType):
            return type_name
        held_as = self.interface_objects(service, type_name)
        having = (one for one in held_as if name is None or self.field_in(service, one, name))
        return next(having, held_as[0] if held_as else None)

    def source(self, service: str, type_name: str, name: str) -> FieldSource | None:
        """What the subgraph says of a field of a concrete type; external or not."""
        key = (service, type_name, name)
        if key not in self._sources:
            self._sources[key] = self._source(service, type_name, name)
        return self._sources[key]

    def _source(self, service: str, type_name: str, name: str) -> FieldSource | None:
        declared = self.declared_as(service, type_name, name)
        if declared is None or self.field_in(service, declared, name) is None:
            return None
        sources = self.supergraph.sources_of(type_name if self.is_root(type_name) else declared, name)
        found = next((one for one in sources if one.subgraph == service), None)
        if found is None or found.switch is None or found.switch.holds(self.labels):
            return found
        return replace(found, external=True)

    def field_in(self, service: str, type_name: str, name: str) -> GraphQLField | None:
        fields: Mapping[str, GraphQLField] = getattr(self.type_in(service, type_name), "fields", {})
        return fields.get(name)

    def resolves(self, standing: Standing, type_name: str, name: str) -> FieldSource | None:
        """The field's source where an object of the concrete type, standing here, can be asked for it.

        An external field is resolvable where the path provides it; that a key names it is not enough.
        """
        source = self.source(standing.service, type_name, name)
        if source is None or not source.external:
            return source
        provided = self.provided_on(standing, type_name, name)
        return source if any(isinstance(p, FieldSelection) and p.name == name for p in provided) else None

    def provided_on(
        self, standing: Standing, type_name: str, name: str | None = None
    ) -> tuple[FieldSelection, ...]:
        """What the path provides for an object of the concrete type."""
        return tuple(self._applying(standing.service, type_name, standing.provided))

    def _applying(self, service: str, type_name: str, parts: tuple[FieldSetPart, ...]) -> Iterator[FieldSelection]:
        for part in parts:
            if isinstance(part, FieldSelection):
                yield part
            elif part.type_name is None or type_name in self.possible_types(service, part.type_name):
                yield from self._applying(service, type_name, part.selections)

    def below(self, standing: Standing, type_name: str, name: str) -> Standing | None:
        """Where a field leads within the subgraph; ``None`` for a leaf."""
        declared = self.declared_as(standing.service, type_name, name) or type_name
        definition = self.field_in(standing.service, declared, name)
        named = get_named_type(definition.type) if definition else None
        if named is None or not (is_abstract_type(named) or isinstance(named, GraphQLObjectType)):
            return None
        source = self.source(standing.service, type_name, name)
        provided = source.provides.selections if source and source.provides else ()
        for part in self.provided_on(standing, type_name, name):
            if part.name == name:
                provided += part.selections
        return Standing(standing.service, named.name, tuple(dict.fromkeys(provided)))

    def may_be_null(self, type_name: str, name: str) -> bool:
        """Whether null is a value of the field in the supergraph."""
        if name == "__typename":
            return False
        definition = self.supergraph.schema.type_map[type_name].fields[name]  # type: ignore[attr-defined]
        return not is_non_null_type(definition.type)

    def may_need(self, type_name: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """The fields that keys of the type, or requirements of these fields and of what those require, name."""
        keys = [entry.key for service in self.services for entry in self.entries(service, type_name) if entry.key]
        needed = dict.fromkeys(part.name for key in keys for part in _fields_of(key.selections))
        pending = [*names, *needed]
        while pending:
            name = pending.pop()
            sources = (self.source(service, type_name, name) for service in self.services if name != "__typename")
            for source in sources:
                parts = source.requires.selections if source and source.requires else ()
                new = [part.name for part in _fields_of(parts) if part.name not in needed]
                needed.update(dict.fromkeys(new))
                pending += new
        return tuple(needed)

    def list_levels(self, type_name: str, name: str) -> int:
        """How many lists a field's value is wrapped in."""
        definition = self.supergraph.schema.type_map[type_name].fields[name]  # type: ignore[attr-defined]
        wrapped = get_nullable_type(definition.type)
        levels = 0
        while isinstance(wrapped, GraphQLList):
            wrapped = get_nullable_type(wrapped.of_type)
            levels += 1
        return levels

    def result_type(self, type_name: str, name: str) -> str:
        """The named type of a field in the supergraph."""
        definition = self.supergraph.schema.type_map[type_name].fields[name]  # type: ignore[attr-defined]
        return str(get_named_type(definition.type).name)

    def visible_types(self, type_name: str) -> tuple[str, ...]:
        """The concrete types of a place in the whole graph, sorted; inaccessible ones too."""
        return self.supergraph.possible_types(type_name)

    def entries(self, service: str, type_name: str) -> tuple[Entry, ...]:
        """The doors by which an object of a concrete type may be handed to the subgraph."""
        key = (service, type_name)
        if key not in self._entries:
            self._entries[key] = tuple(self._doors(service, type_name))
        return self._entries[key]

    def _doors(self, service: str, type_name: str) -> Iterator[Entry]:
        if self.is_root(type_name):
            declared = self.declared_as(service, type_name)
            if declared is not None:
                yield Entry(service, declared, None)
            return
        is_known = isinstance(self.type_in(service, type_name), GraphQLObjectType)
        for declared in (type_name,) if is_known else self.interface_objects(service, type_name):
            yield from self.keyed(service, declared)

    def keyed(self, service: str, declared: str) -> Iterator[Entry]:
        """The doors by the resolvable keys of an object type, interface object or interface."""
        for key in self.supergraph.keys_of(declared, service):
            if key.resolvable:
                yield Entry(service, declared, key.fields)

    def telling(self, interface: str) -> tuple[str, ...]:
        """The subgraphs, sorted, that can tell the concrete type of an object by a key of the interface."""
        return tuple(
            service
            for service in sorted(self.supergraph.keys.get(interface, {}))
            if isinstance(self.type_in(service, interface), GraphQLInterfaceType)
            and any(self.keyed(service, interface))
        )

    def gathering(self, type_name: str, name: str) -> tuple[GatherRule | None, tuple[str, ...]]:
        """A gathered field's rule and the subgraphs that hold its parts, sorted; no subgraph for any other."""
        key = (type_name, name)
        if key not in self._gathering:
            rule = self.supergraph.gather_of(type_name, name)
            sources = self.supergraph.sources_of(type_name, name) if rule else ()
            held = sorted(one.subgraph for one in sources if one.gather and not one.external)
            self._gathering[key] = rule, tuple(held)
        return self._gathering[key]

    def holders(self, type_name: str, name: str) -> tuple[str, ...]:
        """The subgraphs, sorted, that define a field of a concrete type; external ones too, which a path may
        provide."""
        key = (type_name, name)
        if key not in self._holders:
            services = sorted(self.services)
            self._holders[key] = tuple(one for one in services if self.source(one, type_name, name))
        return self._holders[key]

    def certain_types(self, type_name: str, name: str) -> tuple[str, ...]:
        """The concrete types, sorted, that every subgraph which defines a field may answer."""
        key = (type_name, name)
        if key not in self._certain:
            below = [self.below(Standing(s, type_name), type_name, name) for s in self.holders(type_name, name)]
            every = [set(self.possible_types(one.service, one.type_name)) for one in below if one]
            self._certain[key] = tuple(sorted(set.intersection(*every))) if every else ()
        return self._certain[key]

    def candidates(self, type_name: str, name: str) -> tuple[str, ...]:
        """The subgraphs, sorted, that resolve a field of a concrete type once an object is handed to them."""
        key = (type_name, name)
        if key not in self._candidates:
            self._candidates[key] = tuple(
                service
                for service in sorted(self.services)
                if self.entries(service, type_name)
                and self.resolves(Standing(service, type_name), type_name, name)
            )
        return self._candidates[key]


def _fields_of(parts: tuple[FieldSetPart, ...]) -> Iterator[FieldSelection]:
    """The fields of a field set for whichever type."""
    for part in parts:
        if isinstance(part, FieldSelection):
            yield part
        else:
            yield from _fields_of(part.selections)

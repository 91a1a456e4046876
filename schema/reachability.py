"""Where one can go from a subgraph for one object, by its keys; and what can be resolved there.

The one idea: a *standing* is a subgraph together with the fields that ``@provides`` grants on the way. From
a standing, every subgraph is reachable whose resolvable key can be obtained from what is reachable already.
A field with ``@requires`` is resolved where its required fields can be obtained and the way back is open.
Composition proves with it that the graph can be answered. Source: Federation 2, "Entities", "@requires".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import GraphQLObjectType, get_named_type, is_abstract_type

from schema.field_set import FieldSelection, Selection
from schema.supergraph import FieldSource, Supergraph

Standings = frozenset["Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Being in ``subgraph``, where ``provided`` can be resolved although it is external there."""

    subgraph: str
    provided: tuple[Selection, ...] = ()


class Reachability:
    """Answers, and remembers, for one supergraph."""

    def __init__(self, supergraph: Supergraph) -> None:
        self.supergraph = supergraph
        self._reached: dict[tuple[str, Standing], Standings] = {}
        self._reaching: dict[tuple[str, Standing], set[Standing]] = {}
        self._open_requires: set[tuple[str, str]] = set()
        self._circles = 0

    def reachable(self, type_name: str, start: Standing) -> Standings:
        """``start`` and every standing that key jumps lead to for an object of this type."""
        known = self._reached.get((type_name, start))
        if known is not None:
            return known
        if (type_name, start) in self._reaching:
            # A key leads through an object whose own key leads back: what is found so far counts, and whoever
            # is asking asks again as long as that grows.
            self._circles += 1
            return frozenset(self._reaching[type_name, start])
        circles = self._circles
        reached = self._reach(type_name, start)
        # What was found while a circle was cut short may be too little to remember, but for the outermost.
        if circles == self._circles or not (self._reaching or self._open_requires):
            self._reached[type_name, start] = reached
        return reached

    def resolving(self, type_name: str, field_name: str, standings: Standings) -> Standings:
        """Where one stands after the field, for each of ``standings`` that can resolve it without a jump.

        ``standings`` is the whole of what is reachable, since ``@requires`` is served from all of it.
        """
        found = set()
        for standing, source in self._sources_at(type_name, field_name, standings):
            provided = self.provided_field(type_name, field_name, standing)
            if source.external:
                if provided is not None:
                    found.add(Standing(standing.subgraph, provided))
            elif source.requires is None or self.requirement_met(type_name, field_name, source, standings):
                granted = source.provides.selections if source.provides else ()
                found.add(Standing(standing.subgraph, (*(provided or ()), *granted)))
        return frozenset(found)

    def _sources_at(
        self, type_name: str, field_name: str, standings: Standings
    ) -> Iterator[tuple[Standing, FieldSource]]:
        for source in self.supergraph.sources_of(type_name, field_name):
            yield from ((each, source) for each in standings if each.subgraph == source.subgraph)

    def requirement_met(self, type_name: str, field_name: str, source: FieldSource, standings: Standings) -> bool:
        """The required fields can be obtained, and a resolvable key leads back to where they are needed."""
        if source.requires is None:
            return True
        attempt = (f"{type_name}.{field_name}", source.subgraph)
        if attempt in self._open_requires:
            self._circles += 1
            return False
        self._open_requires.add(attempt)
        try:
            return self.obtainable(type_name, source.requires.selections, standings) and self._can_enter(
                type_name, source.subgraph, standings
            )
        finally:
            self._open_requires.discard(attempt)

    def obtainable(self, type_name: str, selections: Iterable[Selection], standings: Standings) -> bool:
        """Whether every selected field can be had for an object of this type, from anywhere reachable."""
        type_ = self.supergraph.schema.type_map.get(type_name)
        if is_abstract_type(type_):
            selections = tuple(selections)
            return all(
                self.obtainable(runtime.name, selections, able)
                for runtime in self.supergraph.schema.get_possible_types(type_)
                if (able := self._knowing(runtime.name, standings))
            )
        return all(self._one_obtainable(type_name, selection, standings) for selection in selections)

    def provided_field(self, type_name: str, field_name: str, standing: Standing) -> tuple[Selection, ...] | None:
        """What is provided below a provided field; ``None`` when the field itself is not provided."""
        found: list[Selection] = []
        is_provided = False
        for selection in self._selected_on(type_name, standing.provided):
            if selection.name == field_name:
                is_provided = True
                found.extend(selection.selections)
        return tuple(found) if is_provided else None

    def runtime_types(self, subgraph: str, type_name: str, field_name: str) -> frozenset[str]:
        """The object types that the field can have, as this subgraph knows them."""
        schema = self.supergraph.subgraphs[subgraph].schema
        declared = (schema.type_map.get(name) for name in self._declared_as(subgraph, type_name))
        parent = next((each for each in declared if field_name in getattr(each, "fields", ())), None)
        if not isinstance(parent, GraphQLObjectType):
            return frozenset()
        named = get_named_type(parent.fields[field_name].type)
        own = schema.get_possible_types(named) if is_abstract_type(named) else (named,)
        return frozenset(
            name
            for each in own
            for name in (
                self.supergraph.possible_types(each.name)
                if self.supergraph.subgraphs[subgraph].is_interface_object(each.name)
                else (each.name,)
            )
        )

    def _declared_as(self, subgraph: str, type_name: str) -> tuple[str, ...]:
        """The types under which the subgraph knows objects of a type: itself, or interface objects."""
        if type_name in self.supergraph.subgraphs[subgraph].schema.type_map:
            return (type_name,)
        return self.supergraph.interface_objects.get(subgraph, {}).get(type_name, ())

    def _reach(self, type_name: str, start: Standing) -> Standings:
        if type_name == "Query":
            entrances = (name for name in self.supergraph.subgraphs if self._has_type(name, "Query"))
            return frozenset({start, *(Standing(name) for name in entrances if name != start.subgraph)})
        reached = self._reaching[type_name, start] = {start}
        waiting = [name for name in self._entered_by_key(type_name) if name != start.subgraph]
        try:
            while opened := [name for name in waiting if self._can_enter(type_name, name, frozenset(reached))]:
                reached.update(Standing(name) for name in opened)
                waiting = [name for name in waiting if name not in opened]
        finally:
            del self._reaching[type_name, start]
        return frozenset(reached)

    def _can_enter(self, type_name: str, subgraph: str, standings: Standings) -> bool:
        if type_name == "Query":
            return True
        return any(
            key.resolvable and self.obtainable(type_name, key.fields.selections, standings)
            for name in self._doors(type_name, subgraph, standings)
            for key in self.supergraph.keys_of(name, subgraph)
        )

    def _entered_by_key(self, type_name: str) -> list[str]:
        """The subgraphs that have a key of the type or of an interface of it."""
        names = (type_name, *self._interfaces(type_name))
        return list(dict.fromkeys(each for name in names for each in self.supergraph.keys.get(name, {})))

    def _doors(self, type_name: str, subgraph: str, standings: Standings) -> Iterator[str]:
        """The types as which an object may be sent to a subgraph.

        An object that is held as an interface object only does not tell its type: it is sent as the interface,
        to who stands for the interface or tells its implementations apart.
        """
        is_told = any(self._has_type(each.subgraph, type_name) for each in standings)
        if is_told:
            yield from self._declared_as(subgraph, type_name)
            return
        held_as = {name for each in standings for name in self._declared_as(each.subgraph, type_name)}
        yield from (name for name in self._interfaces(type_name) if name in held_as)

    def _interfaces(self, type_name: str) -> tuple[str, ...]:
        type_ = self.supergraph.schema.type_map.get(type_name)
        return tuple(each.name for each in getattr(type_, "interfaces", ()))

    def _one_obtainable(self, type_name: str, selection: Selection, standings: Standings) -> bool:
        if not isinstance(selection, FieldSelection):
            matches = selection.type_name is None or self._is_a(type_name, selection.type_name)
            return not matches or self.obtainable(type_name, selection.selections, standings)
        if selection.name == "__typename":
            return True
        ends = self.resolving(type_name, selection.name, standings)
        if not ends or not selection.selections:
            return bool(ends)
        parent = self.supergraph.schema.type_map[type_name]
        if not isinstance(parent, GraphQLObjectType):
            return False
        child = get_named_type(parent.fields[selection.name].type).name
        return self.obtainable(child, selection.selections, self._closure(child, ends))

    def _closure(self, type_name: str, standings: Standings) -> Standings:
        if is_abstract_type(self.supergraph.schema.type_map.get(type_name)):
            return standings
        return frozenset().union(*(self.reachable(type_name, each) for each in standings))

    def _knowing(self, type_name: str, standings: Standings) -> Standings:
        """The standings that can hold an object of this type, and where its keys lead from them."""
        able = frozenset(each for each in standings if self._declared_as(each.subgraph, type_name))
        return self._closure(type_name, able)

    def _has_type(self, subgraph: str, type_name: str) -> bool:
        return type_name in self.supergraph.subgraphs[subgraph].schema.type_map

    def _is_a(self, type_name: str, condition: str) -> bool:
        wanted = self.supergraph.schema.type_map.get(condition)
        return type_name == condition or (
            is_abstract_type(wanted)
            and any(each.name == type_name for each in self.supergraph.schema.get_possible_types(wanted))
        )

    def _selected_on(self, type_name: str, selections: Iterable[Selection]) -> Iterable[FieldSelection]:
        for selection in selections:
            if isinstance(selection, FieldSelection):
                yield selection
            elif selection.type_name is None or self._is_a(type_name, selection.type_name):
                yield from self._selected_on(type_name, selection.selections)

"""Where one can go from a subgraph for one object, by its keys; and what can be resolved there.

The one idea: a *standing* is a subgraph together with the fields that ``@provides`` grants on the way. From
a standing, every subgraph is reachable whose resolvable key can be filled there; from that one, the next. What a
key needs is looked for from the standing on, never in the subgraph that the key is to open. A field with
``@requires`` is resolved where its required fields can be obtained and the way back is open.
Composition proves with it that the graph can be answered. Source: Federation 2, "Entities", "@requires".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_abstract_type

from schema.circles import Circles
from schema.field_set import FieldSelection, Selection
from schema.subgraph import FieldRules
from schema.supergraph import FieldSource, Supergraph

Standings = frozenset["Standing"]
Avoided = frozenset[str] | None
"""The subgraphs that a search may not enter. ``None`` searches loosely: nothing is avoided, and a key may be
filled from several standings together. What is not reached so is never reached, which keeps searches short."""
_ROOTS = ("Query", "Mutation", "Subscription")
_ANYWHERE: frozenset[str] = frozenset()

Contexts = frozenset[tuple[str, str]]
"""(subgraph, context) that objects above a place set."""

NO_CONTEXTS: Contexts = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """Being in ``subgraph``, where ``provided`` can be resolved although it is external there.

    ``by_key`` says that a key led here, so that the same key leads back after a detour.
    """

    subgraph: str
    provided: tuple[Selection, ...] = ()
    by_key: bool = False


class Reachability:
    """Answers, and remembers, for one supergraph and the labels of progressive ``@override`` that are on."""

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self._labels = labels
        self._reaching: dict[tuple[str, Standing, Avoided], dict[Standing, None]] = {}
        self._circles = Circles()

    def reachable(self, type_name: str, start: Standing, avoided: Avoided = _ANYWHERE) -> Standings:
        """``start`` and every standing that key jumps lead to for an object of this type."""
        search = (type_name, start, avoided)
        if self._circles.is_open(search):
            # A key leads through an object whose own key leads back: what is found so far counts, and whoever
            # is asking asks again as long as that grows.
            return frozenset(self._reaching.get(search, ()))
        return self._circles.answer(search, search, lambda: self._reach(type_name, start, avoided))

    def is_told(self, type_name: str, start: Standing) -> bool:
        """Whether an object that is held here, perhaps as an interface object, can be found to be of the type."""
        return self._has_type(start.subgraph, type_name) or any(
            self._has_type(each.subgraph, type_name) for each in self.reachable(type_name, start)
        )

    def resolving(
        self,
        type_name: str,
        field_name: str,
        standings: Standings,
        contexts: Contexts = NO_CONTEXTS,
        *,
        may_move: bool = True,
    ) -> Standings:
        """Where one stands after the field, for each of ``standings`` that can resolve it without a jump.

        ``contexts`` are those that objects above set; a field that reads another cannot be resolved. Without
        ``may_move`` a field that moves under a label of ``@override`` does not count.
        """
        found = set()
        for standing, source in self._sources_at(type_name, field_name, standings):
            if source.switch is not None and not may_move:
                continue
            if any((source.subgraph, each.context) not in contexts for each in source.contextual):
                continue
            provided = self.provided_field(type_name, field_name, standing)
            if source.external:
                if provided is not None:
                    found.add(Standing(standing.subgraph, provided))
            elif self.requirement_met(type_name, field_name, source, standing):
                granted = source.provides.selections if source.provides else ()
                found.add(Standing(standing.subgraph, (*(provided or ()), *granted)))
        return frozenset(found)

    def _sources_at(
        self, type_name: str, field_name: str, standings: Standings
    ) -> Iterator[tuple[Standing, FieldSource]]:
        for source in self.supergraph.sources_of(type_name, field_name):
            if self.is_on(source):
                yield from ((each, source) for each in standings if each.subgraph == source.subgraph)

    def is_on(self, source: FieldSource) -> bool:
        """Whether the source counts with the labels that are on."""
        return source.switch is None or source.switch.holds(self._labels)

    def requirement_met(self, type_name: str, field_name: str, source: FieldSource, standing: Standing) -> bool:
        """The required fields can be obtained from here, and a key leads back to where they are needed."""
        if source.requires is None:
            return True
        attempt = (f"{type_name}.{field_name}", source.subgraph)
        if self._circles.is_open(attempt):
            return False
        selections, here = source.requires.selections, frozenset({standing})
        can_resume = standing.by_key or self._has_own_key(type_name, standing.subgraph)
        seen_as = next(iter(self._declared_as(standing.subgraph, type_name)), type_name)
        return can_resume and self._circles.answer(
            (attempt, standing), attempt, lambda: self.obtainable(type_name, selections, here, seen_as=seen_as)
        )

    def _has_own_key(self, type_name: str, subgraph: str) -> bool:
        """Whether the subgraph itself can fill one of its keys, resolvable or not."""
        return any(
            self._is_own(name, key.fields.selections, subgraph)
            for name in self._declared_as(subgraph, type_name)
            for key in self.supergraph.keys_of(name, subgraph)
        )

    def _is_own(self, type_name: str, selections: Iterable[Selection], subgraph: str) -> bool:
        declaring = self.supergraph.subgraphs[subgraph]
        fields = getattr(declaring.schema.type_map.get(type_name), "fields", {})
        for each in selections:
            if not isinstance(each, FieldSelection):
                if not self._is_own(each.type_name or type_name, each.selections, subgraph):
                    return False
            elif declaring.rules(type_name, each.name).external or (
                each.name in fields
                and not self._is_own(get_named_type(fields[each.name].type).name, each.selections, subgraph)
            ):
                return False
        return True

    def obtainable(
        self,
        type_name: str,
        selections: Iterable[Selection],
        standings: Standings,
        avoided: Avoided = _ANYWHERE,
        seen_as: str | None = None,
    ) -> bool:
        """Whether every selected field can be had for an object of this type, from ``standings`` on.

        ``seen_as`` is the type on which they are selected, an interface of the object's own perhaps.
        """
        seen_as = seen_as or type_name
        type_ = self.supergraph.schema.type_map.get(type_name)
        if is_abstract_type(type_):
            selections = tuple(selections)
            return all(
                self.obtainable(runtime.name, selections, able, avoided, seen_as)
                for runtime in self.supergraph.schema.get_possible_types(type_)
                if (able := self._knowing(runtime.name, standings))
            )
        return all(
            self._one_obtainable(type_name, selection, standings, avoided, seen_as) for selection in selections
        )

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

    def _reach(self, type_name: str, start: Standing, avoided: Avoided) -> Standings:
        if type_name in _ROOTS:
            entrances = (name for name in self.supergraph.subgraphs if self._has_type(name, type_name))
            allowed = (name for name in entrances if name != start.subgraph and name not in (avoided or ()))
            return frozenset({start, *map(Standing, allowed)})
        search = (type_name, start, avoided)
        reached = self._reaching[search] = {start: None}
        waiting = [name for name in self._entered_by_key(type_name) if name != start.subgraph]
        try:
            if waiting and avoided is not None:
                hopeful = {each.subgraph for each in self.reachable(type_name, start, None)}
                waiting = [name for name in waiting if name in hopeful and name not in avoided]
            while opened := self._opened(type_name, waiting, tuple(reached), avoided):
                reached.update(dict.fromkeys(Standing(name, by_key=True) for name in opened))
                waiting = [name for name in waiting if name not in opened]
        finally:
            del self._reaching[search]
        return frozenset(reached)

    def _opened(
        self, type_name: str, waiting: list[str], reached: tuple[Standing, ...], avoided: Avoided
    ) -> list[str]:
        together = [frozenset(reached)] if avoided is None else [frozenset({each}) for each in reached]
        return [name for name in waiting if any(self._can_enter(type_name, name, e, avoided) for e in together)]

    def _can_enter(self, type_name: str, subgraph: str, standings: Standings, avoided: Avoided) -> bool:
        deeper = None if avoided is None else avoided | {subgraph}
        return any(
            key.resolvable and self.obtainable(type_name, key.fields.selections, standings, deeper)
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

    def _one_obtainable(
        self, type_name: str, selection: Selection, standings: Standings, avoided: Avoided, seen_as: str
    ) -> bool:
        if not isinstance(selection, FieldSelection):
            matches = selection.type_name is None or self._is_a(type_name, selection.type_name)
            seen_as = selection.type_name or seen_as
            return not matches or self.obtainable(type_name, selection.selections, standings, avoided, seen_as)
        if selection.name == "__typename":
            return True
        # Most fields are there without a jump.
        here = self._had(type_name, selection.name, standings, seen_as)
        if here and self._below_obtainable(type_name, selection, here, avoided):
            return True
        around = self._closure(type_name, standings, avoided)
        ends = self._had(type_name, selection.name, around, seen_as) if around != standings else here
        return ends != here and self._below_obtainable(type_name, selection, ends, avoided)

    def _had(self, type_name: str, name: str, standings: Standings, seen_as: str) -> Standings:
        """Where a key or a requirement finds the field. It must not depend on a label, as with the reference, but
        for a field of an interface that one of the subgraphs answers for all of its implementations."""
        may_move = seen_as != type_name and any(
            self._answers_for_all(each.subgraph, seen_as, name) for each in standings
        )
        return self.resolving(type_name, name, standings, may_move=may_move)

    def _answers_for_all(self, subgraph: str, interface: str, name: str) -> bool:
        """Whether the subgraph has the interface with the field, and resolves it itself for every implementation
        that the graph has; what moves away under a label is still its own."""
        own = self.supergraph.subgraphs[subgraph]
        declared = own.schema.type_map.get(interface)
        if not isinstance(declared, GraphQLInterfaceType) or name not in declared.fields:
            return False
        rules = {
            each.name: own.rules(each.name, name)
            for each in own.schema.get_possible_types(declared)
            if name in each.fields
        }
        return all(
            runtime in rules and _is_own(rules[runtime]) for runtime in self.supergraph.possible_types(interface)
        )

    def _below_obtainable(
        self, type_name: str, selection: FieldSelection, ends: Standings, avoided: Avoided
    ) -> bool:
        if not selection.selections:
            return True
        parent = self.supergraph.schema.type_map[type_name]
        if not isinstance(parent, GraphQLObjectType):
            return False
        child = get_named_type(parent.fields[selection.name].type)
        if is_abstract_type(child):
            every = (self.runtime_types(each.subgraph, type_name, selection.name) for each in ends)
            if not self._may_apply(selection.selections, frozenset[str]().union(*every)):
                return False
        return self.obtainable(child.name, selection.selections, ends, avoided)

    def _may_apply(self, selections: Iterable[Selection], types: frozenset[str]) -> bool:
        """Whether each fragment is for some of the types that may stand there: one for nobody is never met."""
        for each in selections:
            if not isinstance(each, FieldSelection):
                matching = frozenset(t for t in types if each.type_name is None or self._is_a(t, each.type_name))
                if not matching or not self._may_apply(each.selections, matching):
                    return False
        return True

    def _closure(self, type_name: str, standings: Standings, avoided: Avoided) -> Standings:
        return frozenset().union(*(self.reachable(type_name, each, avoided) for each in standings))

    def _knowing(self, type_name: str, standings: Standings) -> Standings:
        """The standings that can hold an object of this type."""
        return frozenset(each for each in standings if self._declared_as(each.subgraph, type_name))

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


def _is_own(rules: FieldRules) -> bool:
    """Whether the subgraph resolves the field by itself, at least while a label is off."""
    is_gone = rules.overridden and rules.switch is None
    return not rules.external and not is_gone and rules.requires is None

"""The supergraph: one schema over all subgraphs, and who resolves which field by which key.

A value: made by ``schema.composition.compose``, read by planning, swapped as a whole at run time.
Source: Apollo Federation 2; the join specification for its printed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from graphql import GraphQLSchema, is_abstract_type

from schema.access import NO_DEMAND, AccessRule, access_rules
from schema.contexts import ContextArgument
from schema.errors import CompositionError, CompositionHint
from schema.features import SupergraphFeature
from schema.field_set import FieldSet
from schema.subgraph import EntityKey, GatherRule, Switch, ValidSubgraph


@dataclass(frozen=True, slots=True)
class FieldSource:
    """One subgraph that defines a field. ``type`` is the field's type as that subgraph prints it.

    ``external`` is true where the subgraph only names the field (for a key, ``@requires`` or ``@provides``)
    and cannot resolve it unless a path provides it. Key fields of Federation 1 extensions are not external.
    ``contextual`` are its arguments that are filled from a context above.
    ``switch`` is there while the field moves progressively, and says when the subgraph resolves it.
    ``interface_object`` is the type under which the subgraph resolves the field, where that is not the field's
    own: an object type with ``@interfaceObject`` that stands for all implementations of an interface.
    """

    subgraph: str
    type: str
    external: bool = False
    requires: FieldSet | None = None
    provides: FieldSet | None = None
    gather: GatherRule | None = None
    interface_object: str | None = None
    switch: Switch | None = None
    contextual: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True)
class Supergraph:
    """``schema`` has everything, ``api_schema`` what clients may name (nothing ``@inaccessible``).

    ``sources["Type.field"]`` lists every subgraph that defines the field, sorted by name, external ones too;
    for interface fields as well as object fields. ``keys["Type"]["subgraph"]`` are the keys by which that
    subgraph knows the entity, resolvable or not. ``features`` are the specifications whose directives stand on
    the AST nodes of ``schema``, under canonical names.
    """

    subgraphs: Mapping[str, ValidSubgraph]
    schema: GraphQLSchema
    api_schema: GraphQLSchema
    sources: Mapping[str, tuple[FieldSource, ...]]
    keys: Mapping[str, Mapping[str, tuple[EntityKey, ...]]]
    features: tuple[SupergraphFeature, ...] = ()

    def sources_of(self, type_name: str, field_name: str) -> tuple[FieldSource, ...]:
        return self.sources.get(f"{type_name}.{field_name}", ())

    def keys_of(self, type_name: str, subgraph: str) -> tuple[EntityKey, ...]:
        return self.keys.get(type_name, {}).get(subgraph, ())

    def gather_of(self, type_name: str, field_name: str) -> GatherRule | None:
        """The rule of a gathered field, ``None`` for any other."""
        return next((s.gather for s in self.sources_of(type_name, field_name) if s.gather), None)

    @cached_property
    def access(self) -> Mapping[str, AccessRule]:
        """What a request must show, by coordinate: ``"Type"`` to start there or to enter it by a type condition,
        ``"Type.field"`` to select the field, with the demands of its parent type and of the type that it gives
        included. Only coordinates that demand something are in it. See :func:`schema.access.access_rules`.
        """
        return access_rules(self.schema)

    def access_to(self, type_name: str, field_name: str) -> AccessRule:
        """The rule of one selected field, whose parent is ``type_name`` in the operation. ``__typename`` demands
        what its type does."""
        return self.access.get(f"{type_name}.{field_name}") or self.access.get(type_name, NO_DEMAND)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of progressive ``@override``, sorted."""
        every = (source.switch for sources in self.sources.values() for source in sources)
        return tuple(sorted({switch.label for switch in every if switch}))

    @cached_property
    def interface_objects(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """By subgraph and object type, the ``@interfaceObject`` types under which the subgraph knows objects of a
        type that it does not define itself; sorted."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for subgraph in self.subgraphs.values():
            own = found.setdefault(subgraph.name, {})
            for name in sorted(each for each, rules in subgraph.types.items() if rules.is_interface_object):
                for implementation in self.possible_types(name):
                    if implementation not in subgraph.schema.type_map:
                        own[implementation] = (*own.get(implementation, ()), name)
        return found

    @cached_property
    def contexts(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """By subgraph and context, the object types that set it there: those of the interfaces and unions too."""
        found: dict[str, dict[str, frozenset[str]]] = {}
        for subgraph in self.subgraphs.values():
            own = found.setdefault(subgraph.name, {})
            for name, rules in subgraph.types.items():
                for context in rules.contexts:
                    own[context] = own.get(context, frozenset()) | frozenset(_own_types(subgraph, name))
        return found

    def possible_types(self, type_name: str) -> tuple[str, ...]:
        """The object types, sorted, of objects where the type is declared; inaccessible ones too."""
        declared = self.schema.type_map.get(type_name)
        if not is_abstract_type(declared):
            return (type_name,)
        return tuple(sorted(one.name for one in self.schema.get_possible_types(declared)))

    @cached_property
    def sdl(self) -> str:
        """The join-spec supergraph SDL; the same subgraphs in any order print the same bytes."""
        from schema.composition.print_supergraph import print_supergraph

        return print_supergraph(self)

    def __str__(self) -> str:
        return self.sdl


def _own_types(subgraph: ValidSubgraph, name: str) -> tuple[str, ...]:
    declared = subgraph.schema.type_map.get(name)
    if not is_abstract_type(declared):
        return (name,)
    return tuple(one.name for one in subgraph.schema.get_possible_types(declared))


@dataclass(frozen=True, slots=True)
class Composition:
    """What ``compose`` answers: a supergraph or every reason why there is none; hints in both cases."""

    supergraph: Supergraph | None
    errors: tuple[CompositionError, ...] = ()
    hints: tuple[CompositionHint, ...] = ()

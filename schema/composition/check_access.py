"""A field may not reveal through ``@requires`` or ``@fromContext`` what its own requirements do not guard.

The required values travel to a subgraph inside a representation, whoever asked: so whoever may select the
field must be somebody who may select what it requires. Source: Federation 2.12, "Composition", access control.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, get_named_type, is_abstract_type

from schema.access import NO_DEMAND, AccessRule, own_rules
from schema.composition.problems import Place, Problems
from schema.field_set import FragmentSelection, Selection
from schema.supergraph import FieldSource, Supergraph


def check_transitive_access(supergraph: Supergraph, problems: Problems) -> None:
    """Tell each ``@requires`` and ``@fromContext`` that takes more than its field demands, with the first thing
    that it takes."""
    rules = own_rules(supergraph.schema)
    if not rules:
        return
    for coordinate, sources in supergraph.sources.items():
        demanded = _Demanded(supergraph.schema, rules, _rule_of(coordinate, rules))
        for source in sources:
            taken = next(_taken(coordinate, source, demanded, supergraph), None)
            if taken is not None:
                _tell(coordinate, source, demanded, taken, supergraph, problems)


def _rule_of(coordinate: str, rules: Mapping[str, AccessRule]) -> AccessRule:
    return rules.get(coordinate.partition(".")[0], NO_DEMAND) & rules.get(coordinate, NO_DEMAND)


Taken = tuple[str, str, AccessRule]
"""How something is taken, what, and what it demands."""


def _taken(coordinate: str, source: FieldSource, demanded: _Demanded, supergraph: Supergraph) -> Iterator[Taken]:
    if source.requires:
        for what, rule in demanded.beyond(coordinate.partition(".")[0], source.requires.selections):
            yield "requires", what, rule
    for argument in source.contextual:
        for holder in sorted(supergraph.contexts[source.subgraph].get(argument.context, ())):
            for what, rule in demanded.beyond_object(holder, argument.selection.selections):
                yield f'reads from context "{argument.context}"', what, rule


def _tell(
    coordinate: str,
    source: FieldSource,
    demanded: _Demanded,
    taken: Taken,
    supergraph: Supergraph,
    problems: Problems,
) -> None:
    type_name, _, field_name = coordinate.partition(".")
    how, what, rule = taken
    type_ = supergraph.subgraphs[source.subgraph].schema.type_map.get(type_name)
    field = getattr(type_, "fields", {}).get(field_name)
    problems.error(
        "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
        f'Field "{coordinate}" in subgraph "{source.subgraph}" {how} "{what}", which demands {rule}, but itself '
        f"demands {demanded.own}. Add the missing requirements to the field.",
        Place(source.subgraph, field.ast_node if field else None),
    )


@dataclass(frozen=True, slots=True)
class _Demanded:
    """What a selection demands beyond what is demanded of whoever gets that far."""

    schema: GraphQLSchema
    rules: Mapping[str, AccessRule]
    own: AccessRule

    def beyond(self, type_name: str, selections: tuple[Selection, ...]) -> Iterator[tuple[str, AccessRule]]:
        """The coordinates and types in the selection whose rule the field's own one does not imply."""
        for selection in selections:
            if isinstance(selection, FragmentSelection):
                if selection.type_name:
                    yield from self._not_implied(selection.type_name, selection.type_name)
                yield from self.beyond(selection.type_name or type_name, selection.selections)
                continue
            parent = self.schema.type_map.get(type_name)
            if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
                continue
            field = parent.fields.get(selection.name)
            if field is None:
                continue
            coordinate, given = f"{type_name}.{selection.name}", get_named_type(field.type).name
            yield from self._not_implied(coordinate, coordinate)
            yield from self._not_implied(coordinate, given)
            yield from self.beyond(given, selection.selections)

    def beyond_object(self, type_name: str, selections: tuple[Selection, ...]) -> Iterator[tuple[str, AccessRule]]:
        """The same for an object that the field's own requests do not lead to: its type demands too."""
        yield from self._not_implied(type_name, type_name)
        for selection in selections:
            if not isinstance(selection, FragmentSelection):
                yield from self.beyond(type_name, (selection,))
            elif selection.type_name in (None, type_name) or self._may_be(type_name, selection.type_name):
                yield from self.beyond_object(type_name, selection.selections)

    def _may_be(self, type_name: str, condition: str | None) -> bool:
        abstract = self.schema.type_map.get(condition or "")
        return is_abstract_type(abstract) and any(
            each.name == type_name for each in self.schema.get_possible_types(abstract)
        )

    def _not_implied(self, what: str, coordinate: str) -> Iterator[tuple[str, AccessRule]]:
        rule = self.rules.get(coordinate, NO_DEMAND)
        if not self.own.implies(rule):
            yield what, rule

"""Which object types may stand at a place, for the checker.

Source: Federation 2, "@shareable": all subgraphs that resolve a shared field promise the same value.
"""

from __future__ import annotations

from graphql import GraphQLSchema, get_named_type, is_abstract_type, is_composite_type

from schema.field_set_targets import targets
from schema.supergraph import Supergraph


def is_on(schema: GraphQLSchema, place: object, concrete: str) -> bool:
    """Whether an object of the concrete type may stand where ``place`` is declared."""
    if is_abstract_type(place):
        return any(one.name == concrete for one in schema.get_possible_types(place))
    return getattr(place, "name", None) == concrete


def applies(schema: GraphQLSchema, condition: str, concrete: str) -> bool:
    return is_on(schema, schema.type_map.get(condition), concrete)


def promised_types(supergraph: Supergraph, type_name: str, name: str, types: frozenset[str]) -> frozenset[str]:
    """Those of a field's types that no other subgraph rules out. Parts of a gathered list promise nothing."""
    if supergraph.gather_of(type_name, name):
        return types
    root_types = (supergraph.schema.query_type, supergraph.schema.mutation_type)
    is_root = type_name in [root.name for root in root_types if root]
    for source in supergraph.sources_of(type_name, name):
        keys = supergraph.keys_of(type_name, source.subgraph)
        is_door = is_root or any(key.resolvable for key in keys)
        if _is_provided(supergraph, source.subgraph, f"{type_name}.{name}") if source.external else is_door:
            schema = supergraph.subgraphs[source.subgraph].schema
            definition = getattr(schema.type_map.get(type_name), "fields", {}).get(name)
            named = get_named_type(definition.type) if definition else None
            if is_composite_type(named):
                types &= {one for one in types if applies(schema, named.name, one)}
    return types


def _is_provided(supergraph: Supergraph, subgraph: str, coordinate: str) -> bool:
    """Whether a field of the subgraph provides this one, which the subgraph does not resolve elsewhere."""
    schema = supergraph.subgraphs[subgraph].schema
    for place, sources in supergraph.sources.items():
        type_name, _, name = place.partition(".")
        for source in sources:
            if source.subgraph == subgraph and source.provides:
                parent = schema.type_map[type_name]
                below = get_named_type(parent.fields[name].type).name  # type: ignore[attr-defined]  # it has fields
                if coordinate in targets(schema, below, source.provides):
                    return True
    return False

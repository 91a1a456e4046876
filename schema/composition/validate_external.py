"""Where ``@external`` may stand, and with what. Source: Federation 2, "@external", "@provides"."""

from __future__ import annotations

from graphql import TypeDefinitionNode, get_named_type, is_composite_type

from schema.composition.definitions import defined_fields
from schema.composition.external import used_externals
from schema.composition.problems import Problems
from schema.subgraph import ValidSubgraph


def check_external_used(subgraph: ValidSubgraph, problems: Problems) -> None:
    """An ``@external`` field serves a key, ``@requires``, ``@provides`` or an interface, or it is a mistake."""
    external = [field for field in defined_fields(subgraph) if field.rules.external]
    if not external:
        return
    types = {
        each.name.value: each for each in subgraph.document.definitions if isinstance(each, TypeDefinitionNode)
    }
    used = used_externals(types, subgraph.links, subgraph.schema)
    for field in external:
        if field.coordinate not in used:
            problems.error(
                "EXTERNAL_UNUSED",
                f'Field "{field.coordinate}" is marked @external in subgraph "{subgraph.name}" but no @key, '
                "@requires, @provides or interface there uses it. Remove the field, or remove @external to "
                "resolve it here.",
                field.place,
            )


def check_external_on_interfaces(subgraph: ValidSubgraph, problems: Problems) -> None:
    """An interface resolves nothing, so none of its fields can be resolved elsewhere."""
    for field in defined_fields(subgraph):
        if field.owner.is_interface and field.applied("external"):
            problems.error(
                "EXTERNAL_ON_INTERFACE",
                f'Interface field "{field.coordinate}" is marked @external in subgraph "{subgraph.name}". Mark '
                "the "
                "field of the implementations instead.",
                field.place,
            )


def check_providing_fields(subgraph: ValidSubgraph, problems: Problems) -> None:
    """A field resolved elsewhere provides nothing, and there is nothing to provide below a scalar."""
    if subgraph.links.is_federation_1:
        return
    for field in defined_fields(subgraph):
        for directive in field.applied("provides"):
            returned = get_named_type(field.field.type)
            if field.rules.external:
                problems.error(
                    "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
                    f'Field "{field.coordinate}" has both @provides and @external in subgraph "{subgraph.name}". '
                    "Keep one of them.",
                    field.place,
                )
            elif not is_composite_type(returned):
                problems.error(
                    "PROVIDES_ON_NON_OBJECT_FIELD",
                    f'@provides on field "{field.coordinate}" in subgraph "{subgraph.name}" has nothing to '
                    f'provide: "{returned}" has no fields. Remove it.',
                    field.place_of(directive),
                )

"""Where ``@external`` may stand, and with what. Source: Federation 2, "@external"."""

from __future__ import annotations

from graphql import TypeDefinitionNode

from schema.composition.applied import STRATEGIES
from schema.composition.definitions import defined_fields
from schema.composition.external import used_externals
from schema.composition.problems import Problems
from schema.subgraph import ValidSubgraph

_MERGED = ("tag", "inaccessible", *STRATEGIES)


def check_external_used(subgraph: ValidSubgraph, problems: Problems) -> None:
    """An ``@external`` field serves a key, ``@requires``, ``@provides`` or an interface, or it is a mistake."""
    external = [
        field for field in defined_fields(subgraph) if field.rules.external and not field.owner.is_interface
    ]
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


def check_external_collisions(subgraph: ValidSubgraph, problems: Problems) -> None:
    """A field resolved elsewhere neither requires nor provides, and its marks belong to its owner."""
    if subgraph.links.is_federation_1:
        return
    for field in defined_fields(subgraph):
        if not field.rules.external:
            continue
        for directive in (each for name in ("provides", "requires", "override") for each in field.applied(name)):
            is_override = field.rules.override is not None and directive in field.applied("override")
            problems.error(
                f"{'OVERRIDE' if is_override else 'EXTERNAL'}_COLLISION_WITH_ANOTHER_DIRECTIVE",
                f'Field "{field.coordinate}" has both @{directive.name.value} and @external in subgraph '
                f'"{subgraph.name}". Keep one of them.',
                field.place,
            )
        deprecated = [each for each in field.node.directives or () if each.name.value == "deprecated"]
        for directive in (*(each for name in _MERGED for each in field.applied(name)), *deprecated):
            problems.error(
                "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                f'@{directive.name.value} cannot stand on "{field.coordinate}", which is @external in subgraph '
                f'"{subgraph.name}". Put it on the field in the subgraph that resolves it.',
                field.place,
            )

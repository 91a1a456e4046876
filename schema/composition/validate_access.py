"""Where ``@authenticated``, ``@requiresScopes`` and ``@policy`` may not stand.

An interface's requirements follow from its implementations; said of the interface alone they would leave
the implementations open. Source: Federation 2.12, "Composition", access control.
"""

from __future__ import annotations

from graphql import DirectiveNode

from schema.access import ACCESS_DIRECTIVES
from schema.composition.definitions import DefinedField, DefinedType, defined_fields, defined_types
from schema.composition.problems import Place, Problems
from schema.subgraph import ValidSubgraph


def check_access_places(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Tell every requirement on an interface, on one of its fields, or on an interface object."""
    for type_ in defined_types(subgraph):
        if type_.is_interface or type_.applied("interfaceObject"):
            kind = "interface" if type_.is_interface else "interface object"
            _tell_each(type_, f'{kind} "{type_.name}"', subgraph, problems)
    for field in defined_fields(subgraph):
        if field.owner.is_interface:
            _tell_each(field, f'field "{field.coordinate}" of an interface', subgraph, problems)


def _tell_each(
    element: DefinedType | DefinedField, where: str, subgraph: ValidSubgraph, problems: Problems
) -> None:
    applied: list[DirectiveNode] = [each for name in ACCESS_DIRECTIVES for each in element.applied(name)]
    for directive in applied:
        problems.error(
            "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE",
            f'"@{directive.name.value}" cannot stand on {where} in subgraph "{subgraph.name}". Put it on the '
            "implementing types and their fields; the interface takes it over from them.",
            Place(subgraph.name, directive),
        )

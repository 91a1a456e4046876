"""Where ``@shareable`` may stand, and how often. Source: Federation 2, "@shareable"."""

from __future__ import annotations

from graphql import DocumentNode, ObjectTypeDefinitionNode, ObjectTypeExtensionNode

from schema.composition.definitions import defined_fields
from schema.composition.problems import Place, Problems
from schema.directives import Links
from schema.subgraph import ValidSubgraph


def check_shareable(subgraph: ValidSubgraph, problems: Problems) -> None:
    """Only fields of object types are shared."""
    for field in defined_fields(subgraph):
        applied = field.applied("shareable")
        for directive in applied if field.owner.is_interface else ():
            problems.error(
                "INVALID_SHAREABLE_USAGE",
                f'@shareable cannot stand on "{field.coordinate}", a field of an interface, in subgraph '
                f'"{subgraph.name}". Put it on the field of each implementation.',
                field.place_of(directive),
            )


def check_repeated_shareable(name: str, document: DocumentNode, links: Links, problems: Problems) -> None:
    """It is repeatable so that a type and its extensions may each say it, once."""
    for definition in document.definitions:
        if not isinstance(definition, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            continue
        for element in (definition, *(definition.fields or ())):
            applied = links.applied(element, "shareable")
            if len(applied) > 1:
                problems.error(
                    "INVALID_SHAREABLE_USAGE",
                    f'"{element.name.value}" is marked @shareable {len(applied)} times at one place in subgraph '
                    f'"{name}". Keep one.',
                    *(Place(name, each) for each in applied),
                )

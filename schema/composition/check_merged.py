"""Check the merged graph as a whole: it has a query, interfaces are implemented, nothing hidden is needed.

Source: Federation 2, "Composition rules"; https://specs.apollo.dev/inaccessible.
"""

from __future__ import annotations

from graphql import (
    DocumentNode,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
)
from graphql.validation.validate import validate_sdl

from schema.composition.argument_values import invalid_argument_values
from schema.composition.check_inaccessible import check_inaccessible
from schema.composition.check_requirements import check_requirements
from schema.composition.merge import Merged
from schema.composition.problems import Place, Problems, in_subgraphs, schema_errors
from schema.subgraph import ValidSubgraph


def check_merged(merged: Merged, problems: Problems) -> None:
    """Tell what makes the merged graph no valid schema, or else its public part none."""
    _check_implementations(merged, problems)
    check_requirements(merged, problems)
    if not problems:
        check_inaccessible(merged, problems)


def check_has_query(merged: Merged, problems: Problems) -> None:
    if "Query" not in merged.types:
        problems.error(
            "NO_QUERIES",
            "No subgraph has a query field. Add at least one field to type Query in one of them.",
            *(Place(name) for name in merged.subgraphs),
        )


def _check_implementations(merged: Merged, problems: Problems) -> None:
    for node in merged.types.values():
        if not isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            continue
        own = {field.name.value for field in node.fields or ()}
        for interface in node.interfaces or ():
            expected = merged.types.get(interface.name.value)
            if isinstance(expected, InterfaceTypeDefinitionNode):
                for field in expected.fields or ():
                    if field.name.value not in own:
                        _tell_missing(node.name.value, interface, field.name.value, merged, problems)


def _tell_missing(
    type_name: str, interface: NamedTypeNode, field_name: str, merged: Merged, problems: Problems
) -> None:
    coordinate = f"{interface.name.value}.{field_name}"
    declaring = [source.subgraph for source in merged.sources[coordinate]]
    implementing = [
        each for each in merged.subgraphs.values() if _implements(each, type_name, interface.name.value)
    ]
    problems.error(
        "INTERFACE_FIELD_NO_IMPLEM",
        f'Interface field "{coordinate}" is declared in {in_subgraphs(declaring)} but type "{type_name}", which '
        f'implements "{interface.name.value}" in {in_subgraphs(each.name for each in implementing)}, has it in no '
        "subgraph. Add the field to the type.",
        *(Place(each.name, each.schema.type_map[type_name].ast_node) for each in implementing),
    )


def _implements(subgraph: ValidSubgraph, type_name: str, interface: str) -> bool:
    type_ = subgraph.schema.type_map.get(type_name)
    return any(each.name == interface for each in getattr(type_, "interfaces", ()))


def check_schema(schema: GraphQLSchema, problems: Problems) -> None:
    """What is left for GraphQL's own rules, such as an implementation whose merged type became too wide."""
    for error in schema_errors(schema):
        problems.error("INVALID_GRAPHQL", f"The merged schema is not valid GraphQL: {error.message}")


def check_composed_directives(schema: GraphQLSchema, problems: Problems) -> None:
    """A directive is composed with one subgraph's definition, which the others' applications have to fit."""
    directives = (each.ast_node for each in schema.directives if each.ast_node is not None)
    types = (each.ast_node for each in schema.type_map.values() if each.ast_node is not None)
    document = DocumentNode(definitions=(*directives, *types))
    for error in (*validate_sdl(document), *invalid_argument_values(document, schema.directives)):
        problems.error(
            "INVALID_GRAPHQL",
            f"A composed directive does not fit its definition in the supergraph: {error.message} Define it alike "
            "in all subgraphs that compose it.",
        )

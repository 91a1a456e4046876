"""Check the values that directives are given on definitions, which GraphQL's own rules for SDL leave out.

Source: GraphQL specification, section 5.6.1 "Values of Correct Type".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql import (
    ConstArgumentNode,
    DocumentNode,
    GraphQLDirective,
    GraphQLError,
    NullValueNode,
    TypeDefinitionNode,
    Undefined,
    print_ast,
    value_from_ast,
)

from schema.composition.applied import SCHEMA, elements


def invalid_argument_values(
    document: DocumentNode, directives: Iterable[GraphQLDirective]
) -> Iterator[GraphQLError]:
    """Each value that does not fit the type of its argument, with its place."""
    by_name = {each.name: each for each in directives}
    for definition in document.definitions:
        name = definition.name.value if isinstance(definition, TypeDefinitionNode) else SCHEMA
        for coordinate, node in elements(name, definition):
            for directive in getattr(node, "directives", None) or ():
                known = by_name.get(directive.name.value)
                for given in directive.arguments or ():
                    argument = known.args.get(given.name.value) if known else None
                    if (
                        argument
                        and not _is_told_elsewhere(given)
                        and value_from_ast(given.value, argument.type) is Undefined
                    ):
                        yield GraphQLError(
                            f'{print_ast(given.value)} is no {argument.type}, as "@{directive.name.value}'
                            f'({given.name.value}:)" on "{coordinate}" needs one.',
                            given,
                        )


def _is_told_elsewhere(given: ConstArgumentNode) -> bool:
    """A field set that is no text has a code of its own."""
    return given.name.value == "fields" and isinstance(given.value, NullValueNode)

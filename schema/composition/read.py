"""Read one subgraph: its SDL becomes a :class:`ValidSubgraph`, or every reason why it cannot.

Nothing here looks at a second subgraph. Source: Federation 2, "Subgraph specification".
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    build_ast_schema,
    parse,
    specified_directives,
)
from graphql.validation.validate import validate_sdl

from schema.composition.applied import elements
from schema.composition.argument_values import invalid_argument_values
from schema.composition.flatten import flatten
from schema.composition.links import read_links
from schema.composition.machinery import complete
from schema.composition.own_definitions import check_own_definitions
from schema.composition.problems import Place, Problems, schema_errors
from schema.composition.rules import read_rules
from schema.composition.upgrade import keyed_interfaces, upgrade, with_text_field_sets
from schema.composition.validate import validate
from schema.composition.validate_shareable import check_repeated_shareable
from schema.directives import FEDERATION, Links
from schema.errors import CompositionError, Location
from schema.subgraph import Subgraph, TypeRules, ValidSubgraph


@lru_cache(maxsize=128)
def read_subgraph(subgraph: Subgraph) -> ValidSubgraph | tuple[CompositionError, ...]:
    """Parse, resolve links, upgrade Federation 1, build the schema, check Federation's rules.

    Remembered: a check of one connector reads the others' unchanged SDL again and again.
    """
    problems = Problems()
    _check_name(subgraph.name, problems)
    document = _parse(subgraph, problems)
    if document is None:
        return problems.errors
    links = read_links(subgraph.name, document, problems)
    if any(each.code == "UNKNOWN_FEDERATION_LINK_VERSION" for each in problems.errors):
        _tell_unknown_directives(subgraph.name, document, problems)
    if links.is_federation_1:
        document = with_text_field_sets(document, links)
    check_own_definitions(subgraph.name, document, links, problems)
    check_repeated_shareable(subgraph.name, document, links, problems)
    flat = flatten(subgraph.name, document, links, problems)
    if problems:
        return problems.errors
    document = complete(flat, links)
    schema = _build(subgraph.name, document, links, problems)
    if schema is None:
        return problems.errors
    upgraded = upgrade(subgraph.name, flat, links, schema, problems) if links.is_federation_1 else flat
    nominal = keyed_interfaces(flat, links) if links.is_federation_1 else ()
    if problems:
        return problems.errors
    if upgraded is not flat:
        flat, document = upgraded, complete(upgraded, links)
        schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    types, fields = read_rules(flat, links, schema)
    types = {**types, **{each: replace(types.get(each, TypeRules()), has_nominal_key=True) for each in nominal}}
    read = ValidSubgraph(subgraph.name, subgraph.url, document, schema, types, fields, links)
    validate(read, problems)
    return problems.errors or read


def _check_name(name: str, problems: Problems) -> None:
    if not name or name == "_":
        problems.error("INVALID_SUBGRAPH_NAME", f'"{name}" is no name for a subgraph. Use the department\'s name.')


def _parse(subgraph: Subgraph, problems: Problems) -> DocumentNode | None:
    try:
        return parse(subgraph.sdl)
    except GraphQLSyntaxError as error:
        problems.extend([_invalid(subgraph.name, error)])
        return None


def _tell_unknown_directives(name: str, document: DocumentNode, problems: Problems) -> None:
    """Without the specification nobody knows its directives."""
    defined = {each.name.value for each in document.definitions if isinstance(each, DirectiveDefinitionNode)}
    known = {"link", *(each.name for each in specified_directives), *defined}
    for definition in document.definitions:
        for _, node in elements("", definition):
            for directive in getattr(node, "directives", None) or ():
                if directive.name.value not in known:
                    problems.error(
                        "INVALID_GRAPHQL",
                        f'Subgraph "{name}": "@{directive.name.value}" is unknown, since its version of '
                        "Federation is. Link a known one.",
                        Place(name, directive),
                    )


def _build(name: str, document: DocumentNode, links: Links, problems: Problems) -> GraphQLSchema | None:
    invalid = validate_sdl(document)
    if not invalid:
        schema = build_ast_schema(document, assume_valid_sdl=True)
        invalid = schema_errors(schema) or list(invalid_argument_values(document, schema))
        if not invalid:
            return schema
    problems.extend(_invalid(name, error, links) for error in invalid)
    return None


def _invalid(name: str, error: GraphQLError, links: Links | None = None) -> CompositionError:
    locations = tuple(sorted(Location(name, at.line, at.column) for at in error.locations or ()))
    message = f"{error.message}{_suggest_import(error.message, links)}"
    return CompositionError("INVALID_GRAPHQL", f'Subgraph "{name}": {message}', (name,), locations)


def _suggest_import(message: str, links: Links | None) -> str:
    """An unknown directive is most often one that was not imported."""
    if links is None or not message.startswith("Unknown directive"):
        return ""
    wanted = message.split('"')[1::2] or message.split("'")[1::2]
    canonical = wanted[0].removeprefix("@") if wanted else ""
    local = links.local(canonical)
    if links.is_federation_1 and local is None:
        link = f'@link(url: "{FEDERATION}/v2.9", import: ["@{canonical}"])'
        return f" If it is Federation's, add extend schema {link}."
    return f' Write it as "@{local}", or add "@{canonical}" to the import list of @link.' if local else ""

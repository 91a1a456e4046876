"""Read one subgraph: its SDL becomes a :class:`ValidSubgraph`, or every reason why it cannot.

Nothing here looks at a second subgraph; what Federation 1 leaves to the others comes in as a value.
Source: Federation 2, "Subgraph specification".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from schema.composition.flatten import FlatDocument, flatten
from schema.composition.links import read_links
from schema.composition.machinery import complete
from schema.composition.own_definitions import check_own_definitions
from schema.composition.problems import Place, Problems, schema_errors
from schema.composition.references import check_references
from schema.composition.rules import read_rules
from schema.composition.upgrade import keyed_interfaces, upgrade, with_text_field_sets, without_external
from schema.composition.validate import validate
from schema.composition.validate_shareable import check_repeated_shareable
from schema.directives import FEDERATION, Links
from schema.errors import CompositionError, Location
from schema.subgraph import Subgraph, TypeRules, ValidSubgraph


@dataclass(frozen=True, slots=True, eq=False)
class Federation1Subgraph:
    """A subgraph of Federation 1 that is GraphQL; what it means as a subgraph depends on the others."""

    name: str
    url: str
    flat: FlatDocument
    schema: GraphQLSchema
    links: Links


def read_subgraph(subgraph: Subgraph) -> ValidSubgraph | tuple[CompositionError, ...]:
    """One subgraph alone: its links, its schema, Federation 1 upgraded, Federation's rules checked."""
    read = begin_reading(subgraph)
    return upgrade_subgraph(read) if isinstance(read, Federation1Subgraph) else read


@lru_cache(maxsize=128)
def begin_reading(subgraph: Subgraph) -> ValidSubgraph | Federation1Subgraph | tuple[CompositionError, ...]:
    """All of Federation 2, and of Federation 1 what needs no other subgraph.

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
    if not problems:
        check_references(subgraph.name, document, flat, links, problems)
    if problems:
        return problems.errors
    document = complete(flat, links)
    schema = _build(subgraph.name, document, links, problems)
    if schema is None:
        return problems.errors
    if links.is_federation_1:
        return Federation1Subgraph(subgraph.name, subgraph.url, flat, schema, links)
    types, fields = read_rules(flat, links, schema)
    return _validated(ValidSubgraph(subgraph.name, subgraph.url, document, schema, types, fields, links))


@lru_cache(maxsize=128)
def upgrade_subgraph(
    begun: Federation1Subgraph, owned: frozenset[str] = frozenset(), *, is_told: bool = False
) -> ValidSubgraph | tuple[CompositionError, ...]:
    """What Federation 1 means in the terms of Federation 2.

    ``owned`` names the fields whose ``@external`` says nothing. A subgraph of which something ``is_told``
    already is not held against Federation's rules.
    """
    problems = Problems()
    own = without_external(begun.flat, begun.links, owned)
    upgraded = upgrade(begun.name, own, begun.links, begun.schema, problems)
    if problems or is_told:
        return problems.errors
    document = complete(upgraded, begun.links)
    schema = begun.schema
    if upgraded is not begun.flat:
        schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    types, fields = read_rules(upgraded, begun.links, schema)
    nominal = {
        each: replace(types.get(each, TypeRules()), has_nominal_key=True)
        for each in keyed_interfaces(begun.flat, begun.links)
    }
    types = {**types, **nominal}
    return _validated(ValidSubgraph(begun.name, begun.url, document, schema, types, fields, begun.links))


def _validated(read: ValidSubgraph) -> ValidSubgraph | tuple[CompositionError, ...]:
    problems = Problems()
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
    # A schema cannot even be built where GraphQL's own directives have values of other types.
    invalid = [*validate_sdl(document), *invalid_argument_values(document, specified_directives)]
    if not invalid:
        schema = build_ast_schema(document, assume_valid_sdl=True)
        invalid = schema_errors(schema) or list(invalid_argument_values(document, schema.directives))
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

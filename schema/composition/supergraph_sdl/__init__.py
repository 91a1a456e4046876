"""Read join-spec supergraph SDL, whoever composed it, into the value that composing gives here.

The one idea: what each subgraph knows is written in the join directives, so its schema is extracted again and
goes through the same reading and merging as any subgraph. What the other composer accepted is not judged
again: nothing is validated as a subgraph, nothing proved, and the supergraph's own text stays the schema.
Source: https://specs.apollo.dev/join, v0.1 to v0.5.
"""

from __future__ import annotations

from dataclasses import replace

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, parse
from graphql.validation.validate import validate_sdl

from schema.composition.api_schema import supergraph_of
from schema.composition.check_merged import check_schema
from schema.composition.collector import collector_paused
from schema.composition.merge import merge
from schema.composition.merge_applied import with_features
from schema.composition.override import apply_overrides
from schema.composition.problems import Problems
from schema.composition.supergraph_sdl.definitions import (
    merged_directives,
    merged_types,
    other_features,
    schema_directives,
)
from schema.composition.supergraph_sdl.extract import extract
from schema.composition.supergraph_sdl.features import SUPERGRAPH, Features, read_features
from schema.composition.supergraph_sdl.first_join import upgrade_first_join
from schema.composition.supergraph_sdl.joins import Joins, read_joins
from schema.errors import CompositionError, Location
from schema.supergraph import Composition, Supergraph

__all__ = ["read_supergraph"]


def read_supergraph(sdl: str) -> Composition:
    """The supergraph that this text describes, or every reason why it cannot be read."""
    problems = Problems()
    with collector_paused():
        supergraph = _read(sdl, problems)
    return Composition(None if problems else supergraph, problems.errors)


def _read(sdl: str, problems: Problems) -> Supergraph | None:
    """The stages, each over the results of the one before; the first with errors is the last."""
    document = _parse(sdl, problems)
    if document is None:
        return None
    features = read_features(document, problems)
    if features is None or problems:
        return None
    joins = read_joins(document, features, problems)
    if problems:
        return None
    if features.join.version == (0, 1):
        document = upgrade_first_join(document, joins)
    return _merge(document, features, joins, problems)


def _parse(sdl: str, problems: Problems) -> DocumentNode | None:
    try:
        document = parse(sdl)
    except GraphQLSyntaxError as error:
        problems.extend([_invalid(error)])
        return None
    problems.extend(_invalid(error) for error in validate_sdl(document))
    return None if problems else document


def _invalid(error: GraphQLError) -> CompositionError:
    locations = tuple(sorted(Location(SUPERGRAPH, at.line, at.column) for at in error.locations or ()))
    return CompositionError("INVALID_GRAPHQL", f"The supergraph is not valid: {error.message}", (), locations)


def _merge(document: DocumentNode, features: Features, joins: Joins, problems: Problems) -> Supergraph | None:
    """Who resolves what comes from the extracted subgraphs, the definitions from the text."""
    subgraphs = extract(document, features, joins, problems)
    if problems:
        return None
    # What merging finds wrong was right to whoever composed this, so it is told to nobody.
    unheard = Problems()
    merged = replace(
        merge(apply_overrides(subgraphs, unheard), unheard),
        types=merged_types(document, features),
        directives=merged_directives(document, features),
        schema_directives=schema_directives(document, features),
    )
    supergraph = supergraph_of(with_features(merged, other_features(document, features)))
    check_schema(supergraph.schema, problems)
    return supergraph

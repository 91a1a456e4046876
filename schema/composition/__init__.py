"""Compose subgraphs into one supergraph: read, validate, merge, prove that every path can be answered.

Pure and deterministic: the same subgraphs in any order give the same bytes. Errors of a stage are all
collected; a stage runs only when the one before found none. Source: Apollo Federation 2, "Composition".
"""

from __future__ import annotations

from collections.abc import Iterable

from schema.composition.api_schema import supergraph_of
from schema.composition.check_access import check_transitive_access
from schema.composition.check_durable import check_durable
from schema.composition.check_merged import (
    check_composed_directives,
    check_has_query,
    check_merged,
    check_schema,
)
from schema.composition.check_names import check_directive_names
from schema.composition.check_versions import check_federation_versions
from schema.composition.collector import collector_paused
from schema.composition.compose_directives import composed_directives
from schema.composition.durable_parts import with_durable_parts
from schema.composition.extensions import check_extensions, owners_key_fields, written_types
from schema.composition.merge import merge
from schema.composition.merge_applied import apply_directives
from schema.composition.merge_interfaces import check_nominal_keys
from schema.composition.override import apply_overrides
from schema.composition.problems import Place, Problems, name_list
from schema.composition.read import Federation1Subgraph, begin_reading, read_subgraph, upgrade_subgraph
from schema.composition.satisfiability import check_satisfiability
from schema.subgraph import Subgraph, ValidSubgraph
from schema.supergraph import Composition, Supergraph

__all__ = ["compose", "read_subgraph"]


def compose(subgraphs: Iterable[Subgraph]) -> Composition:
    """The supergraph of these subgraphs, or every reason why there is none; hints in both cases."""
    problems = Problems()
    with collector_paused():
        supergraph = _compose(tuple(subgraphs), problems)
    return Composition(None if problems else supergraph, problems.errors, problems.hints)


def _compose(handed_in: tuple[Subgraph, ...], problems: Problems) -> Supergraph | None:
    """The stages, each over the results of the one before; the first with errors is the last."""
    begun = _read(handed_in, problems)
    if problems:
        return None
    valid = _upgraded(begun, problems)
    check_nominal_keys(valid, problems)
    check_durable(valid, problems)
    if problems:
        return None
    valid = with_durable_parts(valid, handed_in, problems)
    composed = composed_directives(valid, problems)
    check_federation_versions(valid, problems)
    check_directive_names(valid, problems)
    if problems:
        return None
    merged = merge(apply_overrides(valid, problems), problems, composed.names)
    check_has_query(merged, problems)
    if problems:
        return None
    merged = apply_directives(merged, composed, problems)
    check_merged(merged, problems)
    if problems:
        return None
    supergraph = supergraph_of(merged)
    check_schema(supergraph.schema, problems)
    if composed.names:
        check_composed_directives(supergraph.schema, problems)
    check_transitive_access(supergraph, problems)
    if not problems:
        check_satisfiability(supergraph, problems)
    return supergraph


def _read(subgraphs: Iterable[Subgraph], problems: Problems) -> list[ValidSubgraph | Federation1Subgraph]:
    ordered = sorted(subgraphs)
    names = [subgraph.name for subgraph in ordered]
    if doubled := {name for name in names if names.count(name) > 1}:
        problems.error(
            "INVALID_SUBGRAPH_NAME",
            f"Several subgraphs are called {name_list(doubled)}. Rename all but one.",
            *map(Place, doubled),
        )
    begun = []
    for subgraph in ordered:
        read = begin_reading(subgraph)
        if isinstance(read, tuple):
            problems.extend(read)
        else:
            begun.append(read)
    return begun


def _upgraded(begun: list[ValidSubgraph | Federation1Subgraph], problems: Problems) -> list[ValidSubgraph]:
    """What Federation 1 leaves open is settled by all subgraphs together."""
    if all(isinstance(each, ValidSubgraph) for each in begun):
        return [each for each in begun if isinstance(each, ValidSubgraph)]
    types = written_types(begun)
    valid = []
    for each in begun:
        if isinstance(each, Federation1Subgraph):
            is_told = check_extensions(each, types, problems)
            upgraded = upgrade_subgraph(each, owners_key_fields(each, types), is_told=is_told)
        else:
            upgraded = each
        if isinstance(upgraded, ValidSubgraph):
            valid.append(upgraded)
        else:
            problems.extend(upgraded)
    return valid

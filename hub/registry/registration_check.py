"""Everything that is said about a registration before anything is changed; pure but for nothing.

In this order: kind and address, the mapping of a REST or SQL department, composition with the live graph, the
identity fields that object checks need, and the comparison with the published API and its gathered lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auth.policy import IDENTITIES
from connectors.addresses import AddressRule
from hub.registry.composing import composed
from hub.registry.own_names import told_by_name
from hub.registry.registration import ConnectorCheck, ConnectorVersion, Registration
from hub.registry.registration_door import door_problems, mapping_problems
from schema.changes import Criticality, SchemaChange, changes
from schema.errors import CompositionError, CompositionHint
from schema.subgraph import Subgraph
from schema.supergraph import FieldSource, Supergraph


def composed_with(
    own: Subgraph, members: Iterable[ConnectorVersion], candidate: Registration | None = None
) -> tuple[Subgraph, ...]:
    """The subgraphs of the graph as it would be with ``candidate`` in the place of its earlier version."""
    replaced = candidate.name if candidate else None
    kept = tuple(Subgraph(each.name, each.sdl, each.url) for each in members if each.name != replaced)
    added = (Subgraph(candidate.name, candidate.sdl or "", candidate.url),) if candidate else ()
    return (own, *kept, *added)


def check_registration(
    registration: Registration,
    own: Subgraph,
    members: tuple[ConnectorVersion, ...],
    addresses: AddressRule,
) -> ConnectorCheck:
    """Every error, hint and change. The SDL must be present."""
    problems = door_problems(registration, addresses)
    if problems:
        return ConnectorCheck(problems, (), ())
    mapping = mapping_problems(registration, addresses)
    composition = composed(composed_with(own, members, registration))
    before = composed(composed_with(own, members))
    hints = _of_candidate(composition.hints, before.hints, registration.name)
    if composition.supergraph is None:
        candidate = Subgraph(registration.name, registration.sdl or "")
        errors = told_by_name(composition.errors, own, candidate)
        return ConnectorCheck(_without_doubles((*mapping, *errors)), hints, ())
    identity = identity_problems(composition.supergraph, IDENTITIES)
    published = before.supergraph
    found = changes(published.api_schema if published else None, composition.supergraph.api_schema)
    return ConnectorCheck(
        _without_doubles((*mapping, *identity)),
        hints,
        (*found, *gather_changes(published, composition.supergraph)),
    )


def identity_problems(
    supergraph: Supergraph, identities: Mapping[str, tuple[str, ...]]
) -> tuple[CompositionError, ...]:
    """Subgraphs that show personal objects without saying whose they are (object checks need to know)."""
    found = []
    for type_name, fields in identities.items():
        for name, subgraph in supergraph.subgraphs.items():
            declared = subgraph.schema.type_map.get(type_name)
            if declared is not None and not any(field in getattr(declared, "fields", {}) for field in fields):
                wanted = " or ".join(f'"{field}"' for field in fields)
                message = f'Type "{type_name}" in "{name}" does not say whose it is. Add the field {wanted}.'
                found.append(CompositionError("IDENTITY_FIELD_MISSING", message, (name,)))
    return tuple(found)


def gather_changes(old: Supergraph | None, new: Supergraph) -> tuple[SchemaChange, ...]:
    """Who brings a part of a gathered list and did not before, or no longer does: no type tells that."""
    found = []
    for coordinate, sources in (old.sources if old else {}).items():
        before, after = _gatherers(sources), _gatherers(new.sources.get(coordinate, ()))
        if before and after:
            found += [
                SchemaChange(
                    "GATHERED_PART_ADDED", Criticality.SAFE, coordinate, f'"{name}" brings a part of {coordinate}.'
                )
                for name in sorted(after - before)
            ]
            found += [
                SchemaChange(
                    "GATHERED_PART_REMOVED",
                    Criticality.DANGEROUS,
                    coordinate,
                    f'"{name}" brings no part of {coordinate} any more.',
                )
                for name in sorted(before - after)
            ]
    return tuple(sorted(found, key=lambda change: (change.path, change.description)))


def _of_candidate(
    hints: Iterable[CompositionHint], before: Iterable[CompositionHint], name: str
) -> tuple[CompositionHint, ...]:
    """What it is part of, and what was not said before it came: what others disagree about is not its own."""
    known = frozenset(before)
    return tuple(hint for hint in hints if name in hint.subgraphs or hint not in known)


def _gatherers(sources: Iterable[FieldSource]) -> frozenset[str]:
    return frozenset(source.subgraph for source in sources if source.gather is not None)


def _without_doubles(errors: Iterable[CompositionError]) -> tuple[CompositionError, ...]:
    return tuple(sorted(set(errors)))

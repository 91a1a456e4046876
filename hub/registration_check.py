"""Everything that is said about a registration before anything is changed; pure but for nothing.

In this order: kind and address, the mapping of a REST department, composition with the live graph, the
identity fields that object checks need, and the comparison with the published API and its gathered lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from re import compile as regex

from auth.policy import IDENTITIES
from connectors.addresses import AddressRefused, AddressRule
from connectors.routing import check_department
from hub.composing import composed
from hub.registration import KINDS, ConnectorCheck, ConnectorVersion, Registration
from schema.changes import Criticality, SchemaChange, changes
from schema.errors import CompositionError
from schema.mapping import check_connectors, is_overlay
from schema.overlay import check_overlay
from schema.subgraph import Subgraph
from schema.supergraph import FieldSource, Supergraph

OWN_NAME = "hub"
_NAME = regex(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


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
    *,
    allow_private_addresses: bool,
) -> ConnectorCheck:
    """Every error, hint and change. The SDL must be present."""
    problems = _door_problems(registration, allow_private_addresses)
    if problems:
        return ConnectorCheck(problems, (), ())
    mapping = (
        check_connectors(registration.name, registration.sdl or "", may_be_sql=registration.kind == "queue")
        if _is_mapped(registration)
        else ()
    )
    if is_overlay(registration.sdl or ""):
        mapping = (*mapping, *check_overlay(registration.name, registration.sdl or ""))
    composition = composed(composed_with(own, members, registration))
    if composition.supergraph is None:
        return ConnectorCheck(_without_doubles((*mapping, *composition.errors)), composition.hints, ())
    identity = identity_problems(composition.supergraph, IDENTITIES)
    published = composed(composed_with(own, members)).supergraph
    found = changes(published.api_schema if published else None, composition.supergraph.api_schema)
    return ConnectorCheck(
        _without_doubles((*mapping, *identity)),
        composition.hints,
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


def _gatherers(sources: Iterable[FieldSource]) -> frozenset[str]:
    return frozenset(source.subgraph for source in sources if source.gather is not None)


def _door_problems(registration: Registration, allow_private: bool) -> tuple[CompositionError, ...]:
    name = registration.name
    if name == OWN_NAME:
        return (CompositionError("INVALID_SUBGRAPH_NAME", 'The name "hub" is the hub\'s own.', (name,)),)
    if not _NAME.fullmatch(name):
        message = f'"{name}" is no name for a connector. Use letters, digits, "_" and "-", a letter first.'
        return (CompositionError("INVALID_SUBGRAPH_NAME", message, (name,)),)
    try:
        check_department(registration.department)
    except ValueError as refusal:
        return (CompositionError("INVALID_DEPARTMENT_NAME", str(refusal), (name,)),)
    if registration.kind not in KINDS:
        kinds = ", ".join(KINDS)
        message = f'Connector kind "{registration.kind}" is unknown. Known kinds: {kinds}.'
        return (CompositionError("UNKNOWN_CONNECTOR_KIND", message, (name,)),)
    if registration.kind == "queue":
        return ()
    if not registration.url:
        message = f'A connector of kind "{registration.kind}" needs an address. Pass --url.'
        return (CompositionError("CONNECTOR_ADDRESS_MISSING", message, (name,)),)
    try:
        AddressRule(allow_private).check_url(registration.url)
    except AddressRefused as refusal:
        return (CompositionError("CONNECTOR_ADDRESS_REFUSED", str(refusal), (name,)),)
    return ()


def _is_mapped(registration: Registration) -> bool:
    return registration.kind == "rest" or "specs.apollo.dev/connect/" in (registration.sdl or "")


def _without_doubles(errors: Iterable[CompositionError]) -> tuple[CompositionError, ...]:
    return tuple(sorted(set(errors)))

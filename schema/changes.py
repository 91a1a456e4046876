"""What a new version of the API changes for those who use it: breaking, dangerous or safe.

Compared are two API schemas, so nothing ``@inaccessible`` counts. Which recorded operations a change hits is told
by :mod:`schema.affected`. Source: graphql-core's ``find_schema_changes``, after GraphQL's specification of type
compatibility.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from graphql import (
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
    specified_scalar_types,
)
from graphql.utilities import (
    BreakingChange,
    BreakingChangeType,
    DangerousChange,
    SafeChange,
    SafeChangeType,
    find_schema_changes,
)


class Criticality(StrEnum):
    """BREAKING: some operation fails. DANGEROUS: none fails, some client may be surprised. SAFE: neither."""

    BREAKING = "BREAKING"
    DANGEROUS = "DANGEROUS"
    SAFE = "SAFE"


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One difference. ``path`` is a schema coordinate: "Type.field(argument:)", "Type" or "@directive"."""

    kind: str
    criticality: Criticality
    path: str
    description: str

    def __str__(self) -> str:
        return f"{self.criticality} {self.path}: {self.description}"


def changes(old: GraphQLSchema | None, new: GraphQLSchema) -> tuple[SchemaChange, ...]:
    """Every change, breaking ones first, then by path. Without an old schema every type is new."""
    found = _compare(old, new) if old is not None else _all_new(new)
    return tuple(sorted(found, key=_order))


def _compare(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[SchemaChange]:
    for each in find_schema_changes(old, new):
        if not _is_unused_scalar(each):
            path = _path(each.description)
            yield SchemaChange(each.type.name, _criticality(each), path, each.description)


def _all_new(new: GraphQLSchema) -> Iterator[SchemaChange]:
    for name, type_ in new.type_map.items():
        if not is_introspection_type(type_) and not is_specified_scalar_type(type_):
            yield SchemaChange(SafeChangeType.TYPE_ADDED.name, Criticality.SAFE, name, f"{name} was added.")


def _is_unused_scalar(change: BreakingChange | DangerousChange | SafeChange) -> bool:
    """A built-in scalar comes and goes with its first and last use: told by those uses already."""
    is_type = change.type in (BreakingChangeType.TYPE_REMOVED, SafeChangeType.TYPE_ADDED)
    name = change.description.removeprefix("Standard scalar ").split(" ", 1)[0]
    return is_type and name in specified_scalar_types


def _criticality(change: BreakingChange | DangerousChange | SafeChange) -> Criticality:
    if isinstance(change, BreakingChange):
        return Criticality.BREAKING
    return Criticality.DANGEROUS if isinstance(change, DangerousChange) else Criticality.SAFE


_OWNER_LAST = re.compile(r"(?:union type|implemented by|(?:was|removed|added) (?:from|to)) (@?\w+)\.$")
_COORDINATE = re.compile(r"@\w+(?:\(\w+:\))?|\b\w+\.\w+(?:\(\w+:\))?")


def _path(description: str) -> str:
    """The coordinate that graphql-core's sentence speaks of."""
    owner = _OWNER_LAST.search(description)
    if owner:
        return owner[1]
    named = _COORDINATE.search(description.partition(" has changed to ")[0])
    if named:
        return named[0]
    return description.removeprefix("Description of ").split(" ", 1)[0]


def _order(change: SchemaChange) -> tuple[int, str, str, str]:
    return list(Criticality).index(change.criticality), change.path, change.kind, change.description

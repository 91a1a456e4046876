"""Which recorded operations a new version breaks, by which change, and for whom.

A document is validated for real against the new schema. What validation cannot see is decided by what the
operation used: a field that gives another type, an enum value or an input field that came in a variable. A value
that is only ever answered breaks nobody when it goes. Of an operation whose document was not kept only its
coordinates are looked at. Pure. Source: docs/departments.md, "Against real use".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graphql import GraphQLInputObjectType, GraphQLSchema, is_non_null_type, parse, validate

from schema.changes import Criticality, SchemaChange

MOST_REASONS = 10
MOST_VALIDATED = 1_000
"""Documents that are validated for one check, the most used first; some milliseconds each."""
_SEEN_BY_USE = frozenset(
    {"FIELD_REMOVED", "FIELD_CHANGED_KIND", "VALUE_REMOVED_FROM_ENUM", "ARG_REMOVED", "TYPE_REMOVED"}
    | {"TYPE_CHANGED_KIND", "DIRECTIVE_REMOVED", "DIRECTIVE_ARG_REMOVED"}
)
_OF_WHOLE_TYPES = frozenset({"TYPE_REMOVED_FROM_UNION", "IMPLEMENTED_INTERFACE_REMOVED"})


@dataclass(frozen=True, slots=True)
class ClientUse:
    """One client that sent an operation. ``version`` is empty where it names none."""

    name: str
    version: str
    count: int
    last_seen: datetime

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


@dataclass(frozen=True, slots=True)
class RecordedOperation:
    """An operation as it was recorded, summed over the days that are looked at; see :mod:`schema.usage`.

    ``document`` is empty for one that was too long, and for the sum of those that were too many.
    """

    hash: str
    name: str
    kind: str
    document: str
    coordinates: frozenset[str]
    clients: tuple[ClientUse, ...]
    first_seen: datetime
    has_values: bool = False

    @property
    def count(self) -> int:
        return sum(client.count for client in self.clients)

    @property
    def last_seen(self) -> datetime:
        return max((client.last_seen for client in self.clients), default=self.first_seen)

    @property
    def title(self) -> str:
        """Its name, or how it begins."""
        return self.name or " ".join(self.document.split())[:60] or "(not kept)"


@dataclass(frozen=True, slots=True)
class Reason:
    """``path`` is the coordinate of the change, empty where validation alone tells what is wrong."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class AffectedOperation:
    """An operation that works today and would not any more."""

    operation: RecordedOperation
    because: tuple[Reason, ...]


def affected(
    old: GraphQLSchema,
    new: GraphQLSchema,
    found: Sequence[SchemaChange],
    recorded: Iterable[RecordedOperation],
) -> tuple[AffectedOperation, ...]:
    """Those that break, most used first. ``found`` are the changes from ``old`` to ``new``."""
    breaking = [change for change in found if change.criticality is Criticality.BREAKING]
    if not breaking:
        return ()
    comparison = _Comparison(old, new, breaking)
    ordered = sorted(recorded, key=lambda each: (-each.count, each.hash))
    return tuple(AffectedOperation(each, because) for each in ordered if (because := comparison.reasons(each)))


def weighed(
    found: Sequence[SchemaChange], hit: Iterable[AffectedOperation], days: int
) -> tuple[SchemaChange, ...]:
    """The changes, where those that break nobody who was recorded are no more than dangerous."""
    touched = {reason.path for each in hit for reason in each.because}
    if "" in touched:  # something breaks that no one change explains: none may be taken lightly
        return tuple(found)
    told = [_downgraded(change, days) if change.path not in touched else change for change in found]
    return tuple(sorted(told, key=lambda change: list(Criticality).index(change.criticality)))


def _downgraded(change: SchemaChange, days: int) -> SchemaChange:
    if change.criticality is not Criticality.BREAKING:
        return change
    text = f"{change.description} No operation of the last {days} days uses it."
    return replace(change, criticality=Criticality.DANGEROUS, description=text)


class _Comparison:
    def __init__(self, old: GraphQLSchema, new: GraphQLSchema, breaking: Sequence[SchemaChange]) -> None:
        self._old = old
        self._new = new
        self._breaking = breaking
        self._owners = {_owner(change.path) for change in breaking}
        self._left = MOST_VALIDATED
        self._is_wide = any(change.kind in _OF_WHOLE_TYPES for change in breaking)

    def reasons(self, operation: RecordedOperation) -> tuple[Reason, ...]:
        if not self._is_near(operation):
            return ()
        touched = [Reason(change.path, change.description) for change in self._touched(operation.coordinates)]
        if not touched and operation.document and self._left:
            self._left -= 1
            if told := self._refusals(operation.document):
                touched = self._explained(operation.coordinates, told)
        return tuple(dict.fromkeys(touched))[:MOST_REASONS]

    def _is_near(self, operation: RecordedOperation) -> bool:
        """Whether anything that changes is in what the operation uses: most operations are not validated."""
        return self._is_wide or any(_owner(each) in self._owners for each in operation.coordinates)

    def _touched(self, used: frozenset[str]) -> Iterator[SchemaChange]:
        for change in self._breaking:
            if self._uses(used, change):
                yield change

    def _uses(self, used: frozenset[str], change: SchemaChange) -> bool:
        if change.kind == "REQUIRED_ARG_ADDED":
            return change.path.partition("(")[0] in used
        if change.kind == "REQUIRED_INPUT_FIELD_ADDED":
            return _owner(change.path) in used
        if change.kind not in _SEEN_BY_USE:
            return False
        return change.path in used or (change.kind == "FIELD_CHANGED_KIND" and self._is_demanded(used, change))

    def _is_demanded(self, used: frozenset[str], change: SchemaChange) -> bool:
        """An input field that must be given from now on, of an input that somebody sends."""
        owner, _, name = change.path.partition(".")
        declared = self._new.type_map.get(owner)
        if owner not in used or not isinstance(declared, GraphQLInputObjectType):
            return False
        return name in declared.fields and is_non_null_type(declared.fields[name].type)

    def _refusals(self, document: str) -> list[str]:
        parsed = parse(document)
        errors = validate(self._new, parsed)
        return [error.message for error in errors] if errors and not validate(self._old, parsed) else []

    def _explained(self, used: frozenset[str], told: Sequence[str]) -> list[Reason]:
        """What validation says, each under a change at the same type where there is one."""
        owners = {_owner(each) for each in used}
        near = [change for change in self._breaking if change.path in used or _owner(change.path) in owners]
        if not near:
            return [Reason("", message) for message in told]
        return [Reason(change.path, f"{change.description} {told[0]}") for change in near]


def _owner(path: str) -> str:
    return path.partition("(")[0].partition(".")[0]


def operations_using(path: str, recorded: Iterable[RecordedOperation]) -> int:
    """How many recorded operations use this coordinate."""
    return sum(path in operation.coordinates for operation in recorded)

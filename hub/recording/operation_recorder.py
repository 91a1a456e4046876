"""Counts the operations that this process answers, in memory, a few additions for each request.

What an operation uses is found out later, off the event loop, once for as long as the gateway knows the operation.
Bounded: so many operations and clients between two looks and so many a day; the rest is counted together.
Source: docs/departments.md, "Against real use".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from weakref import WeakKeyDictionary

import structlog

from hub.execution import Operation
from hub.gateway.observer import AnsweredOperation
from hub.recording.durations import bucket_of
from schema.usage import InputTypes, OperationUsage, usage_of, values_used, variable_types

MOST_AT_ONCE = 5_000
MOST_OPERATIONS = 2_000
MOST_CLIENTS = 200
LONGEST_NAME = 80
OTHERS = "others"
"""The hash of the operations beyond those that are told apart, and the name of such clients."""
ANONYMOUS = "anonymous"
log = structlog.get_logger(__name__)


class _Counts:
    """One operation as one client sends it, since the last look."""

    __slots__ = ("client", "count", "durations", "errors", "operation", "types", "values", "version")

    def __init__(self, operation: Operation, client: str, version: str) -> None:
        self.operation = operation
        self.client = client
        self.version = version
        self.types: InputTypes = variable_types(operation.schema, operation.node)
        self.count = 0
        self.errors = 0
        self.durations: dict[int, int] = {}
        self.values: set[str] = set()


@dataclass(slots=True)
class Use:
    """How often, and how often with errors in the answer."""

    count: int = 0
    errors: int = 0


@dataclass(slots=True)
class Recorded:
    """What one process adds to a day. ``values`` are coordinates that came in variables, by operation."""

    day: date
    at: datetime
    operations: dict[str, OperationUsage] = field(default_factory=dict)
    uses: dict[tuple[str, str, str], Use] = field(default_factory=dict)
    durations: dict[tuple[str, int], int] = field(default_factory=dict)
    values: set[tuple[str, str]] = field(default_factory=set)


class OperationRecorder:
    """The :class:`hub.gateway.observer.Observer` of a hub process."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, tuple[str, str], str], _Counts] = {}
        self._usages: WeakKeyDictionary[Operation, OperationUsage] = WeakKeyDictionary()
        self._day: date | None = None
        self._operations_of_day: set[str] = set()
        self._clients_of_day: set[tuple[str, str]] = set()
        self._left_out = 0

    def answered(self, operation: AnsweredOperation) -> None:
        checked, request, actor, variables, seconds, answer = operation
        key = (id(checked.operation), request.client, actor.client_id if actor is not None else ANONYMOUS)
        counts = self._counts.get(key)
        if counts is None:
            if len(self._counts) >= MOST_AT_ONCE:
                self._left_out += 1
                return
            named, version = request.client
            counts = _Counts(checked.operation, _told(named) or key[2], _told(version))
            self._counts[key] = counts
        counts.count += 1
        counts.errors += answer is not None and bool(answer.errors)
        if seconds is not None:
            bucket = bucket_of(seconds)
            counts.durations[bucket] = counts.durations.get(bucket, 0) + 1
        if counts.types:
            try:
                counts.values.update(values_used(counts.types, variables.sent))
            except Exception:  # whatever a client sent there: a count is not worth its answer
                log.exception("the values of an operation could not be noted", operation=checked.operation.name)

    def take(self) -> _Taken:
        """Everything since the last time, to be summed up wherever there is time."""
        taken, self._counts = tuple(self._counts.values()), {}
        if self._left_out:
            log.warning("operations were left out of the record", requests=self._left_out)
            self._left_out = 0
        return taken

    def summed(self, taken: _Taken, now: datetime) -> Recorded:
        """What ``taken`` adds to the day. New operations take time; safe in a thread, one at a time."""
        recorded = Recorded(now.date(), now)
        if recorded.day != self._day:
            self._day = recorded.day
            self._operations_of_day.clear()
            self._clients_of_day.clear()
        for counts in taken:
            self._add(recorded, counts)
        return recorded

    def _add(self, recorded: Recorded, counts: _Counts) -> None:
        usage = self._usage(counts.operation)
        hash_ = self._place(usage)
        client = self._client(counts.client, counts.version)
        if hash_ == OTHERS:
            recorded.values.update((OTHERS, each) for each in usage.coordinates)
            usage = OperationUsage(OTHERS, "", "query", "", frozenset(), has_values=True)
        recorded.operations.setdefault(hash_, usage)
        use = recorded.uses.setdefault((hash_, *client), Use())
        use.count += counts.count
        use.errors += counts.errors
        for bucket, count in counts.durations.items():
            recorded.durations[hash_, bucket] = recorded.durations.get((hash_, bucket), 0) + count
        recorded.values.update((hash_, each) for each in counts.values)

    def _usage(self, operation: Operation) -> OperationUsage:
        usage = self._usages.get(operation)
        if usage is None:
            usage = usage_of(operation.schema, operation.document, operation.node)
            self._usages[operation] = usage
        return usage

    def _place(self, usage: OperationUsage) -> str:
        if usage.hash in self._operations_of_day:
            return usage.hash
        if len(self._operations_of_day) >= MOST_OPERATIONS:
            return OTHERS
        self._operations_of_day.add(usage.hash)
        return usage.hash

    def _client(self, name: str, version: str) -> tuple[str, str]:
        if (name, version) not in self._clients_of_day and len(self._clients_of_day) >= MOST_CLIENTS:
            return OTHERS, ""
        self._clients_of_day.add((name, version))
        return name, version


_Taken = Iterable[_Counts]


def _told(name: str) -> str:
    """What a client says of itself, as far as it can be shown."""
    return "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME].strip()

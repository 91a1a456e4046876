"""A circuit for each kind of failure: one that opens gives the department a rest, and says why.

Each kind counts its failures in a row; only a success begins them all anew. While any is open, one request in each
interval goes through as a trial, and its success closes them all: a department that is back serves again at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from connectors.clock import Clock
from connectors.connector import ConnectorFailure
from schema.errors import RuntimeCode


class FailureKind(StrEnum):
    """What speaks against a department as a whole."""

    UNREACHABLE = "UNREACHABLE"
    TIMEOUT = "TIMEOUT"
    BAD_STATUS = "BAD_STATUS"
    MALFORMED_ANSWER = "MALFORMED_ANSWER"


_KINDS = {
    RuntimeCode.DEPARTMENT_UNREACHABLE: FailureKind.UNREACHABLE,
    RuntimeCode.DEPARTMENT_TIMEOUT: FailureKind.TIMEOUT,
    RuntimeCode.DEPARTMENT_BAD_STATUS: FailureKind.BAD_STATUS,
    RuntimeCode.DEPARTMENT_MALFORMED_ANSWER: FailureKind.MALFORMED_ANSWER,
}
_SAID = {
    FailureKind.UNREACHABLE: "could not be reached",
    FailureKind.TIMEOUT: "did not answer in time",
    FailureKind.BAD_STATUS: "answered with an HTTP error status",
    FailureKind.MALFORMED_ANSWER: "answered what its protocol does not allow",
}
BREAKING = frozenset(_KINDS)
"""Failures that speak against the department as a whole. An agent offline fails at once by itself."""


@dataclass(frozen=True, slots=True)
class CircuitState:
    """One kind's circuit: ``half-open`` while a trial is under way; open ``since`` then."""

    kind: FailureKind
    state: Literal["closed", "open", "half-open"]
    failures: int
    since: datetime | None = None


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    opened_at: datetime | None = None


class Breaker:
    """The circuits of one connector."""

    def __init__(self, clock: Clock, failures_to_open: int, trial_interval: timedelta) -> None:
        self._failures_to_open = failures_to_open
        self._trial_interval = trial_interval
        self._clock = clock
        self._circuits = {kind: _Circuit() for kind in FailureKind}
        self._is_counting = False
        self._last_trial: datetime | None = None
        self._is_trying = False

    @property
    def is_open(self) -> bool:
        return self._is_counting and any(c.failures >= self._failures_to_open for c in self._circuits.values())

    @property
    def circuits(self) -> tuple[CircuitState, ...]:
        return tuple(self._state(kind, circuit) for kind, circuit in self._circuits.items())

    def check(self) -> None:
        """Raises CIRCUIT_OPEN where a request would not be let through now."""
        if self.is_open and self._is_resting(self._clock.now()):
            raise self._refusal()

    def admit(self) -> None:
        """Let a request through, or raise CIRCUIT_OPEN. While open, one in each interval is a trial."""
        if not self.is_open:
            return
        now = self._clock.now()
        if self._is_resting(now):
            raise self._refusal()
        self._last_trial, self._is_trying = now, True

    def note_success(self) -> None:
        """Close all circuits."""
        if self._is_counting:
            self._circuits = {kind: _Circuit() for kind in FailureKind}
            self._is_counting = self._is_trying = False

    def note_failure(self, code: RuntimeCode) -> None:
        """Count a failure, if it is of a kind that speaks against the department."""
        kind = _KINDS.get(code)
        if kind is None:
            return
        circuit = self._circuits[kind]
        circuit.failures += 1
        self._is_counting, self._is_trying = True, False
        self._open(circuit)

    def set(self, failures_to_open: int, trial_interval: timedelta) -> None:
        """Go by other numbers from now on; what was counted stays."""
        self._failures_to_open, self._trial_interval = failures_to_open, trial_interval
        for circuit in self._circuits.values():
            self._open(circuit)

    def _open(self, circuit: _Circuit) -> None:
        if circuit.failures < self._failures_to_open:
            circuit.opened_at = None
        elif circuit.opened_at is None:
            circuit.opened_at = self._last_trial = self._clock.now()

    def _is_resting(self, now: datetime) -> bool:
        return self._last_trial is not None and now - self._last_trial < self._trial_interval

    def _state(self, kind: FailureKind, circuit: _Circuit) -> CircuitState:
        if circuit.failures < self._failures_to_open:
            return CircuitState(kind, "closed", circuit.failures)
        return CircuitState(kind, "half-open" if self._is_trying else "open", circuit.failures, circuit.opened_at)

    def _refusal(self) -> ConnectorFailure:
        kind, failures = max(
            ((kind, circuit.failures) for kind, circuit in self._circuits.items()), key=lambda each: each[1]
        )
        message = f"The department's system {_SAID[kind]} {failures} times in a row; the hub is giving it a rest."
        return ConnectorFailure(RuntimeCode.CIRCUIT_OPEN, message, f"circuit {kind}", never_sent=True)

"""What a check says, and what all of them say together: values that print themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a check ended. What does not apply counts neither for nor against."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``about`` is the type or field that was looked at, if it was one; ``mend`` stands beside a failure."""

    check: str
    outcome: Outcome
    reason: str
    mend: str = ""
    about: str = ""
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.check} {self.about}".strip()

    def as_json(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "about": self.about or None,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "mend": self.mend or None,
            "milliseconds": round(self.seconds * 1000),
        }


@dataclass(frozen=True, slots=True)
class Latency:
    """Of reads under load, in milliseconds."""

    requests: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Report:
    """All results, in the order of the kit."""

    connector: str
    kind: str
    results: tuple[CheckResult, ...]
    latency: Latency | None = None

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.results)

    @property
    def score(self) -> int:
        """0 to 100: how many of the checks that apply passed; 100 only when all did."""
        passed, failed = self.count(Outcome.PASSED), self.count(Outcome.FAILED)
        return 100 * passed // (passed + failed) if passed + failed else 0

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        return tuple(result for result in self.results if result.outcome is Outcome.FAILED)

    def as_json(self) -> dict[str, Any]:
        return {
            "connector": self.connector,
            "kind": self.kind,
            "score": self.score,
            "counts": {str(outcome): self.count(outcome) for outcome in Outcome},
            "latency": _latency_json(self.latency),
            "checks": [result.as_json() for result in self.results],
        }

    def __str__(self) -> str:
        width = max((len(result.name) for result in self.results), default=0)
        lines = [line for result in self.results for line in _lines(result, width)]
        counts = ", ".join(f"{self.count(outcome)} {outcome}" for outcome in Outcome)
        speed = f"; {self.latency.p50:.1f} ms p50, {self.latency.p95:.1f} ms p95" if self.latency else ""
        return "\n".join([*lines, "", f"{self.connector} ({self.kind}): score {self.score}; {counts}{speed}"])


def passed(check: str, reason: str, about: str = "") -> CheckResult:
    return CheckResult(check, Outcome.PASSED, reason, about=about)


def failed(check: str, reason: str, mend: str, about: str = "") -> CheckResult:
    return CheckResult(check, Outcome.FAILED, reason, mend, about)


def not_applicable(check: str, reason: str, about: str = "") -> CheckResult:
    return CheckResult(check, Outcome.NOT_APPLICABLE, reason, about=about)


def _lines(result: CheckResult, width: int) -> list[str]:
    lines = [f"{result.outcome:14}  {result.name:{width}}  {result.reason}"]
    return [*lines, f"{'':14}  {'':{width}}  mend: {result.mend}"] if result.mend else lines


def _latency_json(latency: Latency | None) -> Mapping[str, float] | None:
    if latency is None:
        return None
    return {"requests": latency.requests, "p50": round(latency.p50, 1), "p95": round(latency.p95, 1)}

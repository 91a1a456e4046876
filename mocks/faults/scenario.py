"""A scenario: faults that come and go by themselves, written in YAML, TOML or JSON.

repeat: true
steps:
  - seconds: 10
  - seconds: 5
    fault: {status: 503, rate: 0.3}
  - requests: 20
    fault: {delayMs: {distribution: pareto, scale: 20, shape: 1.5}}
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mocks.faults.fault import NOTHING, Fault, read_fault
from mocks.refusal import Refused
from mocks.structured import UnreadableFile, read_structured


@dataclass(frozen=True, slots=True)
class Step:
    """A fault for some seconds, for some requests, or for ever."""

    fault: Fault = NOTHING
    seconds: float | None = None
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    steps: tuple[Step, ...]
    repeat: bool = False


def read_scenario(path: Path) -> Scenario:
    """Raises :class:`UnreadableFile`, which names the step."""
    body = read_structured(path)
    steps = body.get("steps") if isinstance(body, dict) else None
    if not isinstance(steps, list) or not steps:
        raise UnreadableFile(f'{path}: a scenario has "steps", a list, and may "repeat".')
    unknown = sorted(set(body) - {"steps", "repeat"})
    if unknown or not isinstance(body.get("repeat", False), bool):
        raise UnreadableFile(f'{path}: beside "steps" there is only "repeat: true".')
    read = tuple(_step(path, number, step) for number, step in enumerate(steps, 1))
    for number, step in enumerate(read[:-1], 1):
        if step.seconds is None and step.requests is None:
            raise UnreadableFile(f"{path}: step {number} never ends. Give it seconds or requests.")
    return Scenario(read, body.get("repeat", False))


def _step(path: Path, number: int, step: Any) -> Step:
    where = f"{path}: step {number}"
    if not isinstance(step, dict) or set(step) - {"fault", "seconds", "requests"}:
        raise UnreadableFile(f"{where} has fault, seconds and requests, nothing else.")
    seconds, requests = step.get("seconds"), step.get("requests")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0):
        raise UnreadableFile(f"{where}: seconds is a number of more than 0.")
    if requests is not None and (isinstance(requests, bool) or not isinstance(requests, int) or requests < 1):
        raise UnreadableFile(f"{where}: requests is a whole number from 1.")
    if seconds is not None and requests is not None:
        raise UnreadableFile(f"{where} lasts for seconds or for requests, not for both.")
    try:
        return Step(read_fault(step.get("fault", {})), seconds, requests)
    except Refused as refused:
        raise UnreadableFile(f"{where}: {refused.message}") from refused

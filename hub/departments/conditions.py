"""What can be wrong with a connector, and for how long it has been; values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConditionKind(StrEnum):
    """``circuit-open``: it fails again and again. ``drift``: it serves another schema than it registered.
    ``wrong-types``: too many of its answers are not what its schema says."""

    CIRCUIT_OPEN = "circuit-open"
    DRIFT = "drift"
    WRONG_TYPES = "wrong-types"


@dataclass(frozen=True, slots=True)
class Condition:
    """``detail`` is for the department and for operators."""

    name: str
    kind: ConditionKind
    since: datetime
    detail: str


Observed = Mapping[tuple[str, ConditionKind], str]
"""What is wrong now, by connector and kind, with the detail."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one look found. ``looked_at`` are the connectors and kinds of which it can say that all is well."""

    wrong: Observed
    looked_at: frozenset[tuple[str, ConditionKind]]

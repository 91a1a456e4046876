"""What an operator sees of a connector: how it fares, as this process sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connectors.resilience.breaker import CircuitState
from connectors.resilience.bulkhead import BulkheadState
from connectors.resilience.settings import ResilienceSettings
from schema.errors import RuntimeCode


@dataclass(frozen=True, slots=True)
class ConnectorState:
    """Latency is the median of the last answers, in milliseconds. ``stale_served`` is how many answers of earlier
    stood in for failed ones."""

    circuit: Literal["closed", "open"]
    circuits: tuple[CircuitState, ...]
    bulkhead: BulkheadState
    settings: ResilienceSettings
    retries_left: int
    last_error: str | None = None
    last_error_code: RuntimeCode | None = None
    last_error_at: datetime | None = None
    last_success_at: datetime | None = None
    median_milliseconds: float | None = None
    stale_served: int = 0

    @property
    def in_flight(self) -> int:
        return self.bulkhead.in_flight

"""Keep a misbehaving department's trouble to itself: wraps any connector.

One concept a file: the deadline, the budget of retries, the circuits of the breaker, the bulkhead, the hedge, and
what of it an operator sees and sets. ``wrapper`` puts them together.
"""

from connectors.resilience.breaker import BREAKING, CircuitState, FailureKind
from connectors.resilience.bulkhead import BulkheadState
from connectors.resilience.settings import InvalidResilience, ResilienceSettings
from connectors.resilience.state import ConnectorState
from connectors.resilience.wrapper import Resilient

__all__ = [
    "BREAKING",
    "BulkheadState",
    "CircuitState",
    "ConnectorState",
    "FailureKind",
    "InvalidResilience",
    "ResilienceSettings",
    "Resilient",
]

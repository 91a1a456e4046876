"""GraphQL types of how the hub treats a connector: what is set, and how it fares at this hub process."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

import strawberry

from connectors.resilience import BulkheadState, CircuitState
from hub.departments.connector_settings import SettingsOfConnector


def _described(description: str) -> Any:
    return strawberry.field(description=description)


@strawberry.type(description="How the hub treats a connector, and who set it last.")
class ConnectorResilience:
    deadline_ms: int = _described("Deadline of one request, retries included.")
    concurrency: int = _described("Requests in hand at once.")
    queue_length: int = _described("Requests that may wait for one of them to end.")
    queue_wait_ms: int = _described("How long each of them may wait.")
    retries: int = _described("How often a read that was not taken is sent again.")
    retry_delay_ms: int = _described("The first pause before that; it doubles.")
    retry_percent: int = _described("Retries in a hundred requests, at most.")
    failures_to_open: int = _described("Failures of one kind in a row that open a circuit.")
    trial_interval_ms: int = _described("While a circuit is open, one request in so long is let through.")
    stale_if_error_s: int = _described("How long past its maxAge an answer stands in for a failed one.")
    subscriptions_go_on_s: int = _described("How long a subscription that lost its department is tried again.")
    hedge: bool = _described("Whether slow reads are asked a second time.")
    changed: list[str] = _described("The settings that are not the default.")
    reason: str | None = _described("Why it was changed last.")
    changed_at: datetime | None = _described("When that was.")
    changed_by: str | None = _described("By whom.")

    @classmethod
    def of(cls, told: SettingsOfConnector) -> Self:
        values: dict[str, Any] = told.settings.values()
        return cls(
            **values,
            changed=sorted(told.changed),
            reason=told.reason,
            changed_at=told.changed_at,
            changed_by=told.changed_by,
        )


@strawberry.type(description="The circuit of one kind of failure, at this hub process.")
class ConnectorCircuit:
    kind: str = _described("UNREACHABLE, TIMEOUT, BAD_STATUS or MALFORMED_ANSWER.")
    state: str = _described("closed, open, or half-open while a trial is under way.")
    failures: int = _described("Failures of this kind in a row.")
    since: datetime | None = _described("Since when it is open.")

    @classmethod
    def of(cls, circuit: CircuitState) -> Self:
        return cls(kind=circuit.kind.value, state=circuit.state, failures=circuit.failures, since=circuit.since)


@strawberry.type(description="The bound on requests in hand, at this hub process.")
class ConnectorBulkhead:
    concurrency: int = _described("Requests that may be in hand at once.")
    in_flight: int = _described("Requests in hand now.")
    queue_length: int = _described("Requests that may wait.")
    waiting: int = _described("Requests that wait now.")
    refused: int = _described("Requests that were told DEPARTMENT_BUSY since the process began.")

    @classmethod
    def of(cls, state: BulkheadState) -> Self:
        return cls(
            concurrency=state.concurrency,
            in_flight=state.in_flight,
            queue_length=state.queue_length,
            waiting=state.waiting,
            refused=state.refused,
        )


def _wish(description: str) -> Any:
    return strawberry.field(default=strawberry.UNSET, description=description)


@strawberry.input(description="Settings to change; what is absent stays, null goes back to the default.")
class ConnectorResilienceInput:
    deadline_ms: int | None = _wish("50 to 60000.")
    concurrency: int | None = _wish("1 to 10000.")
    queue_length: int | None = _wish("0 to 10000.")
    queue_wait_ms: int | None = _wish("0 to 60000.")
    retries: int | None = _wish("0 to 5.")
    retry_delay_ms: int | None = _wish("1 to 5000.")
    retry_percent: int | None = _wish("0 to 100.")
    failures_to_open: int | None = _wish("1 to 1000000.")
    trial_interval_ms: int | None = _wish("50 to 600000.")
    stale_if_error_s: int | None = _wish("0 to 604800.")
    subscriptions_go_on_s: int | None = _wish("0 to 86400.")
    hedge: bool | None = _wish("Whether slow reads are asked a second time.")

    def values(self) -> dict[str, int | bool | None]:
        """What was given, by operators' names."""
        return {name: value for name, value in vars(self).items() if value is not strawberry.UNSET}

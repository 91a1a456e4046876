"""How each connector fares, minute by minute: requests, errors by code, durations; all hub processes together."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from connectors.clock import Clock
from connectors.connector import Connector, ConnectorFailure, FetchRequest, FetchResponse
from connectors.resilience import ResilienceSettings, Resilient
from hub.recording.durations import bucket_of, quantile
from hub.storage.insertion import add_up
from hub.tables.recorded import ConnectorDurationRow, ConnectorTrafficRow
from schema.cache_control import CacheRules
from schema.errors import RuntimeCode

KEPT = timedelta(hours=24)
WELL = ""
"""The code of a request that was answered without an error."""


@dataclass(slots=True)
class Traffic:
    """What one process adds: counts by (connector, code) and by (connector, bucket)."""

    requests: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    durations: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))


class TrafficRecorder:
    """Counts in memory, until somebody takes the counts."""

    def __init__(self) -> None:
        self._traffic = Traffic()

    def note(self, connector: str, code: str, seconds: float) -> None:
        self._traffic.requests[connector, code] += 1
        self._traffic.durations[connector, bucket_of(seconds)] += 1

    def take(self) -> Traffic:
        taken, self._traffic = self._traffic, Traffic()
        return taken


class CountedConnector(Resilient):
    """A connector whose requests are counted, with what its resilience did to them: one answered from another
    request under way counts, one that the breaker refused too."""

    def __init__(
        self,
        name: str,
        recorder: TrafficRecorder,
        connector: Connector,
        settings: ResilienceSettings,
        clock: Clock,
        rng: random.Random,
        rules: CacheRules | None = None,
    ) -> None:
        super().__init__(connector, settings, clock, rng, rules)
        self._name = name
        self._recorder = recorder

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        began = perf_counter()
        try:
            response = await super().fetch(request)
        except ConnectorFailure as failure:
            self._recorder.note(self._name, failure.code, perf_counter() - began)
            raise
        self._recorder.note(self._name, _code_of(response), perf_counter() - began)
        return response


def _code_of(response: FetchResponse) -> str:
    if response.failure is not None:
        return response.failure.code
    return RuntimeCode.DEPARTMENT_ERROR if response.errors else WELL


@dataclass(frozen=True, slots=True)
class TrafficMinute:
    """One minute of one connector. ``errors`` are counts by code."""

    at: datetime
    requests: int
    errors: Mapping[str, int]
    durations: Mapping[int, int]

    def milliseconds(self, share: float) -> float | None:
        """Within which ``share`` of the requests was answered."""
        return quantile(self.durations, share)


async def add(session: AsyncSession, traffic: Traffic, now: datetime) -> None:
    """What one process counted, added to this minute of all."""
    minute = _minute(now)
    requests = [
        {"connector": connector, "minute": minute, "code": str(code), "count": count}
        for (connector, code), count in traffic.requests.items()
    ]
    await add_up(session, ConnectorTrafficRow, requests, added=("count",))
    durations: list[dict[str, Any]] = [
        {"connector": connector, "minute": minute, "bucket": bucket, "count": count}
        for (connector, bucket), count in traffic.durations.items()
    ]
    await add_up(session, ConnectorDurationRow, durations, added=("count",))


async def traffic_of(
    session: AsyncSession, connector: str, now: datetime, minutes: int
) -> tuple[TrafficMinute, ...]:
    """The last ``minutes``, this one included; those without a request are left out. Oldest first."""
    since = _minute(now) - timedelta(minutes=minutes - 1)
    counted = select(ConnectorTrafficRow).where(
        col(ConnectorTrafficRow.connector) == connector, col(ConnectorTrafficRow.minute) >= since
    )
    timed = select(ConnectorDurationRow).where(
        col(ConnectorDurationRow.connector) == connector, col(ConnectorDurationRow.minute) >= since
    )
    durations: defaultdict[datetime, dict[int, int]] = defaultdict(dict)
    for row in (await session.exec(timed)).all():
        durations[row.minute][row.bucket] = row.count
    return _minutes((await session.exec(counted)).all(), durations)


def _minutes(
    rows: Sequence[ConnectorTrafficRow], durations: Mapping[datetime, Mapping[int, int]]
) -> tuple[TrafficMinute, ...]:
    codes: defaultdict[datetime, dict[str, int]] = defaultdict(dict)
    for row in rows:
        codes[row.minute][row.code] = row.count
    return tuple(
        TrafficMinute(
            minute,
            sum(counts.values()),
            {code: count for code, count in sorted(counts.items()) if code != WELL},
            durations.get(minute, {}),
        )
        for minute, counts in sorted(codes.items())
    )


async def forget(session: AsyncSession, now: datetime) -> None:
    """Delete what is older than a day. Harmless again and by several processes."""
    before = _minute(now) - KEPT
    await session.exec(delete(ConnectorTrafficRow).where(col(ConnectorTrafficRow.minute) < before))
    await session.exec(delete(ConnectorDurationRow).where(col(ConnectorDurationRow.minute) < before))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)

"""What the hub remembers of its use: operations with counts and clients, and the traffic of each connector.

Each process counts in memory and writes its counts every few seconds, one batch in one transaction. A database
that is away costs nobody anything: what could not be written is kept for a while and written later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connectors.clock import Clock
from hub.departments import connector_traffic
from hub.departments.connector_traffic import Traffic, TrafficMinute, TrafficRecorder
from hub.recording import recorded_store
from hub.recording.operation_recorder import OperationRecorder, Recorded
from hub.recording.recorded_store import OperationFigures
from hub.storage.database import Database
from schema.affected import RecordedOperation
from schema.supergraph import Supergraph

INTERVAL = timedelta(seconds=5)
FORGET_INTERVAL = timedelta(hours=1)
MOST_UNWRITTEN = 24
"""Batches that wait for a database: two minutes' worth."""
log = structlog.get_logger(__name__)


class RecordedOperations:
    """``days`` are how long operations are remembered; ``run`` it as long as the process serves."""

    def __init__(self, database: Database, clock: Clock, *, days: int) -> None:
        self._database = database
        self._clock = clock
        self.days = days
        self.recorder = OperationRecorder()
        self.traffic = TrafficRecorder()
        self._unwritten: list[tuple[Recorded, Traffic]] = []
        self._writing = asyncio.Lock()
        self._forgot_at: datetime | None = None

    async def run(self) -> None:
        """Write again and again; the loop outlives every failure."""
        while True:
            await asyncio.sleep(INTERVAL.total_seconds())
            try:
                await self.write()
                await self._forget_sometimes()
            except SQLAlchemyError as error:
                log.warning("what was recorded could not be written yet", reason=type(error).__name__)
            except Exception:  # the alternative is a silent stop
                log.exception("what was recorded could not be written")

    async def close(self) -> None:
        """Write what is left; what cannot be written now is lost."""
        try:
            await self.write()
        except SQLAlchemyError as error:
            log.warning("what was recorded last is lost", reason=type(error).__name__)

    async def write(self) -> None:
        """Write what was counted since the last time, and what could not be written then."""
        async with self._writing:
            now, taken = self._clock.now(), self.recorder.take()
            recorded = await asyncio.to_thread(self.recorder.summed, taken, now)
            traffic = self.traffic.take()
            if recorded.uses or traffic.requests:
                self._unwritten = [*self._unwritten, (recorded, traffic)][-MOST_UNWRITTEN:]
            while self._unwritten:
                operations, requests = self._unwritten[0]
                async with self._database.transaction() as session:
                    await recorded_store.add(session, operations)
                    await connector_traffic.add(session, requests, operations.at)
                del self._unwritten[0]

    async def figures(self, days: int | None = None) -> tuple[OperationFigures, ...]:
        """Every operation of the last ``days`` (UTC), today included; as long as is remembered if ``None``."""
        async with self._database.reading() as session:
            return await recorded_store.figures(session, self._since(days or self.days))

    async def recorded(self) -> tuple[RecordedOperation, ...]:
        """What checks compare a new version with: this process's own counts of this moment are in it."""
        await self.write()
        return tuple(each.recorded for each in await self.figures())

    async def traffic_of(self, connector: str, minutes: int) -> tuple[TrafficMinute, ...]:
        async with self._database.reading() as session:
            return await connector_traffic.traffic_of(session, connector, self._clock.now(), minutes)

    async def forget(self) -> None:
        """Delete what is too old. Harmless again and by several processes."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            await recorded_store.forget(session, self._since(self.days))
            await connector_traffic.forget(session, now)

    async def _forget_sometimes(self) -> None:
        now = self._clock.now()
        if self._forgot_at is None or now - self._forgot_at >= FORGET_INTERVAL:
            self._forgot_at = now
            await self.forget()

    def _since(self, days: int) -> date:
        return self._clock.now().date() - timedelta(days=days - 1)


def fields_of(supergraph: Supergraph, departments: Mapping[str, str], department: str) -> frozenset[str]:
    """Coordinates of the fields that a department's subgraphs bring: not those of a key that others have too."""
    own = {name for name, owner in departments.items() if owner == department}
    return frozenset(
        coordinate
        for coordinate, sources in supergraph.sources.items()
        if any(source.subgraph in own and not source.external for source in sources)
        and not (len(sources) > 1 and _is_key(supergraph, coordinate, own))
    )


def _is_key(supergraph: Supergraph, coordinate: str, subgraphs: Iterable[str]) -> bool:
    """Whether it is by this field that the subgraphs are asked for the object."""
    type_name, _, field_name = coordinate.partition(".")
    keys = (key for name in subgraphs for key in supergraph.keys_of(type_name, name))
    return any(getattr(each, "name", None) == field_name for key in keys for each in key.fields.selections)

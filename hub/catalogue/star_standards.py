"""The star standard of every item, from the catalogue in force and the cases of the last 365 days.

Judged once for each catalogue and kept for ten minutes, since public pages ask for all of them at once.
Source: docs/domain.md, "Stars".
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import col, select

from connectors.clock import Clock
from hub.storage.database import Database
from hub.storage.kept_value import KeptValue
from hub.tables.case import CaseRow
from schema.domain.catalogue import Catalogue
from schema.domain.service_item import ServiceItem
from schema.domain.star_standard import AT_HOME, StarStandard, Usage, star_standard

KEPT_FOR = timedelta(minutes=10)
LAST_YEAR = timedelta(days=365)


class StarStandards:
    """One for a process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._usage: KeptValue[dict[str, Usage]] = KeptValue(self._count, KEPT_FOR, clock)
        self._judged_by: tuple[Catalogue, dict[str, Usage]] | None = None
        self._judged: dict[tuple[str, int], StarStandard] = {}

    async def of(self, catalogue: Catalogue, item: ServiceItem) -> StarStandard:
        usage = await self._usage.get()
        if self._judged_by is None or self._judged_by[0] is not catalogue or self._judged_by[1] is not usage:
            self._judged_by, self._judged = (catalogue, usage), {}
        key = (item.code, item.version)
        if key not in self._judged:
            self._judged[key] = star_standard(catalogue, item, usage.get(item.code, Usage()))
        return self._judged[key]

    async def _count(self, _known: dict[str, Usage] | None) -> dict[str, Usage]:
        now = self._clock.now()
        statement = (
            select(col(CaseRow.item_code), col(CaseRow.channel), func.count())
            .where(col(CaseRow.submitted_at) >= now - LAST_YEAR)
            .group_by(col(CaseRow.item_code), col(CaseRow.channel))
        )
        found: dict[str, Usage] = {}
        async with self._database.reading() as session:
            for code, channel, number in (await session.exec(statement)).all():
                before = found.get(code, Usage())
                found[code] = Usage(before.cases + number, before.online + number * (channel in AT_HOME))
        return found

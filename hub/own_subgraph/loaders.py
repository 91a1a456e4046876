"""Read for a whole list what each of its members would read alone. One value per request branch."""

from __future__ import annotations

from strawberry.dataloader import DataLoader

from hub.own_subgraph.services import OwnServices
from schema.domain.case import CaseEvent
from schema.domain.fee import FeeOrder
from schema.domain.rating import Rating, RatingSummary


class Loaders:
    """Batched reads of what hangs on cases and items that the actor was allowed to read."""

    def __init__(self, services: OwnServices) -> None:
        self._services = services
        self.events: DataLoader[str, tuple[CaseEvent, ...]] = DataLoader(self._events)
        self.fees: DataLoader[str, tuple[FeeOrder, ...]] = DataLoader(self._fees)
        self.ratings: DataLoader[str, Rating | None] = DataLoader(self._ratings)
        self.summaries: DataLoader[str, RatingSummary] = DataLoader(self._summaries)

    async def _events(self, case_ids: list[str]) -> list[tuple[CaseEvent, ...]]:
        found = await self._services.cases.events_of(case_ids)
        return [found[case_id] for case_id in case_ids]

    async def _fees(self, case_ids: list[str]) -> list[tuple[FeeOrder, ...]]:
        found = await self._services.fees.orders_of_cases(case_ids)
        return [found[case_id] for case_id in case_ids]

    async def _ratings(self, case_ids: list[str]) -> list[Rating | None]:
        found = await self._services.ratings.ratings_of(case_ids)
        return [found.get(case_id) for case_id in case_ids]

    async def _summaries(self, item_codes: list[str]) -> list[RatingSummary]:
        found = await self._services.ratings.summaries(item_codes)
        return [found[code] for code in item_codes]

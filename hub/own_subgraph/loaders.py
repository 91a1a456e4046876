"""Read for a whole list what each of its members would read alone. One value per request branch."""

from __future__ import annotations

from strawberry.dataloader import DataLoader

from hub.cases.case_times import DueDates
from hub.cases.joint_cases import CaseKey, SubCaseView
from hub.notices.notice_proofs import Proof
from hub.own_subgraph.services import OwnServices
from schema.domain.case import CaseEvent
from schema.domain.fee import FeeOrder
from schema.domain.fee_receipt import FeeReceipt
from schema.domain.rating import Rating, RatingSummary
from schema.domain.refund import Refund


class Loaders:
    """Batched reads of what hangs on cases and items that the actor was allowed to read."""

    def __init__(self, services: OwnServices) -> None:
        self._services = services
        self.events: DataLoader[str, tuple[CaseEvent, ...]] = DataLoader(self._events)
        self.fees: DataLoader[str, tuple[FeeOrder, ...]] = DataLoader(self._fees)
        self.refunds: DataLoader[str, tuple[Refund, ...]] = DataLoader(self._refunds)
        self.receipts: DataLoader[str, tuple[FeeReceipt, ...]] = DataLoader(self._receipts)
        self.ratings: DataLoader[str, Rating | None] = DataLoader(self._ratings)
        self.sub_cases: DataLoader[CaseKey, tuple[SubCaseView, ...]] = DataLoader(self._sub_cases)
        self.due_dates: DataLoader[str, DueDates] = DataLoader(self._due_dates)
        self.notices: DataLoader[int, tuple[Proof, ...]] = DataLoader(self._notices)
        self.summaries: DataLoader[str, RatingSummary] = DataLoader(self._summaries)

    async def _events(self, case_ids: list[str]) -> list[tuple[CaseEvent, ...]]:
        found = await self._services.cases.events_of(case_ids)
        return [found[case_id] for case_id in case_ids]

    async def _fees(self, case_ids: list[str]) -> list[tuple[FeeOrder, ...]]:
        found = await self._services.fees.orders_of_cases(case_ids)
        return [found[case_id] for case_id in case_ids]

    async def _refunds(self, numbers: list[str]) -> list[tuple[Refund, ...]]:
        found = await self._services.fee_services.refunds.of_orders(numbers)
        return [found[number] for number in numbers]

    async def _receipts(self, numbers: list[str]) -> list[tuple[FeeReceipt, ...]]:
        found = await self._services.fee_services.receipts.of_orders(numbers)
        return [found[number] for number in numbers]

    async def _sub_cases(self, cases: list[CaseKey]) -> list[tuple[SubCaseView, ...]]:
        found = await self._services.joint.of_cases(cases)
        return [found[case_id] for case_id, _, _ in cases]

    async def _ratings(self, case_ids: list[str]) -> list[Rating | None]:
        found = await self._services.ratings.ratings_of(case_ids)
        return [found.get(case_id) for case_id in case_ids]

    async def _due_dates(self, case_ids: list[str]) -> list[DueDates]:
        found = await self._services.time.cases.due_dates(case_ids)
        return [found.get(case_id, DueDates()) for case_id in case_ids]

    async def _notices(self, ids: list[int]) -> list[tuple[Proof, ...]]:
        found = await self._services.notices.proofs.of_notices(ids)
        return [found[each] for each in ids]

    async def _summaries(self, item_codes: list[str]) -> list[RatingSummary]:
        found = await self._services.ratings.summaries(item_codes)
        return [found[code] for code in item_codes]

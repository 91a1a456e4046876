"""One case from its filing to its stars, by a citizen who tries again whenever something is away.

What a citizen's app may repeat it repeats, with the same idempotency key. What cannot be repeated safely
is read back instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp

from hub.demo.client import Answered
from hub.demo.connectors import publish_connector
from hub.demo.processes import Stopwatch
from hub.demo.road import Road, StepFailed
from hub.demo.stack import SIXTH
from hub.demo.steps.case import FORM, ITEM, SUBMIT
from hub.demo.steps.query import GATHERED, held_by_departments
from hub.demo.steps.rating import RATE

PATIENCE_SECONDS = 90.0
AWAY = (aiohttp.ClientError, TimeoutError, ValueError, Answered, StepFailed)
"""What a client sees of a part that died; anything else ends the journey at once."""
LICENCES = "{ me { licences { number } } }"
PAY = """mutation Pay($orders: [ID!]!, $key: String) {
  payFees(orders: $orders, idempotencyKey: $key) { number amountFen payUrl }
}"""
CASE = """query Case($id: ID!) {
  case(id: $id) {
    id receiptNumber state version licenceNumber events { version type } rating { stars }
    fees { number state amountFen settlement { receiptNumber amountFen } }
  }
}"""
RETIRE = "mutation Retire($name: String!) { retireConnector(name: $name) { state } }"
STARS = 5

Found = TypeVar("Found")


async def persist(what: str, attempt: Callable[[], Awaitable[Found | None]]) -> Found:
    """Try until it succeeds with something. Raises :class:`StepFailed` with the last trouble."""
    watch, trouble = Stopwatch(), "nothing came"
    while watch.milliseconds < PATIENCE_SECONDS * 1000:
        try:
            found = await attempt()
        except AWAY as error:
            trouble = f"{type(error).__name__}: {error}"
        else:
            if found is not None:
                return found
        await asyncio.sleep(0.1)
    raise StepFailed(f"{what} did not come about in {PATIENCE_SECONDS:g} s; last: {trouble}")


@dataclass
class Journey:
    """A citizen's walk. ``accepted`` is what the hub has promised: it must be found at the end."""

    road: Road
    key: str = field(default_factory=lambda: uuid4().hex)
    accepted: dict[str, Any] = field(default_factory=dict)

    async def query(self) -> None:
        """Several at once while something dies: each ends, and in the end the whole list is there."""
        await asyncio.gather(*(self._glance() for _ in range(4)))
        await self._whole_list(GATHERED)

    async def submit(self) -> None:
        given = {"itemCode": ITEM, "form": FORM, "idempotencyKey": self.key}

        async def attempt() -> dict[str, Any]:
            answer = await self.road.client.data(SUBMIT, {"input": given}, self.road.token)
            case: dict[str, Any] = answer["submitCase"]
            return case

        self.accepted = await persist("the submission", attempt)

    async def decided(self) -> None:
        await persist("the decision", self._is_decided)

    async def pay(self) -> None:
        fee = (await self.case())["fees"][0]
        variables = {"orders": [fee["number"]], "key": f"{self.key}-payment"}

        async def press() -> bool:
            payment = (await self.road.client.data(PAY, variables, self.road.token))["payFees"]
            status, _, _, _ = await self.road.client.page(payment["payUrl"], {}, follow=False)
            if status != 303:
                raise Answered(f"the cashier's page answered {status}")
            return True

        await persist("the payment", press)

    async def completed(self) -> None:
        await persist("the licence", self._is_completed)

    async def rate(self) -> None:
        variables = {"case": self.accepted["id"], "stars": STARS}

        async def attempt() -> bool:
            answer = await self.road.client.graphql(RATE, variables, self.road.token)
            codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
            # The answer to an earlier try was lost on its way: the stars are there.
            if codes and codes != ["ALREADY_RATED"]:
                raise Answered(str(answer["errors"]))
            return True

        await persist("the rating", attempt)

    async def sixth(self) -> None:
        """The sixth department joins, is seen, and leaves again, so that the next journey begins alike."""
        enrolment = self.road.stack.enrolments[SIXTH]

        async def publish() -> dict[str, Any]:
            return await publish_connector(self.road.client, enrolment, self.road.door(SIXTH))

        async def retire() -> bool:
            token = await self.road.client.client_token(enrolment.client_id, enrolment.client_secret)
            return bool(await self.road.client.data(RETIRE, {"name": SIXTH}, token))

        await persist("the sixth department joins", publish)
        await self._whole_list((*GATHERED, SIXTH))
        await persist("the sixth department leaves", retire)
        await self._whole_list(GATHERED)

    async def case(self) -> dict[str, Any]:
        """The case as the graph tells it, whole."""

        async def attempt() -> dict[str, Any] | None:
            answer = await self.road.client.data(CASE, {"id": self.accepted["id"]}, self.road.token)
            found: dict[str, Any] | None = answer["case"]
            if found is None:
                raise AssertionError(f"the accepted case {self.accepted['receiptNumber']} is lost")
            return found

        return await persist("the case is read", attempt)

    async def _is_decided(self) -> bool | None:
        case = await self.case()
        return True if case["state"] == "APPROVED" and case["fees"] else None

    async def _is_completed(self) -> bool | None:
        case = await self.case()
        settled = all(fee["state"] == "PAID" and fee["settlement"] for fee in case["fees"])
        return True if case["state"] == "COMPLETED" and settled else None

    async def _glance(self) -> None:
        try:
            await self.road.client.graphql(LICENCES, token=self.road.token)
        except AWAY:
            return

    async def _whole_list(self, departments: tuple[str, ...]) -> None:
        async def attempt() -> bool | None:
            expected = await held_by_departments(self.road, departments)
            data = await self.road.client.data(LICENCES, token=self.road.token)
            return True if [each["number"] for each in data["me"]["licences"]] == expected else None

        await persist(f"the whole list of {', '.join(departments)}", attempt)


MOMENTS: Mapping[str, Callable[[Journey], Awaitable[None]]] = {
    "query": Journey.query,
    "case submitted": Journey.submit,
    "case before decision": Journey.decided,
    "fee paying": Journey.pay,
    "licence issuing": Journey.completed,
    "rating": Journey.rate,
    "sixth": Journey.sixth,
}
"""The moments of the road after sign-in, in order; each is done when its coroutine returns."""

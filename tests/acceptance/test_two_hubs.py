"""Any number of hub processes over one database and one broker: what one does, all serve."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.demo.client import HubClient
from hub.demo.connectors import PUBLISH, enrol, registration
from hub.demo.residents import citizen
from hub.demo.sign_in import sign_in_app
from hub.demo.stack import SIXTH, Stack
from hub.demo.steps.case import CHANGED, FORM, ITEM, SUBMIT
from hub.demo.waiting import wait_for
from tests.acceptance.stacks import second_hub, served_demo

pytestmark = [pytest.mark.postgresql, pytest.mark.rabbitmq, pytest.mark.timeout(240)]
LICENCES = "{ me { licences { number } } }"


@pytest.fixture
async def two_hubs(tmp_path: Path) -> AsyncIterator[tuple[Stack, HubClient, HubClient]]:
    """The demo on PostgreSQL and RabbitMQ, and a second hub process beside the first."""
    async with (
        served_demo(tmp_path) as demo,
        second_hub(demo.stack) as url,
        demo.stack.client() as one,
        HubClient(url) as other,
    ):
        yield demo.stack, one, other


async def test_what_one_hub_does_the_other_serves(two_hubs: tuple[Stack, HubClient, HubClient]) -> None:
    """Tokens, cases, events and connectors belong to the hub, not to one of its processes."""
    stack, one, other = two_hubs
    person = citizen()
    token = (await sign_in_app(one, person, stack.places.url("public-security"))).access_token
    states: list[str] = []

    async def follow() -> None:
        async for payload in other.subscribe(CHANGED, {}, token):
            states.append(payload["data"]["caseChanged"]["state"])

    watching = asyncio.create_task(follow())
    before = await other.data(LICENCES, token=token)
    case = (await one.data(SUBMIT, {"input": {"itemCode": ITEM, "form": FORM}}, token))["submitCase"]
    found = await other.data("query Case($id: ID!) { case(id: $id) { receiptNumber } }", {"id": case["id"]}, token)
    assert found["case"]["receiptNumber"] == case["receiptNumber"]
    await wait_for("the decision on the other hub", lambda: _has(states, "APPROVED"), 30)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await _publish_sixth(stack, one)
    more = len(before["me"]["licences"]) + 1

    async def grown() -> bool | None:
        data = await other.data(LICENCES, token=token)
        return True if len(data["me"]["licences"]) >= more else None

    assert await wait_for("the sixth department on the other hub", grown, 10)


async def _has(states: list[str], state: str) -> bool | None:
    return True if state in states else None


async def _publish_sixth(stack: Stack, client: HubClient) -> None:
    await stack.start_department(SIXTH)
    operator = await client.operator_token(stack.places.operator_secret)
    enrolment = await enrol(client, operator, SIXTH)
    token = await client.client_token(enrolment.client_id, enrolment.client_secret)
    given = {"input": registration(SIXTH, stack.places.url(SIXTH))}
    assert (await client.data(PUBLISH, given, token))["publishConnector"]["ok"]

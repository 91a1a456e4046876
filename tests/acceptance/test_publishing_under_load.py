"""A green version is live on all hub processes within two seconds, under load; no request fails, no stream breaks.

Two hubs over one database, 200 requests a second over connections that are kept, live subscriptions on both; then
the same for going back. How long it took is printed, and judged only where it is asked for
(``JIYI_JUDGE_TIME=1``), on a machine that does nothing else.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.demo.client import HubClient
from hub.demo.connectors import PUBLISH, Enrolment, connector_sdl, registration
from hub.demo.residents import residents
from hub.demo.sign_in import sign_in_app
from hub.demo.stack import Stack
from hub.demo.steps.case import FORM, ITEM, SUBMIT
from hub.demo.waiting import wait_for
from tests.acceptance.stacks import second_hub, served_demo

REQUESTS_A_SECOND = 200
CONNECTIONS = 20
EVERY_TWENTIETH = 20
LIVE_WITHIN_SECONDS = 2.0
JUDGES_TIME = os.environ.get("JIYI_JUDGE_TIME") == "1"
DEPARTMENT = "transport"
CHEAP = '{ serviceItem(code: "CA-MARRIAGE-RECORD") { name organisation { name } } }'
THROUGH_THE_DEPARTMENT = "{ me { licences { number issuer { code } } } }"
NEW_FIELD = "{ me { drivingRecord } }"
EXTENSION = """
extend type Citizen {
  drivingRecord: String @connect(source: "api", http: { GET: "/healthz" }, selection: "$.status")
}
"""
ROLLBACK = 'mutation Back($name: String!) { rollbackConnector(name: $name, reason: "tried") { ok } }'
CHANGED = "subscription Changed { caseChanged { receiptNumber state version } }"


@dataclass
class Load:
    """What was asked and how it was answered; ``wrong`` has what no answer may be."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    heard: dict[str, list[str]] = field(default_factory=dict)


@pytest.mark.postgresql
@pytest.mark.rabbitmq
@pytest.mark.timeout(400)
async def test_green_version_is_live_on_two_hubs_under_load_and_gone_again(tmp_path: Path) -> None:
    """What is published while everybody works disturbs nobody."""
    async with AsyncExitStack() as closing:
        demo = await closing.enter_async_context(served_demo(tmp_path))
        url = await closing.enter_async_context(second_hub(demo.stack))
        one = await closing.enter_async_context(demo.stack.client())
        other = await closing.enter_async_context(HubClient(url))
        hubs = (one, other)
        phone = demo.stack.places.url("public-security")
        token = (await sign_in_app(one, residents()[0], phone)).access_token
        load = Load()
        async with _load(hubs, token, load):
            await _calm(load)
            published = await _publish(demo.stack, one)
            live = await _until(hubs, token, is_there=True)
            await _calm(load)
            went_back = await _roll_back(demo.stack, one)
            gone = await _until(hubs, token, is_there=False)
            await _calm(load)
            await _everybody_hears(one, token, load)
    print(
        f"published in {published:.2f} s, live on both after {live:.2f} s more; went back in {went_back:.2f} s,"
        f" gone from both after {gone:.2f} s more; {dict(load.answers)}"
    )
    assert load.wrong == []
    assert load.answers["cheap"] > REQUESTS_A_SECOND
    assert (live < LIVE_WITHIN_SECONDS and gone < LIVE_WITHIN_SECONDS) or not JUDGES_TIME


@asynccontextmanager
async def _load(hubs: tuple[HubClient, ...], token: str, load: Load) -> AsyncIterator[None]:
    """Steady requests to both hubs and subscriptions on both, as long as the block lasts."""
    ends = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for place in range(CONNECTIONS):
            group.create_task(_ask_steadily(hubs[place % 2], token, load, ends))
        for place in range(6):
            stream = f"stream {place} at hub {place % 2 + 1}"
            load.heard[stream] = []
            group.create_task(_follow(hubs[place % 2], token, load, stream, ends))
        try:
            yield
        finally:
            ends.set()


async def _ask_steadily(hub: HubClient, token: str, load: Load, ends: asyncio.Event) -> None:
    """One connection that is kept: a request each tenth of a second, every twentieth through the department."""
    headers = {"Authorization": f"Bearer {token}"}
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:
        due, number = time.monotonic(), 0
        while not ends.is_set():
            number += 1
            kind = "through the department" if number % EVERY_TWENTIETH == 0 else "cheap"
            query = CHEAP if kind == "cheap" else THROUGH_THE_DEPARTMENT
            try:
                async with session.post(
                    f"{hub.base_url}/graphql", json={"query": query}, headers=headers
                ) as answer:
                    text = await answer.text()
                    if answer.status != 200 or "errors" in json.loads(text):
                        load.wrong.append(f"{kind}: {answer.status} {text[:300]}")
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                load.wrong.append(f"{kind}: {type(error).__name__} {error}")
            load.answers[kind] += 1
            due += CONNECTIONS / REQUESTS_A_SECOND
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _follow(hub: HubClient, token: str, load: Load, stream: str, ends: asyncio.Event) -> None:
    """One subscription, begun once: that it ends before the load does is wrong."""

    async def listen() -> None:
        async for payload in hub.subscribe(CHANGED, {}, token):
            if payload.get("errors"):
                load.wrong.append(f"{stream}: {payload['errors']}")
            load.heard[stream].append(payload["data"]["caseChanged"]["receiptNumber"])

    listening = asyncio.create_task(listen())
    over = asyncio.create_task(ends.wait())
    await asyncio.wait((listening, over), return_when=asyncio.FIRST_COMPLETED)
    if not ends.is_set():
        load.wrong.append(f"{stream} ended: {listening.exception()}")
        await over
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def _calm(load: Load) -> None:
    """Two seconds' worth of answers."""
    enough = load.answers.total() + 2 * REQUESTS_A_SECOND

    async def has_enough() -> bool | None:
        return True if load.answers.total() >= enough else None

    await wait_for("the load goes on", has_enough, 60)


async def _publish(stack: Stack, hub: HubClient) -> float:
    """Seconds from the request to the answer, all checks included."""
    began = time.monotonic()
    sdl = connector_sdl(DEPARTMENT) + EXTENSION
    given = {"input": registration(DEPARTMENT, stack.places.url(DEPARTMENT), sdl)}
    answer = await hub.data(PUBLISH, given, await _department_token(stack.enrolments[DEPARTMENT], hub))
    assert answer["publishConnector"]["ok"], answer
    return time.monotonic() - began


async def _roll_back(stack: Stack, hub: HubClient) -> float:
    began = time.monotonic()
    token = await _department_token(stack.enrolments[DEPARTMENT], hub)
    answer = await hub.data(ROLLBACK, {"name": DEPARTMENT}, token)
    assert answer["rollbackConnector"]["ok"], answer
    return time.monotonic() - began


async def _department_token(enrolment: Enrolment, hub: HubClient) -> str:
    return await hub.client_token(enrolment.client_id, enrolment.client_secret)


async def _until(hubs: tuple[HubClient, ...], token: str, *, is_there: bool) -> float:
    """Seconds until all hubs answer with the new field, or do not know it any more."""
    began = time.monotonic()
    await asyncio.gather(*(_until_at(hub, token, is_there=is_there) for hub in hubs))
    return time.monotonic() - began


async def _until_at(hub: HubClient, token: str, *, is_there: bool) -> None:
    async def look() -> bool | None:
        answer: dict[str, Any] = await hub.graphql(NEW_FIELD, token=token)
        found = answer.get("data") == {"me": {"drivingRecord": "ok"}}
        return True if found is is_there else None

    await wait_for(f"the new field {'at' if is_there else 'gone from'} {hub.base_url}", look, 60, 0.05)


async def _everybody_hears(hub: HubClient, token: str, load: Load) -> None:
    """Streams that were open all the time tell what happens afterwards."""
    case = (await hub.data(SUBMIT, {"input": {"itemCode": ITEM, "form": FORM}}, token))["submitCase"]

    async def heard() -> bool | None:
        return True if all(case["receiptNumber"] in each for each in load.heard.values()) else None

    await wait_for("every subscription hears of the new case", heard, 30)

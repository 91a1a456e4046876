"""``make demo HOST=0.0.0.0``: phones and TVs of the network use it over TLS, by the machine's own address."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from hub.demo.client import HubClient
from hub.demo.places import CASHIER, PHONES
from hub.demo.road import Road
from hub.demo.sign_in import sign_in_app
from hub.demo.stack import Stack
from hub.demo.steps.query import GATHERED, held_by_departments
from tests.acceptance.stacks import network_demo
from tests.faults.journey import LICENCES, Journey

pytestmark = [pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with network_demo(tmp_path_factory.mktemp("network")) as started:
        yield started


async def test_a_phone_on_the_network_walks_from_sign_in_to_the_licence(stack: Stack) -> None:
    """The certificate is the demo's own; the code, the cashier's page and the licence are reached from there."""
    base = stack.places.hub_url
    assert base.startswith("https://")
    assert "127.0.0.1" not in base
    async with HubClient(base, stack.certificate) as phone, HubClient(base, stack.certificate) as other:
        road = Road(stack, phone, other, other)
        road.tokens["citizen"] = await sign_in_app(phone, road.person, stack.places.people_url(PHONES))
        answer = await phone.data(LICENCES, token=road.token)
        held = await held_by_departments(road, GATHERED)
        assert [each["number"] for each in answer["me"]["licences"]] == held
        journey = Journey(road)
        await journey.submit()
        await journey.decided()
        await journey.pay()
        await journey.completed()
        payment = (await phone.json(f"{road.door(CASHIER)}/__records"))["payments"][0]
        assert payment["state"] == "paid"
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stranger.get(f"{base}/healthz")


async def test_departments_stay_on_this_machine(stack: Stack) -> None:
    """Only what people open themselves listens on the network."""
    for name in ("transport", "civil-affairs"):
        door = stack.places.people_url(name).replace("https:", "http:")
        async with aiohttp.ClientSession() as stranger:
            with pytest.raises(aiohttp.ClientConnectorError):
                await stranger.get(f"{door}/__records")

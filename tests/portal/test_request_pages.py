"""The pages of durable requests, in a browser without scripts: one's own, and those that an operator resolves."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.demo.browser import Browser
from hub.demo.places import HUB
from hub.demo.residents import citizen, operator
from hub.demo.sign_in import prove_identity, sign_in_app
from hub.demo.waiting import wait_for
from tests.acceptance.stacks import embedded_demo

IDENTITY = "public-security"
CHANGE = 'mutation { changeContactAddress(street: "Blossom Lane 3") { id } }'


@pytest.mark.timeout(300)
async def test_a_person_sees_what_became_of_requests_and_takes_one_back(tmp_path: Path) -> None:
    """While nothing is sent there is a button; once it is done, there is the moment and no button."""
    async with embedded_demo(tmp_path) as demo, demo.stack.client() as client, demo.stack.client() as app:
        stack, browser, person = demo.stack, Browser(client), citizen()
        await stack.processes[HUB].stop()
        await stack.hub(worker=False).start()
        tokens = await sign_in_app(app, person, stack.places.url(IDENTITY))
        page = await browser.open("/portal/sign-in")
        await prove_identity(browser, client, page, person, stack.places.url(IDENTITY), "never:")
        assert "还没有请求" in (await browser.open("/portal/requests")).text
        for _ in range(2):
            await app.data(CHANGE, {}, tokens.access_token)

        page = await browser.open("/portal/requests")
        assert page.text.count("已收到，待发送") == 2
        assert "更改联系地址" in page.text
        form = page.form_with("id")
        page = await browser.open(form.action, form.fields)
        assert (page.text.count("已收到，待发送"), page.text.count("已取消")) == (1, 1)

        await stack.processes[HUB].stop()
        await stack.hub().start()

        async def is_done() -> bool | None:
            return True if "已完成" in (await browser.open("/portal/requests?lang=zh-CN")).text else None

        await wait_for("the request on the page", is_done, 60)
        assert "Take it back" not in (await browser.open("/portal/requests?lang=en")).text


@pytest.mark.timeout(300)
async def test_an_operator_finds_no_unknown_outcomes_and_others_no_page(tmp_path: Path) -> None:
    """The list is for those who can find out."""
    async with embedded_demo(tmp_path) as demo:
        for person, status in ((operator(), 200), (citizen(), 403)):
            async with demo.stack.client() as client:
                browser = Browser(client)
                page = await browser.open("/portal/sign-in")
                await prove_identity(browser, client, page, person, demo.stack.places.url(IDENTITY), "never:")
                page = await browser.open("/operator/requests")
            assert page.status == status
            assert ("没有结果不明的请求" in page.text) == (status == 200)

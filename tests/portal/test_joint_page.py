"""A joint case on its page: filed with one form, each department's part with its state and what it waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.demo.joint.offices import FIRE, office, walk
from hub.demo.residents import stranger
from hub.demo.road import open_road
from tests.acceptance.stacks import embedded_demo
from tests.portal.people import DESKTOP, chromium, open_context, sign_in, wait_for_state

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
FIELDS = ("tradeName", "premises", "areaSquareMetres")


async def test_a_joint_case_shows_each_department_and_what_is_waited_for(tmp_path: Path) -> None:
    """Asked once, followed on one page, which moves by itself; in English too."""
    async with embedded_demo(tmp_path) as demo, open_road(demo.stack) as road, chromium() as browser:
        await walk(road)
        await road.client.json(f"{office(road, FIRE)}/__sub-case-delay", "POST", {"seconds": 6.0})
        page = await (await open_context(browser, DESKTOP)).new_page()
        await sign_in(page, demo.stack, stranger())
        await page.goto(f"{demo.stack.places.hub_url}/portal/items/JT-RESTAURANT/file")
        for name in FIELDS:
            assert await page.locator(f"[name={name}]").count() == 1
        await page.fill("#tradeName", "集贤面馆")
        await page.fill("#premises", "集贤街道集贤里1号")
        await page.fill("#areaSquareMetres", "80")
        await page.click("button[value=check]")
        await page.click("button[value=send]")
        await page.wait_for_url("**/filed")
        await page.goto(page.url.removesuffix("/filed"))

        food = page.locator("[data-sub-case=food]")
        assert await page.locator("#sub-cases li").count() == 5
        assert "等待前序环节" in await food.inner_text()
        assert "消防安全检查" in await food.inner_text()
        assert "征求意见" in await page.locator("[data-sub-case=hygiene]").inner_text()
        await wait_for_state(page, "已批准")
        case = page.url
        await page.goto(f"{demo.stack.places.hub_url}/portal/fees")
        await page.click("button.main")
        await page.wait_for_url("**/pay/**")
        await page.click("button")
        await page.wait_for_url("**/portal/fees")
        await page.goto(case)
        await wait_for_state(page, "已办结")
        assert await page.locator("#sub-cases li[data-state=APPROVED]").count() == 5
        assert "SJ" in await food.inner_text()
        await page.goto(f"{page.url}?lang=en")
        assert "Food permit · Approved" in await page.locator("[data-sub-case=food]").inner_text()

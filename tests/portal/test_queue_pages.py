"""The page of queues and dead letters in a real browser, in both languages, without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from hub.demo.residents import citizen, operator
from hub.demo.stack import Stack
from tests.acceptance.stacks import embedded_demo
from tests.dead_letters import bury
from tests.portal.people import DESKTOP, PHONE, chromium, open_context, prove_identity

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]


@dataclass(frozen=True, slots=True)
class Desk:
    stack: Stack
    browser: Browser
    operators: Any
    """The operator's cookies."""

    @property
    def address(self) -> str:
        return f"{self.stack.places.hub_url}/operator/queues"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with embedded_demo(tmp_path_factory.mktemp("queues")) as demo, chromium() as browser:
        context = await open_context(browser, DESKTOP)
        page = await context.new_page()
        await page.goto(f"{demo.stack.places.hub_url}/operator/queues")
        await prove_identity(page, demo.stack, operator())
        await page.wait_for_url("**/operator/queues")
        made = Desk(demo.stack, browser, await context.storage_state())
        await context.close()
        await bury(_database(demo.stack), "m1", "m2")
        yield made


def _database(stack: Stack) -> str:
    return stack.database_url or f"sqlite:///{stack.places.directory / 'hub.db'}"


async def test_an_operator_reads_why_and_puts_letters_back_with_a_reason(desk: Desk) -> None:
    """Without a reason nothing moves and what was ticked stays ticked."""
    context = await open_context(desk.browser, DESKTOP, storage_state=desk.operators, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(desk.address)
    assert await page.locator("form tbody tr").count() == 2
    row = page.locator("form tbody tr").first
    assert "JY-UNKNOWN" in await row.inner_text()
    assert "jiyi.case.dreamt" in await row.inner_text()
    await row.locator("input[type=checkbox]").check()
    await page.click("form button.main >> nth=-1")
    await page.wait_for_selector("#errors")
    assert await page.locator("form tbody input:checked").count() == 1

    await page.fill("#reason", "部门已修复。Mended.")
    await page.click("form button.main >> nth=-1")
    await page.wait_for_selector("[role=status]")
    await bury(_database(desk.stack), "m1")
    await page.goto(desk.address)
    assert "部门已修复。Mended." in await page.locator("form table").inner_text()
    await context.close()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_page_is_accessible_in_both_languages(
    desk: Desk, language: str, viewport: dict[str, int]
) -> None:
    """No violation of WCAG that axe finds; nothing is wider than a phone."""
    context = await open_context(desk.browser, viewport, storage_state=desk.operators, locale=language)
    page = await context.new_page()
    await page.goto(f"{desk.address}?lang={language}")
    title = {"zh-CN": "队列与死信", "en": "Queues and dead letters"}[language]
    assert title in await page.title()
    assert (await Axe().run(page)).violations_count == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    await context.close()


async def test_a_citizen_is_told_that_it_is_not_theirs(desk: Desk) -> None:
    """And sees no queue."""
    context = await open_context(desk.browser, DESKTOP)
    page = await context.new_page()
    await page.goto(desk.address)
    await prove_identity(page, desk.stack, citizen())
    await page.wait_for_url("**/operator/queues")
    assert await page.locator("table").count() == 0
    await context.close()

"""The pages in a real browser: on a phone, with the keyboard, without scripts, on a TV, and by axe's rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from hub.demo.residents import citizen, operator
from hub.demo.stack import Stack
from tests.acceptance.stacks import embedded_demo
from tests.portal.people import (
    DESKTOP,
    PHONE,
    TELEVISION,
    chromium,
    file_case,
    open_context,
    prove_identity,
    sign_in,
    wait_for_state,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="module")]

PUBLIC = ("/", "/portal/items/CA-MARRIAGE-RECORD", "/sign-in", "/nowhere")
MINE = ("/portal", "/portal/licences", "/portal/fees", "/portal/cases", "/portal/items/CA-MARRIAGE-RECORD/file")


@dataclass(frozen=True, slots=True)
class Office:
    """The running demo, a browser, a case that was filed and approved, and a citizen's cookies.

    Signing in is limited per person, so it is done once.
    """

    stack: Stack
    browser: Browser
    case: str
    cookies: Any

    @property
    def base(self) -> str:
        return self.stack.places.hub_url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    directory: Path = tmp_path_factory.mktemp("office")
    async with embedded_demo(directory) as demo, chromium() as browser:
        context = await open_context(browser, DESKTOP)
        page = await context.new_page()
        await sign_in(page, demo.stack, citizen())
        case = await file_case(page, demo.stack)
        await page.goto(case)
        await wait_for_state(page, "已批准")
        cookies = await context.storage_state()
        await context.close()
        yield Office(demo.stack, browser, case, cookies)


async def _signed_in(office: Office, viewport: dict[str, int], **options: object) -> Page:
    context = await open_context(office.browser, viewport, storage_state=office.cookies, **options)
    return await context.new_page()


async def test_a_case_moves_on_the_screen_by_itself(office: Office) -> None:
    """Filed, accepted, reviewed, approved: nobody reloads the page."""
    page = await _signed_in(office, DESKTOP)
    await page.goto(await file_case(page, office.stack))
    await wait_for_state(page, "已批准")
    assert await page.locator(".timeline li").count() >= 4
    await page.context.close()


async def test_no_page_scrolls_sideways_on_a_small_phone(office: Office) -> None:
    """360 px wide, in both languages, in large text too."""
    page = await _signed_in(office, PHONE)
    too_wide = []
    for path in (*PUBLIC, *MINE, office.case.removeprefix(office.base)):
        for language in ("zh-CN", "en"):
            await page.goto(f"{office.base}{path}?lang={language}")
            if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                too_wide.append(f"{path} {language}")
    assert too_wide == []
    await page.goto(f"{office.base}/portal?lang=zh-CN")
    await page.click("text=适老版")
    assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
    assert not await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    await page.context.close()


async def test_axe_finds_nothing_on_any_page(office: Office) -> None:
    """WCAG rules that a machine can check, on every page, in both languages."""
    page = await _signed_in(office, DESKTOP, bypass_csp=True)
    found = []
    case = office.case.removeprefix(office.base)
    for path in (*PUBLIC, *MINE, case, f"{case}/rate", "/device", "/tv"):
        for language in ("zh-CN", "en"):
            await page.goto(f"{office.base}{path}?lang={language}")
            results = await Axe().run(page)
            found += [f"{path} {language}: {each['id']}" for each in results.response["violations"]]
    assert found == []
    await page.context.close()


async def test_the_operator_page_passes_axe_and_is_closed_to_citizens(office: Office) -> None:
    """The role decides; the page says so clearly."""
    page = await _signed_in(office, DESKTOP)
    answer = await page.goto(f"{office.base}/operator")
    assert answer is not None
    assert answer.status == 403
    await page.context.close()
    context = await open_context(office.browser, DESKTOP, bypass_csp=True)
    page = await context.new_page()
    await page.goto(f"{office.base}/operator")
    await prove_identity(page, office.stack, operator())
    await page.wait_for_selector("text=civil-affairs.requests")
    results = await Axe().run(page)
    assert [each["id"] for each in results.response["violations"]] == []
    await context.close()


async def test_everything_can_be_done_without_scripts(office: Office) -> None:
    """Scripts only make it nicer: sign in, file, and see the case."""
    page = await _signed_in(office, DESKTOP, java_script_enabled=False)
    case = await file_case(page, office.stack)
    await page.goto(case)
    assert "受理编号" in await page.content()
    await page.context.close()


async def test_a_mistake_in_a_form_is_named_and_nothing_typed_is_lost(office: Office) -> None:
    """The summary stands on top, leads to the field, and the title says that there is an error."""
    page = await _signed_in(office, DESKTOP)
    await page.goto(f"{office.base}/portal/items/CA-MARRIAGE-RECORD/file")
    await page.fill("#copies", "two")
    await page.fill("#remark", "请尽快")
    await page.click("button[value=check]")
    assert (await page.title()).startswith("错误：")
    assert await page.input_value("#remark") == "请尽快"
    await page.click(".summary a >> nth=0")
    assert await page.evaluate("document.activeElement.id") in {"purpose", "copies"}
    await page.context.close()


async def test_a_page_lets_nothing_in_from_elsewhere(office: Office) -> None:
    """A strict policy on every page, and no request leaves the hub."""
    context = await open_context(office.browser, DESKTOP)
    page = await context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for path in (*PUBLIC, "/tv", "/explorer"):
        answer = await page.goto(f"{office.base}{path}")
        assert answer is not None
        if answer.status == 200:
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self'" in policy
            assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert [url for url in requests if not url.startswith((office.base, "data:", "blob:"))] == []
    await context.close()


async def test_the_tv_is_used_with_arrow_keys_and_enter_alone(office: Office) -> None:
    """One thing is focused always; the phone confirms; Back goes back; nothing is typed."""
    television = await open_context(office.browser, TELEVISION)
    screen = await television.new_page()
    await screen.goto(f"{office.base}/tv")
    assert await screen.evaluate("document.activeElement.matches('.key')")
    await screen.keyboard.press("ArrowRight")
    assert await screen.evaluate("document.activeElement.matches('.key, .card')")
    code = (await screen.text_content(".code") or "").strip()
    phone = await open_context(office.browser, PHONE)
    page = await phone.new_page()
    await page.goto(f"{office.base}/device?user_code={code}")
    await prove_identity(page, office.stack, citizen())
    await page.click("button[value=approve]")
    await screen.wait_for_selector(".cards", timeout=30_000)
    assert await screen.evaluate("document.activeElement.matches('.card')")
    await screen.keyboard.press("Enter")
    await screen.wait_for_selector(".state")
    assert await screen.evaluate("document.activeElement.matches('.key')")
    await screen.keyboard.press("Escape")
    await screen.wait_for_selector(".cards")
    smallest = await screen.evaluate(
        "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.children.length === 0"
        " && e.textContent.trim()).map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 27
    await phone.close()
    await television.close()

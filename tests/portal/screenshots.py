"""``python -m tests.portal.screenshots``: every page in both languages, on a phone, a desktop and a TV.

Pictures go to ``screenshots/``; the one of the README to ``docs/images/portal.png``.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page

from hub.demo.residents import citizen, operator
from hub.demo.stack import STAFFED, Stack
from tests.acceptance.stacks import embedded_demo
from tests.docs.links import ROOT
from tests.portal.people import (
    DESKTOP,
    PHONE,
    TELEVISION,
    chromium,
    follow,
    open_context,
    prove_identity,
    sign_in,
    wait_for_state,
)
from tests.portal.roads import BROKEN, ROADS, WITHOUT_LANES

FOLDER = ROOT / "screenshots"
README_PICTURE = ROOT / "docs" / "images" / "portal.png"
LANGUAGES = ("zh-CN", "en")
ITEM = "/portal/items/CA-MARRIAGE-RECORD"


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        async with embedded_demo(Path(directory)) as demo, chromium() as browser:
            case = await _portal(browser, demo.stack, "desktop", DESKTOP)
            await _portal(browser, demo.stack, "phone", PHONE, case)
            await _operator(browser, demo.stack)
            roads = await _registry(browser, demo.stack, "desktop", DESKTOP)
            await _registry(browser, demo.stack, "phone", PHONE, roads)
            await _television(browser, demo.stack)
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.name}/\n")


async def _portal(
    browser: Browser, stack: Stack, name: str, viewport: dict[str, int], case: str | None = None
) -> str:
    context = await open_context(browser, viewport)
    page = await context.new_page()
    base = stack.places.hub_url
    await _both(page, f"{base}/portal/sign-in", f"{name}-sign-in")
    await sign_in(page, stack, citizen())
    if case is None:
        case = await _finished_case(page, stack)
    pages = {
        "home": "/",
        "item": ITEM,
        "file": f"{ITEM}/file",
        "overview": "/portal",
        "licences": "/portal/licences",
        "fees": "/portal/fees",
        "cases": "/portal/cases",
        "case": case.removeprefix(base),
        "filed": f"{case.removeprefix(base)}/filed",
        "rate": f"{case.removeprefix(base)}/rate",
        "device": "/device",
        "not-found": "/portal/cases/nothing",
    }
    for title, path in pages.items():
        await _both(page, f"{base}{path}", f"{name}-{title}")
    if name == "desktop":
        await page.goto(f"{base}/portal?lang=zh-CN")
        await page.screenshot(path=README_PICTURE)
    await context.close()
    return case


async def _finished_case(page: Page, stack: Stack) -> str:
    """Filed, decided, paid, completed; with pictures of what is seen only on the way."""
    base = stack.places.hub_url
    await page.goto(f"{base}{ITEM}/file")
    await follow(page, "button[value=check]")
    await page.screenshot(path=FOLDER / "desktop-file-mistakes-zh-CN.png", full_page=True)
    for language in reversed(LANGUAGES):
        await page.goto(f"{base}{ITEM}/file?lang={language}")
        await page.select_option("#purpose", "loan")
        await page.fill("#copies", "1")
        await follow(page, "button[value=check]")
        await page.screenshot(path=FOLDER / f"desktop-file-check-{language}.png", full_page=True)
    await page.click("button[value=send]")
    await page.wait_for_url("**/filed")
    case = page.url.removesuffix("/filed")
    await page.goto(case)
    await wait_for_state(page, "已批准")
    await _both(page, case, "desktop-case-approved")
    await _both(page, f"{base}/portal/fees", "desktop-fees-due")
    await page.click("button.main")
    await page.wait_for_url("**/pay/**")
    await page.screenshot(path=FOLDER / "desktop-cashier.png", full_page=True)
    await follow(page, "button")
    await page.goto(case)
    await wait_for_state(page, "已办结")
    return case


async def _operator(browser: Browser, stack: Stack) -> None:
    context = await open_context(browser, DESKTOP)
    page = await context.new_page()
    await page.goto(f"{stack.places.hub_url}/operator")
    await prove_identity(page, stack, operator())
    await _both(page, f"{stack.places.hub_url}/operator", "desktop-operator")
    await page.goto(f"{stack.places.hub_url}/explorer")
    await page.wait_for_timeout(1500)
    await page.screenshot(path=FOLDER / "desktop-explorer.png")
    await context.close()


async def _registry(
    browser: Browser, stack: Stack, name: str, viewport: dict[str, int], version: str | None = None
) -> str:
    """The pages of a department's staff and of operators, with a second version that takes something away."""
    context = await open_context(browser, viewport)
    page = await context.new_page()
    base = stack.places.hub_url
    await page.goto(f"{base}/department")
    await prove_identity(page, stack, operator())
    if version is None:
        for sdl in (ROADS, WITHOUT_LANES):
            await page.goto(f"{base}/department/register")
            for field, value in {"name": "roads", "department": STAFFED, "url": base, "sdl": sdl}.items():
                await page.fill(f"#{field}", value)
            await follow(page, "button[value=check]")
            await page.screenshot(path=FOLDER / f"{name}-register-checked-zh-CN.png", full_page=True)
            await follow(page, "button[value=publish]")
        version = "/department/connectors/roads/versions/2"
        await page.goto(f"{base}/department/register?connector=roads")
        await page.fill("#sdl", BROKEN)
        await follow(page, "button[value=check]")
        await page.screenshot(path=FOLDER / f"{name}-register-broken-zh-CN.png", full_page=True)
    pages = {
        "department": "/department",
        "connector": "/department/connectors/roads",
        "connector-version": version,
        "connector-rollback": "/department/connectors/roads/actions/rollback?version=1",
        "connector-retire": "/department/connectors/roads/actions/retire",
        "register": "/department/register",
        "supergraphs": "/operator/supergraphs",
        "supergraph": "/operator/supergraphs/6",
        "supergraph-rollback": "/operator/supergraphs/6/rollback",
    }
    for title, path in pages.items():
        await _both(page, f"{base}{path}", f"{name}-{title}")
    await context.close()
    return version


async def _television(browser: Browser, stack: Stack) -> None:
    television = await open_context(browser, TELEVISION)
    screen = await television.new_page()
    await _both(screen, f"{stack.places.hub_url}/tv", "tv-sign-in")
    code = (await screen.text_content(".code") or "").strip()
    phone = await open_context(browser, PHONE)
    page = await phone.new_page()
    await page.goto(f"{stack.places.hub_url}/device?user_code={code}")
    await prove_identity(page, stack, citizen())
    await _both(page, f"{stack.places.hub_url}/device?user_code={code}", "phone-device-confirm")
    await page.click("button[value=approve]")
    await screen.wait_for_selector(".cards", timeout=30_000)
    await _both(screen, f"{stack.places.hub_url}/tv", "tv-cases")
    await screen.click(".card")
    await screen.wait_for_selector(".state")
    await _both(screen, screen.url, "tv-case")
    await phone.close()
    await television.close()


async def _both(page: Page, url: str, name: str) -> None:
    """The page in both languages, whole; it ends in Chinese, as pages begin."""
    await page.goto(url)
    address = page.url
    for language in reversed(LANGUAGES):
        await page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        await page.screenshot(path=FOLDER / f"{name}-{language}.png", full_page=True)


if __name__ == "__main__":
    asyncio.run(main())

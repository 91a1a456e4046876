"""A person in a real browser: sign in by keyboard, file a case, see it decided."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from hub.demo.client import HubClient
from hub.demo.residents import Resident
from hub.demo.sign_in import read_phone
from hub.demo.stack import Stack

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
TELEVISION = {"width": 1920, "height": 1080}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a network of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def open_context(browser: Browser, viewport: dict[str, int], **options: Any) -> BrowserContext:
    """One person's browser. ``bypass_csp`` is for tools that must put a script into the page."""
    size: Any = viewport
    return await browser.new_context(viewport=size, **options)


async def prove_identity(page: Page, stack: Stack, person: Resident) -> None:
    """On the sign-in page: the number, the code off the phone, Enter after each."""
    await page.fill("#id_number", person.id_number)
    await page.press("#id_number", "Enter")
    await page.wait_for_selector("#code")
    async with HubClient(stack.places.hub_url) as client:
        code = await read_phone(client, person, stack.places.url("public-security"))
    await page.fill("#code", code)
    await page.press("#code", "Enter")
    await page.wait_for_load_state()


async def sign_in(page: Page, stack: Stack, person: Resident) -> None:
    """Into the portal, ending at the overview."""
    await page.goto(f"{stack.places.hub_url}/portal/sign-in")
    await prove_identity(page, stack, person)
    await page.wait_for_url("**/portal")


async def file_case(page: Page, stack: Stack) -> str:
    """The marriage record certificate, from the guide to the receipt; the address of the case."""
    await page.goto(f"{stack.places.hub_url}/portal/items/CA-MARRIAGE-RECORD/file")
    await page.select_option("#purpose", "loan")
    await page.fill("#copies", "1")
    await page.click("button[value=check]")
    await page.click("button[value=send]")
    await page.wait_for_url("**/filed")
    return page.url.removesuffix("/filed")


async def follow(page: Page, selector: str) -> None:
    """Click what leads to another page, and wait until that is there: a click alone does not wait for it."""
    async with page.expect_navigation():
        await page.click(selector)


async def wait_for_state(page: Page, state: str) -> None:
    """Until the open page of a case shows this state, by itself."""
    await page.wait_for_selector(f"#case .tag:has-text('{state}')", timeout=20_000)
